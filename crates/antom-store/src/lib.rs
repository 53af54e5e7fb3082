//! Remembers orders, attempts, the money ledger, tokens, and the notifications that came in.
//!
//! ```text
//!  wish, answer, ─► antom_core::flow ─► Transition ─► Change ─► Store::commit ─► Applied
//!  notification,        (pure)                                  (one transaction)
//!  clock
//! ```
//!
//! There is one way to write, [`Store::commit`]: state, ledger, inbox and outbox change together or not at
//! all, and only if the row still has the revision it was read with. Leases are efficiency, revisions are
//! safety. What was read beside it comes through [`Orders`], [`Grants`], [`Inbox`] and [`Outbox`].
//!
//! A notification is stored before it is acknowledged. One whose order is not known yet is *parked*, and
//! the commit that makes the order known hands it over: whichever of the two commits comes second sees the
//! other, so none is lost between them.
//!
//! ```
//! # #[cfg(feature = "memory")] {
//! use antom_core::flow::payment::{Input, NewAttempt, Payment, Plan, Product};
//! use antom_core::money::{Amount, Currency};
//! use antom_core::signature::ClientId;
//! use antom_core::time::UnixTime;
//! use antom_store::{Applied, Change, MemoryStore, Orders, Store};
//!
//! async fn start(store: &MemoryStore, now: UnixTime) -> Result<(), Box<dyn std::error::Error>> {
//!     let expires = now.saturating_add(core::time::Duration::from_secs(600));
//!     let attempt = NewAttempt::new(
//!         ClientId::new("SANDBOX_5Y0000000000000001")?,
//!         "PAY-1",
//!         Amount::new(Currency::EUR, 1050),
//!         Product::Cashier,
//!         expires,
//!     );
//!     let turn = Payment::new("ORDER-1", Plan::default()).apply(&Input::Pay(attempt), now)?;
//!     let applied = store.commit(Change::payment(&turn, None, now)).await?;
//!     assert!(matches!(applied, Applied::Changed(_)));
//!     // Only now may the step be taken: the intent is stored.
//!     assert!(store.order("ORDER-1").await?.is_some());
//!     Ok(())
//! }
//! # }
//! ```

#[cfg(feature = "aes-gcm")]
mod aes_gcm;
mod body;
mod card;
mod change;
#[cfg(any(feature = "memory", feature = "sqlite", feature = "postgres"))]
mod check;
mod cipher;
mod claimed;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod keys;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod record;
mod rows;
mod run;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod url;

#[cfg(feature = "aes-gcm")]
pub use aes_gcm::{AesGcmCipher, BadKeyId, CipherKey};
pub use body::{BodyError, FrozenBody, StoredMessage};
pub use card::{CardRow, CardState, StoredCard};
pub use change::{Applied, Change, Changed, InboxWrite, Placement, Write};
pub use cipher::{CipherError, Fingerprint, Place, Sealed, TokenCipher};
pub use claimed::Claimed;
pub use error::StoreError;
pub use keys::{Key, KeyName, keys_of_card, keys_of_fact, keys_of_grant, keys_of_payment};
#[cfg(feature = "memory")]
pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresOptions, PostgresStore, StoreClock};
pub use record::{MoneyRecord, RecordKind, RecordState, records_of};
pub use rows::{
    Claim, Event, GrantRow, GrantStats, InboxEntry, InboxKey, InboxRow, InboxStats, LedgerRow, OrderRow,
    OrderStats, OutboxRow, OutboxStats, Rate, RecoveryRow, Revision, Subject,
};
pub use run::{Finding, FindingRow, Run, RunRow};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOptions, SqliteStore};
pub use store::{Backend, Cards, Grants, Inbox, Orders, Outbox, Runs, Shared, Store};
pub use url::open;

/// The example of this crate's README, compiled.
#[cfg(all(doctest, feature = "memory", feature = "aes-gcm"))]
#[doc = include_str!("../README.md")]
struct Readme;
