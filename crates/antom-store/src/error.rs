use antom_core::flow::LoadError;

use crate::body::BodyError;
use crate::cipher::CipherError;
use crate::rows::Subject;

/// Why a store did nothing. A change is written whole or not at all, whatever the error.
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
