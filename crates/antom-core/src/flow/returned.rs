//! A buyer who comes back from a page.

use alloc::string::String;

use crate::flow::payment::Input;

/// The buyer came back from the cashier, the bank or the wallet to an address of the merchant's.
///
/// Whatever stands in that address was written by the buyer's browser: it is no proof of anything. So this
/// type takes none of it in, and offers one thing only: to go and inquire.
///
/// ```
/// use antom_core::flow::Returned;
/// // The route of the return address names the merchant's own attempt; its query is not even looked at.
/// let input = Returned::to("PAY-1").inquire();
/// # let _ = input;
/// ```
///
/// There is no way from a redirect to a fact:
///
/// ```compile_fail
/// use antom_core::flow::{PaymentFact, Returned};
/// let fact: PaymentFact = Returned::to("PAY-1").into();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the buyer waits for a result page: inquire"]
pub struct Returned {
    request_id: String,
}

impl Returned {
    /// A buyer came back to the page of this attempt.
    pub fn to(request_id: impl Into<String>) -> Self {
        Self { request_id: request_id.into() }
    }

    /// What the payment hears of it. Its answer is an inquiry, or nothing where all is known.
    #[must_use]
    pub fn inquire(self) -> Input {
        Input::BuyerReturned { request_id: self.request_id }
    }
}
