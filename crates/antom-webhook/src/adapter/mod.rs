//! What the adapters of the frameworks share, and the adapters.

mod body;
mod delivery;
mod receiver;
mod sleep;

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "hyper")]
mod hyper;
#[cfg(feature = "tower")]
mod tower;

pub use delivery::Delivery;
pub use receiver::Receiver;
pub use sleep::Sleep;
#[cfg(feature = "tower")]
pub use tower::{WebhookLayer, WebhookService};
