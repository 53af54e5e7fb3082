use crate::api::result_codes::{RESULT_CODES, ResultCodeEntry};

/// What to do about a result.
///
/// ```
/// use antom_core::outcome::{Advice, advice, entries};
///
/// assert_eq!(advice("payments/pay", "USER_BALANCE_NOT_ENOUGH", "F"), Advice::AskBuyer);
/// // A code that is in no table follows its status: what is not `S` or `F` is unknown, so ask.
/// assert_eq!(advice("payments/pay", "NEVER_HEARD_OF", "U"), Advice::Inquire);
/// assert_eq!(entries("NEVER_HEARD_OF").count(), 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Nothing: it is done.
    Success,
    /// Ask what became of it, then send the same id again.
    Inquire,
    /// The id was used for something else: inquire about the original.
    InquireOriginal,
    /// Send the buyer to the URL of the answer if there is one, else inquire.
    RedirectOrInquire,
    /// Send the buyer to the URL of the answer.
    RedirectUser,
    /// Send the same request again, later.
    RetrySameRequest,
    /// A new attempt needs a new request id, and only once the old one is proven final.
    NewRequestId,
    /// Correct the request.
    FixParameters,
    /// Correct the set-up: contract, keys, client id, product.
    FixConfiguration,
    /// The buyer's authorization is gone: obtain it again.
    Reauthorize,
    /// The buyer has to do something, or pay in another way.
    AskBuyer,
    /// Only Antom can tell.
    ContactSupport,
    /// Refused for good.
    FinalFailure,
}

/// The catalogue's entries for a code.
///
/// ```
/// use antom_core::outcome::entries;
///
/// // A code may mean one thing for a payment and another for a refund.
/// assert!(entries("PROCESS_FAIL").all(|entry| entry.code == "PROCESS_FAIL"));
/// assert!(entries("PROCESS_FAIL").count() > 0);
/// ```
pub fn entries(code: &str) -> impl Iterator<Item = &'static ResultCodeEntry> {
    let start = RESULT_CODES.partition_point(|entry| entry.code < code);
    RESULT_CODES.get(start..).unwrap_or_default().iter().take_while(move |entry| entry.code == code)
}

/// What to do about a result code of an operation (`payments/pay`) or notification (`notifyPayment`).
///
/// The operation's own entry first, then any entry of that code with the same status; a code that is in no
/// table follows its status: `S` is done, `F` failed for good, anything else is unknown.
///
/// ```
/// use antom_core::outcome::{Advice, advice};
///
/// assert_eq!(advice("payments/pay", "SUCCESS", "S"), Advice::Success);
/// assert_eq!(advice("payments/pay", "NEVER_HEARD_OF", "F"), Advice::FinalFailure);
/// ```
#[must_use]
pub fn advice(operation: &str, code: &str, status: &str) -> Advice {
    let of_status = || entries(code).filter(|entry| entry.status == status);
    of_status()
        .find(|entry| entry.operations.contains(&operation))
        .or_else(|| of_status().next())
        .map_or_else(
            || match status {
                "S" => Advice::Success,
                "F" => Advice::FinalFailure,
                _ => Advice::Inquire,
            },
            |entry| entry.advice,
        )
}
