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
        #[doc = $crate::groups::macros::door!($module, "antom::Client")]
        #[derive(Debug, Clone, Copy)]
        pub struct $group<'a>(pub(crate) &'a $crate::client::Inner<$crate::builder::Async>);

        $crate::groups::macros::group!(
            @door $(#[$meta])* $module: $group,
            $crate::Client = "antom::Client", $crate::ApiKeyClient = "antom::ApiKeyClient"
        );

        impl $group<'_> { $(
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// Nothing was sent. A lost or unproven answer is no error but
            /// [`Outcome::Unresolved`](antom_core::outcome::Outcome::Unresolved).
            #[doc = $crate::groups::macros::call!($module, $method, $request, "async ", "antom::Client", ".await")]
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
            #[doc = $crate::groups::macros::door!($module, "antom::blocking::Client")]
            #[derive(Debug, Clone, Copy)]
            pub struct $group<'a>(pub(crate) &'a $crate::client::Inner<$crate::builder::Blocking>);

            $crate::groups::macros::group!(
                @door $(#[$meta])* $module: $group,
                $crate::blocking::Client = "antom::blocking::Client",
                $crate::blocking::ApiKeyClient = "antom::blocking::ApiKeyClient"
            );

            impl $group<'_> { $(
                $(#[$doc])*
                ///
                /// # Errors
                ///
                /// Nothing was sent. A lost or unproven answer is no error but
                /// [`Outcome::Unresolved`](antom_core::outcome::Outcome::Unresolved).
                #[doc = $crate::groups::macros::call!($module, $method, $request, "", "antom::blocking::Client", "")]
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
    (
        @door $(#[$meta:meta])* $module:ident: $group:ident,
        $client:path = $client_text:literal, $key_client:path = $key_client_text:literal
    ) => {
        impl $client {
            $(#[$meta])*
            #[doc = $crate::groups::macros::door!($module, $client_text)]
            #[must_use]
            pub fn $module(&self) -> $group<'_> {
                $group(&self.inner)
            }
        }

        impl $key_client {
            $(#[$meta])*
            #[doc = $crate::groups::macros::door!($module, $key_client_text)]
            #[must_use]
            pub fn $module(&self) -> $group<'_> {
                $group(&self.inner)
            }
        }
    };
}

/// The example of a group: how a client leads to it.
macro_rules! door {
    ($module:ident, $client:literal) => {
        concat!(
            "\n```no_run\n# fn example(client: &",
            $client,
            ") {\n",
            "let group = client.",
            stringify!($module),
            "();\n",
            "# let _ = group;\n# }\n```",
        )
    };
}

/// The example of a call.
macro_rules! call {
    ($module:ident, $method:ident, $request:ident, $kind:literal, $client:literal, $wait:literal) => {
        concat!(
            "\n```no_run\n# ",
            $kind,
            "fn example(client: ",
            $client,
            ", request: antom::core::api::",
            stringify!($module),
            "::",
            stringify!($request),
            ") -> Result<(), antom::prelude::CallError> {\n",
            "let outcome = client.",
            stringify!($module),
            "().",
            stringify!($method),
            "(&request)",
            $wait,
            "?;\n",
            "# let _ = outcome;\n# Ok(()) }\n```",
        )
    };
}

pub(crate) use {call, door, group};
