use antom_core::codec::DecodeError;
use antom_core::flow::token::WeakState;
use antom_core::flow::{payment, token};
use antom_core::outcome::CallError;
use antom_core::time::TimeError;
use antom_store::{BodyError, StoreError};

use super::ids::NoRandomness;

/// Why a shop did nothing, or stopped on the way.
///
/// After [`Store`](Self::Store) or [`Contended`](Self::Contended) a call may have been made whose answer is not
/// stored. Nothing is lost by that: its intent was, and a worker finds out what became of it.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, shop};
/// use antom::shop::ShopError;
/// # let shop = shop(&[]);
///
/// # block_on(async {
/// assert!(matches!(shop.orders().get("ORDER-1").await, Err(ShopError::NotFound { what: "order" })));
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShopError {
    /// The client has no client id.
    #[error("a shop needs a client with a client id")]
    NoClientId,
    /// There is no such order or authorization.
    #[error("the store has no {what} with this id")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// The order's state does not allow it.
    #[error("the order refused: {0}")]
    Refused(#[source] payment::Refused),
    /// The authorization's state does not allow it.
    #[error("the authorization refused: {0}")]
    TokenRefused(#[source] token::Refused),
    /// The authorization has no token that pays.
    #[error("this authorization has no token that pays; ask the buyer to authorize again")]
    NoUsableToken,
    /// The request's `paymentExpiryTime` is no time.
    #[error("paymentExpiryTime: {0}")]
    Expiry(#[source] TimeError),
    /// The request cannot be frozen.
    #[error("storing the request: {0}")]
    Body(#[source] BodyError),
    /// The `authState` can be guessed.
    #[error("beginning an authorization: {0}")]
    WeakState(#[source] WeakState),
    /// No id could be made.
    #[error("making an id: {0}")]
    Ids(#[source] NoRandomness),
    /// The request cannot be written or signed; nothing was sent.
    #[error("calling Antom: {0}")]
    Call(#[source] CallError),
    /// A recovered notification cannot be read as the list's entry.
    #[error("reading the list of notifications: {0}")]
    List(#[source] DecodeError),
    /// The list of notifications was not answered with success.
    #[error("fetching the list of notifications: no successful answer ({what})")]
    NoList {
        /// What came instead.
        what: String,
    },
    /// The merchant's program did not take an event.
    #[error("handing an event over failed at try {tries}: {source}; it comes again")]
    NotTaken {
        /// How often it was tried.
        tries: u32,
        /// What the program says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Others wrote to the same row again and again.
    #[error("others changed this row {tries} times in a row; try again later")]
    Contended {
        /// How often.
        tries: u32,
    },
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
}
