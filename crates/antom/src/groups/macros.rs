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
/// makes `Client::payments()`, which returns `Payments`, whose `pay` calls `antom_core::api::payments::Pay`.
#[allow(unused_macros, reason = "no group may be on")]
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
        pub struct $group<'a>(&'a $crate::Client);

        impl $crate::Client {
            $(#[$meta])*
            #[must_use]
            pub fn $module(&self) -> $group<'_> {
                $group(self)
            }
        }

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
    };
}

#[allow(unused_imports, reason = "no group may be on")]
pub(super) use group;
