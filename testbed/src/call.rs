//! Calls of the merchant, and the names of things.

use antom_core::flow::payment::NextStep;

/// A call to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Call {
    /// The order.
    pub order: u32,
    /// Its attempt, from 0.
    pub attempt: u8,
    /// What is called.
    pub what: What,
}

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// pay.
    Pay,
    /// cancel.
    Cancel,
    /// inquiryPayment.
    Inquire,
    /// capture.
    Capture {
        /// The merchant's number of it.
        number: u8,
        /// How much.
        amount: u64,
        /// Whether it is the last.
        last: bool,
    },
    /// refund.
    Refund {
        /// The merchant's number of it.
        number: u8,
        /// How much.
        amount: u64,
    },
    /// inquiryRefund.
    InquireRefund {
        /// The merchant's number of it.
        number: u8,
    },
}

/// The merchant's id of an order.
#[must_use]
pub fn order_id(order: u32) -> String {
    format!("O-{order}")
}

/// The request id of an attempt.
#[must_use]
pub fn pay_id(order: u32, attempt: u8) -> String {
    format!("P-{order}-{attempt}")
}

/// The gateway's id of a payment.
#[must_use]
pub fn payment_id(order: u32, attempt: u8) -> String {
    format!("G-{order}-{attempt}")
}

/// The request id of a capture (`C`) or refund (`R`), and with `c` and `r` the gateway's ids of them.
#[must_use]
pub fn movement_id(letter: char, order: u32, attempt: u8, number: u8) -> String {
    format!("{letter}-{order}-{attempt}-{number}")
}

/// The numbers in a name.
#[must_use]
pub fn numbers(name: &str) -> (u32, u8, u8) {
    let mut parts = name.split('-').skip(1);
    let order = parts.next().and_then(|text| text.parse().ok()).unwrap_or(u32::MAX);
    let mut small = || parts.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    (order, small(), small())
}

/// The call that a step asks for; `None` for steps that wait.
#[must_use]
pub fn call_of(step: &NextStep) -> Option<Call> {
    let minor = |amount: &antom_core::money::Amount| {
        amount.minor_units().ok().and_then(|minor| u64::try_from(minor).ok()).unwrap_or(0)
    };
    let (name, what) = match step {
        NextStep::Send { request_id } | NextStep::SendAgain { request_id } => (request_id, What::Pay),
        NextStep::Cancel { request_id, .. } => (request_id, What::Cancel),
        NextStep::Inquire { request_id, .. } => (request_id, What::Inquire),
        NextStep::Capture { capture_request_id: id, amount, last, .. } => {
            (id, What::Capture { number: numbers(id).2, amount: minor(amount), last: *last })
        }
        NextStep::Refund { refund_request_id: id, amount, .. } => {
            (id, What::Refund { number: numbers(id).2, amount: minor(amount) })
        }
        NextStep::InquireRefund { refund_request_id: id, .. } => {
            (id, What::InquireRefund { number: numbers(id).2 })
        }
        _ => return None,
    };
    let (order, attempt, _) = numbers(name);
    Some(Call { order, attempt, what })
}
