use antom_core::flow::LoadError;

use crate::body::BodyError;
use crate::cipher::CipherError;
use crate::rows::Subject;

/// Why a store did nothing. A change is written whole or not at all, whatever the error.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW, begun, client_id};
/// use antom_store::{Change, Store, StoreError, Subject};
/// # use antom_core::flow::payment::{Input, NewAttempt, Payment, Plan, Product};
/// # use antom_core::money::{Amount, Currency};
/// # let now = NOW;
/// # let expires = now.saturating_add(std::time::Duration::from_secs(600));
/// # let attempt = NewAttempt::new(client_id(), "PAY-1", Amount::new(Currency::EUR, 500), Product::Cashier, expires);
/// # let turn = Payment::new("ORDER-2", Plan::default()).apply(&Input::Pay(attempt), now).unwrap();
///
/// # block_on(async {
/// # let store = begun().await;
/// // Another order comes with the payment request id of ORDER-1.
/// let refused = store.commit(Change::payment(&turn, None, now)).await;
/// assert!(matches!(refused, Err(StoreError::KeyTaken { owner: Subject::Order(id) }) if id == "ORDER-1"));
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// An id that must be unique belongs to something else.
    #[error("an id of this change belongs to {owner:?} already; request ids are used once per account")]
    KeyTaken {
        /// What has it.
        owner: Subject,
    },
    /// The state has two attempts that may take money.
    #[error("the change was refused: two attempts of one order would be live")]
    TwoLiveAttempts,
    /// A request body was given for an attempt that has none to be stored.
    #[error("a request was given to store that belongs to no replayable attempt of this order")]
    StrayBody,
    /// A request body may not be stored.
    #[error("storing a request failed")]
    Body(#[source] BodyError),
    /// The cipher failed.
    #[error("encrypting or decrypting a row failed")]
    Cipher(#[from] CipherError),
    /// A stored state cannot be read by this version.
    #[error("reading a row failed; it was left as it is")]
    Unreadable(#[source] LoadError),
    /// Another process or transaction holds what is needed.
    #[error("{step} failed: the database is busy; nothing was written, try again")]
    Busy {
        /// What was being done.
        step: &'static str,
    },
    /// There is no room.
    #[error("{step} failed: the disk or the database's limit is full; nothing was written")]
    Full {
        /// What was being done.
        step: &'static str,
    },
    /// The database may not be written to.
    #[error("{step} failed: the database is read-only; nothing was written")]
    ReadOnly {
        /// What was being done.
        step: &'static str,
    },
    /// The connection broke before anything was committed.
    #[error("{step} failed: the connection to the database broke; nothing was written, try again")]
    Disconnected {
        /// What was being done.
        step: &'static str,
    },
    /// The connection broke while the commit was on its way: it was written whole, or not at all. Read the row
    /// to know; the same change with the same revision is refused if it was written.
    #[error("the connection broke while committing; read the row to know whether the change was written")]
    Unknown,
    /// The tables belong to a newer program that this one must not work beside.
    #[error(
        "the tables need a program of table version {min_reader} or newer, this one knows {known}; update it"
    )]
    TooNew {
        /// The oldest version that may work on them.
        min_reader: i64,
        /// The version of this program.
        known: i64,
    },
    /// A URL names no store that this program was built with.
    #[error(
        "the URL names no store of this program; expected sqlite:PATH, postgres://… or memory:, each with its feature"
    )]
    UnknownUrl,
    /// The database failed.
    #[error("{step} failed; nothing was written")]
    Backend {
        /// What was being done.
        step: &'static str,
        /// What the driver says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

#[cfg(feature = "sqlite")]
impl StoreError {
    /// The same failure for somebody else who waited for the same thing.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Busy { step } => Self::Busy { step },
            Self::Full { step } => Self::Full { step },
            Self::ReadOnly { step } => Self::ReadOnly { step },
            Self::Disconnected { step } => Self::Disconnected { step },
            Self::Unknown => Self::Unknown,
            other => Self::Backend { step: "writing to the database", source: other.to_string().into() },
        }
    }
}
