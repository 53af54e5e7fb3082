//! What the gateway would refuse, found before anything is sent.
//!
//! Nothing here is done unasked: a request is sent as it is built. [`problems`] walks any message and names
//! everything that is wrong with it at once, each with its JSON pointer and never with a value.
//!
//! ```
//! use antom_core::check::{self, Context, ProblemKind};
//! use antom_core::{Amount, Currency};
//!
//! let rupiah = Amount::new(Currency::IDR, 1050);
//! let problems = check::problems(&rupiah, Context::default());
//! assert_eq!(problems[0].pointer(), "/value");
//! assert!(matches!(problems[0].kind(), ProblemKind::Amount(_)));
//! ```
//!
//! [`Document`] shows JSON text through the table of a type, so that the same rules serve text that cannot
//! be read into the type, and says what else is odd about it.

mod acknowledgement;
mod document;
mod pointer;
mod problem;
mod walk;

#[cfg(test)]
mod tests;

pub use acknowledgement::Acknowledgement;
pub use document::{Document, Finding, FindingKind};
pub use problem::{Problem, ProblemKind};

use alloc::vec::Vec;

use crate::codec::DynMessage;

/// Where buyers enter their card data.
///
/// ```
/// use antom_core::check::{self, CardMode, Context, ProblemKind};
/// use antom_core::preset::{self, Card, Purchase};
/// use antom_core::{Amount, Currency};
///
/// let purchase = Purchase::new("PAY-1", "ORDER-1", "A book", Amount::new(Currency::SGD, 4500));
/// let card = Card::new("4054695723100768", "12", "29");
/// let request = preset::card_server_to_server(purchase, "https://shop.example/back", card);
/// // A merchant that is not qualified must not send card data.
/// let problems = check::problems(&request, Context { cards: CardMode::Hosted, ..Context::default() });
/// assert!(problems.iter().all(|problem| *problem.kind() == ProblemKind::CardData));
/// assert!(!problems.is_empty());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CardMode {
    /// On a page or in an element of Antom: no request may hold card data.
    #[default]
    Hosted,
    /// At the merchant, who is qualified to handle card data (PCI DSS) and sends it in requests.
    ServerToServer,
}

/// What the rules need to know and a request does not say.
///
/// ```
/// use antom_core::check::{CardMode, Context};
/// let context = Context { cards: CardMode::ServerToServer, ..Context::default() };
/// # let _ = context;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Context<'a> {
    /// Where buyers enter their card data.
    pub cards: CardMode,
    /// What was paid with, such as `DANA`: a refund does not say it, and its least amount depends on it.
    pub payment_method: Option<&'a str>,
}

/// Everything that is wrong with a request, in the order of its type; empty if nothing is known to be wrong.
///
/// Checked are required members at every level, lengths in characters, item counts, smallest numbers, amounts
/// (digits, documented currency, step, the payment method's own step and least amount) and that card data is
/// only sent in the server-to-server mode. The gateway knows more rules (contracts, risk), so an empty list is
/// no promise.
#[must_use]
pub fn problems(request: &dyn DynMessage, context: Context<'_>) -> Vec<Problem> {
    walk::walk(request, context)
}
