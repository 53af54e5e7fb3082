//! What is known, and by what right.
//!
//! A [`Verified`] is bytes with a proof. There is no other way to make one than to verify, and no typed
//! answer or notification comes from anything else.

mod notification;
mod recovered;
mod verified;

pub use notification::NotificationError;
pub use recovered::RecoveredEvent;
pub use verified::{EventId, NotARecovery, Proof, Verified, VerifyInput};
