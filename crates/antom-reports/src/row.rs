use std::sync::Arc;

use antom_core::money::Currency;

use crate::column::{Column, FEES, Fee};
use crate::decimal::Decimal;
use crate::kind::RowKind;
use crate::layout::Layout;
use crate::reader::BadCell;
use crate::record::Text;

/// A row of a report, as it stands in the reader: take out of it what is to be kept.
///
/// ```
/// use antom_reports::{Column, Reader, RowKind};
/// # const FILE: &str = "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
/// # transactionCurrency,settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency,note\n\
/// # B1,PAYMENT,T1,PAY-1,10.50,EUR,10.20,EUR,-0.30,EUR,gift\n<END>\n";
///
/// let mut reader = Reader::new("settlementItems_20260301_000.csv", FILE.as_bytes())?;
/// let row = reader.next_row()?.expect("one row");
/// assert_eq!((row.file(), row.line()), ("settlementItems_20260301_000.csv", 2));
/// assert_eq!((row.kind(), row.known_kind()), ("PAYMENT", Some(RowKind::Payment)));
/// assert_eq!(row.text(Column::TransactionRequestId), Some("PAY-1"));
/// assert_eq!(row.currency(Column::TransactionCurrency).unwrap().as_str(), "EUR");
/// assert_eq!(row.transaction_amount().unwrap().to_string(), "10.50");
/// assert_eq!(row.settlement_amount().unwrap().to_string(), "10.20");
/// // No other currency, no rate, no count; one fee, signed as it is written.
/// assert!(row.converted_amount().is_none() && row.quote_price().is_none() && row.count().is_none());
/// let fees: Vec<String> = row.fees().map(|(_, amount, _)| amount.to_string()).collect();
/// assert_eq!(fees, ["-0.30"]);
/// // A column of tomorrow is not lost.
/// assert_eq!(row.unknown("note"), Some("gift"));
/// assert_eq!(row.unknown_cells().count(), 1);
/// assert!(row.bad_cells().is_empty());
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug)]
pub struct Row<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) record: Text<'a>,
    pub(crate) amounts: &'a Amounts,
    pub(crate) bad: &'a [BadCell],
    pub(crate) file: &'a Arc<str>,
    pub(crate) line: u64,
}

/// The numbers of a row, read once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Amounts {
    pub(crate) transaction: Option<Decimal>,
    pub(crate) converted: Option<Decimal>,
    pub(crate) settlement: Option<Decimal>,
    pub(crate) kind: Option<RowKind>,
    /// The decimals of the settlement's currency.
    pub(crate) decimals: Option<u8>,
    pub(crate) price: Option<Decimal>,
    pub(crate) count: Option<u64>,
    pub(crate) fees: [Option<Decimal>; FEES.len()],
}

impl<'a> Row<'a> {
    /// The file.
    #[must_use]
    pub fn file(&self) -> &'a str {
        self.file
    }

    /// The line, counted from 1 with the header.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The cells that cannot be read. What stands in them is nothing here, never zero.
    #[must_use]
    pub fn bad_cells(&self) -> &'a [BadCell] {
        self.bad
    }

    /// The text of a cell; nothing for an empty one, `null` and `none`.
    #[must_use]
    #[inline]
    pub fn text(&self, column: Column) -> Option<&'a str> {
        self.layout.place(column).and_then(|at| self.record.get(at)).and_then(value)
    }

    /// The text of a cell under a name that this crate does not know.
    #[must_use]
    pub fn unknown(&self, name: &str) -> Option<&'a str> {
        let (_, at) = self.layout.unknown.iter().find(|(known, _)| known == name)?;
        self.record.get(*at).and_then(value)
    }

    /// The cells of columns that this crate does not know, with their names.
    pub fn unknown_cells(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let record = self.record;
        self.layout
            .unknown
            .iter()
            .filter_map(move |(name, at)| Some((name.as_str(), value(record.get(*at)?)?)))
    }

    /// The kind of the row, as it stands there; `summaryType` in a summary.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.text(Column::TransactionType).or_else(|| self.text(Column::SummaryType)).unwrap_or("")
    }

    /// The same as a kind that this crate knows; `None` where nothing stands.
    #[must_use]
    pub fn known_kind(&self) -> Option<RowKind> {
        self.amounts.kind
    }

    /// A currency.
    #[must_use]
    pub fn currency(&self, column: Column) -> Option<Currency> {
        self.text(column).map(Currency::from)
    }

    /// The amount of the transaction, with its sign.
    #[must_use]
    pub fn transaction_amount(&self) -> Option<Decimal> {
        self.amounts.transaction
    }

    /// The same in the settlement's currency, where the file has it.
    #[must_use]
    pub fn converted_amount(&self) -> Option<Decimal> {
        self.amounts.converted
    }

    /// What the merchant gets, or gives.
    #[must_use]
    pub fn settlement_amount(&self) -> Option<Decimal> {
        self.amounts.settlement
    }

    /// The exchange rate.
    #[must_use]
    pub fn quote_price(&self) -> Option<Decimal> {
        self.amounts.price
    }

    /// How many rows a line of a summary sums up.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.amounts.count
    }

    /// The fees that have an amount, signed as they are written.
    pub fn fees(&self) -> impl Iterator<Item = (&'static Fee, Decimal, Option<&'a str>)> {
        let (record, amounts) = (self.record, self.amounts);
        self.layout.fees.iter().filter_map(move |place| {
            let amount = amounts.fees.get(place.fee).copied().flatten()?;
            let currency = place.currency.and_then(|at| record.get(at)).and_then(value);
            Some((FEES.get(place.fee)?, amount, currency))
        })
    }
}

/// What a cell says; nothing where it says that there is nothing.
#[inline]
pub(crate) fn value(cell: &str) -> Option<&str> {
    match cell.as_bytes() {
        [] => None,
        // Most cells have no blanks around them, and are not four letters long.
        [first, .., last] if *first > b' ' && *last > b' ' && cell.len() != 4 => Some(cell),
        _ => careful(cell),
    }
}

#[cold]
fn careful(cell: &str) -> Option<&str> {
    let text = cell.trim();
    let nothing = text.is_empty() || text.eq_ignore_ascii_case("null") || text.eq_ignore_ascii_case("none");
    (!nothing).then_some(text)
}
