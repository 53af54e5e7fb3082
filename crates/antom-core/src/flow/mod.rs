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
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{NOW, PAID, sent, verified};
//! use antom_core::flow::payment::{Input, NextStep, PaymentState};
//! use antom_core::flow::{Answer, Observed};
//! # use antom_core::flow::payment::Product;
//! # let (payment, message) = (sent(Product::InStore), verified("/notify", PAID));
//!
//! // The pay call timed out. A notification arrives whose signature holds.
//! let timeout = Input::PayAnswered { request_id: "PAY-1".into(), answer: Answer::Unresolved };
//! let turn = payment.apply(&timeout, NOW)?;
//! assert!(matches!(turn.step, NextStep::Inquire { .. } | NextStep::InquireNotBefore(_)));
//!
//! let fact = Observed::of(&message)?;
//! let turn = turn.next.apply(&Input::noticed(&fact).expect("a payment"), NOW)?;
//! assert!(matches!(turn.next.state(), PaymentState::Paid { .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod capture;
pub mod dispute;
mod evidence;
mod fact;
#[cfg(test)]
mod kit;
mod ledger;
mod method;
mod movement;
pub mod payment;
mod read;
pub mod refund;
mod returned;
#[cfg(feature = "simulation")]
pub mod simulation;
mod stored;
mod timing;
pub mod token;
pub mod worker;

pub use evidence::{Evidence, Source, Unfit};
pub use fact::{AmountFact, Answer, Card, MovementFact, MovementKind, PaymentFact, Says, Show};
pub use ledger::{EntryKind, LedgerEntry};
pub use method::CancelWindow;
pub use movement::{Movement, MovementState};
pub use read::Observed;
pub use returned::Returned;
pub use stored::LoadError;
