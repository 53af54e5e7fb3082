//! What happened to the money, decided by pure state machines.
//!
//! A machine hears facts with their proof, wishes of the merchant and the time, and answers with its next
//! state, lines for the ledger, and the one thing to do next. It does no I/O and knows no clock.
//!
//! | machine | what it follows |
//! | --- | --- |
//! | [`payment`] | an order and its attempts, with their captures and refunds |
//! | [`token`] | an authorization, and the token it brings |
//!
//! [`Observed`] turns verified notifications into facts; [`Answer`] turns outcomes of calls into facts.

pub mod capture;
mod evidence;
mod fact;
#[cfg(test)]
mod kit;
mod ledger;
mod movement;
pub mod payment;
mod read;
pub mod refund;
#[cfg(feature = "simulation")]
pub mod simulation;
mod stored;
mod timing;
pub mod token;

pub use evidence::{Evidence, Source, Unfit};
pub use fact::{Answer, Card, MovementFact, MovementKind, PaymentFact, Says, Show};
pub use ledger::{EntryKind, LedgerEntry};
pub use movement::{Movement, MovementState};
pub use read::Observed;
pub use stored::LoadError;
