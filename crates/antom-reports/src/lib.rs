//! Reads Antom's settlement and transaction reports exactly, checks them, and reconciles them with records of
//! one's own.
//!
//! ```text
//!  files ─► Reader ─► Row (bad cells named) ─► Check: formula, totals, days
//!                       └────────────────────► Theirs ─► reconcile ◄─ Ours (your records, sorted)
//! ```
//!
//! ```
//! use antom_reports::{Check, Reader};
//!
//! let file = "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
//! transactionCurrency,settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency\n\
//! B1,PAYMENT,T1,PAY-1,10.50,EUR,10.20,EUR,-0.30,EUR\n<END>\n";
//! let mut reader = Reader::new("settlementItems_20260301_000.csv", file.as_bytes())?;
//! let mut check = Check::default();
//! while let Some(row) = reader.next_row()? {
//!     check.row(&row);
//! }
//! check.end(reader.summary());
//! assert!(check.is_clean(), "{:?}", check.problems());
//! # Ok::<(), antom_reports::FileError>(())
//! ```

mod batch;
mod cells;
mod check;
mod column;
mod cut;
mod decimal;
mod files;
mod kind;
mod layout;
mod outcome;
mod problem;
mod reader;
mod reconcile;
mod record;
mod render;
mod row;
mod sorted;
mod theirs;
#[cfg(feature = "xlsx")]
mod xlsx;

pub use batch::{Batch, Listed, Stated};
pub use check::Check;
pub use column::{Column, FEES, Fee};
pub use decimal::Decimal;
pub use files::{Part, SequenceProblem, in_order};
#[cfg(feature = "zip")]
pub use files::{ZipLimits, unzip};
pub use kind::RowKind;
pub use outcome::{Difference, Outcome, Sums, Totals};
pub use problem::{Problem, ProblemKind};
pub use reader::{AmountForm, BadCell, FileError, Kind, Reader, Summary};
pub use reconcile::{Join, Ours, OursKind, Span, reconcile};
pub use render::{CSV_HEAD, csv_row, to_csv, to_html};
pub use row::Row;
pub use theirs::Theirs;
#[cfg(feature = "xlsx")]
pub use xlsx::xlsx;

/// The example of this crate's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
