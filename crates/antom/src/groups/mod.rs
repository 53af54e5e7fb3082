mod macros;

#[cfg(feature = "authorizations")]
mod authorizations;
#[cfg(feature = "payments")]
mod payments;

#[cfg(feature = "authorizations")]
pub use authorizations::Authorizations;
#[cfg(feature = "payments")]
pub use payments::Payments;
