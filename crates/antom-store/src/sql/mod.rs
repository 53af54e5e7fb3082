//! What the databases share: the same tables, the same statements, the same logic over a [`Session`], which
//! is all that a driver has to provide.
//!
//! ```text
//!  Change ─► seal (cipher) ─► SealedChange ─► write (one transaction of a Session) ─► Written
//!  rows of a Session ─► open (cipher) ─► OrderRow, GrantRow, …
//! ```
//!
//! Placeholders are numbered in the order in which they first stand in a statement, which both databases
//! read alike.

mod claim;
mod open;
mod plain;
mod read;
pub(crate) mod schema;
mod seal;
mod session;
mod statements;
mod table;
mod write;

pub(crate) use claim::{admit, claim_events, claim_states, delivered, postpone};
pub(crate) use open::Opener;
pub(crate) use open::{finding, ledger, record};
pub(crate) use read::Reads;
pub(crate) use seal::{digest, seal};
pub(crate) use session::{Batch, Cell, Cells, Ran, Session, Value};
#[cfg(all(test, feature = "sqlite"))]
pub(crate) use statements::all as all_statements;
pub(crate) use table::Table;
#[cfg(feature = "postgres")]
pub(crate) use write::meet;
pub(crate) use write::{Written, write};
