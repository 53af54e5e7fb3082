//! What is known, and by what right.
//!
//! A [`Verified`] is bytes with a proof. There is no other way to make one than to verify, and no typed
//! answer or notification comes from anything else.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{PAID, verified};
//! use antom_core::api::notifications::Notification;
//! # let message = verified("/notify", PAID);
//!
//! // `message` is a notification whose signature held: only now is it read.
//! let notification = message.notification()?;
//! assert!(matches!(notification, Notification::PaymentResult(_)));
//! # Ok::<(), antom_core::fact::NotificationError>(())
//! ```

mod notification;
mod recovered;
mod verified;

pub use notification::NotificationError;
pub use recovered::RecoveredEvent;
pub use verified::{EventId, NotARecovery, Proof, Verified, VerifyInput};
