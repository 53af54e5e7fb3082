/// Declares the typed calls of one API group.
///
/// ```text
/// group! {
///     /// Payments, captures, refunds.
///     payments: Payments {
///         /// Asks for a payment.
///         pay: Pay(PayRequest) -> PayResponse;
///     }
/// }
/// ```
///
/// makes `Client::payments()` and `ApiKeyClient::payments()`, which return `Payments`, whose `pay` calls
/// `antom_core::api::payments::Pay`; and the same for the clients of [`crate::blocking`].
macro_rules! group {
    (
        $(#[$meta:meta])*
        $module:ident: $group:ident { $(
            $(#[$doc:meta])*
            $method:ident: $operation:ident($request:ident) -> $response:ident;
        )* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub struct $group<'a>(pub(crate) &'a $crate::client::Inner<$crate::builder::Async>);

        $crate::groups::macros::group!(@door $(#[$meta])* $module: $group, $crate::Client, $crate::ApiKeyClient);

        impl $group<'_> { $(
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// Nothing was sent. A lost or unproven answer is no error but
            /// [`Outcome::Unresolved`](antom_core::outcome::Outcome::Unresolved).
            pub async fn $method(
                &self,
                request: &antom_core::api::$module::$request,
            ) -> Result<antom_core::outcome::Outcome<antom_core::api::$module::$response>, antom_core::outcome::CallError>
            {
                self.0.call::<antom_core::api::$module::$operation>(request).await
            }
        )* }

        #[cfg(feature = "blocking")]
        pub(super) mod blocking {
            $(#[$meta])*
            #[derive(Debug, Clone, Copy)]
            pub struct $group<'a>(pub(crate) &'a $crate::client::Inner<$crate::builder::Blocking>);

            $crate::groups::macros::group!(
                @door $(#[$meta])* $module: $group, $crate::blocking::Client, $crate::blocking::ApiKeyClient
            );

            impl $group<'_> { $(
                $(#[$doc])*
                ///
                /// # Errors
                ///
                /// Nothing was sent. A lost or unproven answer is no error but
                /// [`Outcome::Unresolved`](antom_core::outcome::Outcome::Unresolved).
                pub fn $method(
                    &self,
                    request: &antom_core::api::$module::$request,
                ) -> Result<antom_core::outcome::Outcome<antom_core::api::$module::$response>, antom_core::outcome::CallError>
                {
                    self.0.call::<antom_core::api::$module::$operation>(request)
                }
            )* }
        }
    };
    (@door $(#[$meta:meta])* $module:ident: $group:ident, $client:path, $key_client:path) => {
        impl $client {
            $(#[$meta])*
            #[must_use]
            pub fn $module(&self) -> $group<'_> {
                $group(&self.inner)
            }
        }

        impl $key_client {
            $(#[$meta])*
            #[must_use]
            pub fn $module(&self) -> $group<'_> {
                $group(&self.inner)
            }
        }
    };
}

pub(crate) use group;
