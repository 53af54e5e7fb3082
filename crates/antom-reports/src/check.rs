use std::borrow::Cow;

use antom_core::time::{DateTimeText, UtcOffset};

use crate::batch::{Batch, Batches, MOST_BATCHES, MOST_ID};
use crate::column::Column;
use crate::decimal::Decimal;
use crate::kind::RowKind;
use crate::problem::{Problem, ProblemKind, Shown};
use crate::reader::{Kind, Summary};
use crate::row::Row;

/// The most problems that are kept; their number goes on.
const KEPT: usize = 10_000;

/// Checks rows as they come, and batches at the end. Details and summary may come in any order.
///
/// ```
/// use antom_reports::{Check, Reader};
/// # const FILE: &str = "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
/// # transactionCurrency,settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency,note\n\
/// # B1,PAYMENT,T1,PAY-1,10.50,EUR,10.20,EUR,-0.30,EUR,gift\n<END>\n";
///
/// let mut reader = Reader::new("settlementItems_20260301_000.csv", FILE.as_bytes())?;
/// let mut check = Check::default();
/// while let Some(row) = reader.next_row()? {
///     check.row(&row);
/// }
/// check.end(reader.summary());
/// check.totals(); // Once all files are through.
/// assert!(check.is_clean() && check.count() == 0, "{:?}", check.problems());
/// assert_eq!(check.batches().count(), 1);
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug, Default)]
pub struct Check {
    problems: Vec<Problem>,
    more: u64,
    batches: Batches,
    /// The last transactions, by which a repeat right after is found.
    last: [u64; 16],
    rows: usize,
    has_summary: bool,
    has_details: bool,
}

impl Check {
    /// The problems found, at most ten thousand.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How many were found.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.more.saturating_add(u64::try_from(self.problems.len()).unwrap_or(u64::MAX))
    }

    /// Whether nothing needs a person.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.count() == 0
    }

    /// The batches, by id and currency.
    pub fn batches(&self) -> impl Iterator<Item = (&str, &str, &Batch)> {
        self.batches.iter()
    }

    fn problem(&mut self, file: &str, line: u64, kind: ProblemKind, text: String) {
        if self.problems.len() < KEPT {
            self.problems.push(Problem { file: file.to_owned(), line, kind, text });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Checks a row.
    pub fn row(&mut self, row: &Row<'_>) {
        for cell in row.bad_cells() {
            self.problem(row.file(), row.line(), ProblemKind::Cell, cell.to_string());
        }
        if row.text(Column::SummaryType).is_some() {
            return self.summary_row(row);
        }
        self.has_details = true;
        self.duplicate(row);
        if row.known_kind().is_none() {
            self.missing(row, "transactionType");
        }
        self.sign(row);
        let moves_money = row.known_kind().is_some_and(RowKind::moves_money);
        if moves_money && row.transaction_amount().is_none() && row.bad_cells().is_empty() {
            self.missing(row, "transactionAmountValue");
        }
        let batch = row.text(Column::SettlementBatchId);
        let Some(currency) = row.text(Column::SettlementCurrency) else {
            // Transactions that are not settled yet have none.
            if batch.is_some() {
                self.missing(row, "settlementCurrency");
            }
            return;
        };
        let (Some(settled), Some(decimals)) = (row.settlement_amount(), row.amounts.decimals) else {
            if batch.is_some() && row.bad_cells().is_empty() {
                self.missing(row, "settlementAmountValue");
            }
            return;
        };
        if let Some(id) = batch
            && !self.batches.list(id, currency, row.known_kind().unwrap_or(RowKind::Unknown), settled)
        {
            self.no_batch(row, id);
        }
        self.formula(row, settled, currency, u32::from(decimals));
        self.day(row);
    }

    /// Batches are held until the end, so there is an end to what is held of them.
    #[cold]
    fn no_batch(&mut self, row: &Row<'_>, id: &str) {
        let text = format!(
            "settlementBatchId {}: of ids up to {MOST_ID} bytes and {MOST_BATCHES} batches are added up, this is not",
            Shown(id)
        );
        self.problem(row.file(), row.line(), ProblemKind::Total, text);
    }

    fn missing(&mut self, row: &Row<'_>, column: &str) {
        self.problem(row.file(), row.line(), ProblemKind::Missing, format!("{column} is empty"));
    }

    /// Settlement = gross + fees, half to even at the currency's decimals, two smallest units apart at most.
    fn formula(&mut self, row: &Row<'_>, settled: Decimal, currency: &str, decimals: u32) {
        let mut fees = Decimal::ZERO;
        for (fee, amount, fee_currency) in row.fees() {
            if !amount.is_zero() && fee_currency.is_some_and(|name| !same(name, currency)) {
                let own = Shown(fee_currency.unwrap_or_default());
                let text = format!("{} is in {own}, the settlement in {currency}", fee.amount);
                self.problem(row.file(), row.line(), ProblemKind::FeeCurrency, text);
                return;
            }
            fees = fees.plus(amount);
        }
        let Some(amount) = row.transaction_amount() else { return };
        // Fees of the account, reserves and collateral stand outside the formula.
        if amount.is_zero() && fees.is_zero() && !row.known_kind().is_some_and(RowKind::moves_money) {
            return;
        }
        let tolerance = Decimal::new(2, decimals);
        let Some(gross) = gross(row, amount, currency, decimals) else {
            let text = "the currencies differ, and no exchange rate leads from one to the other".to_owned();
            return self.problem(row.file(), row.line(), ProblemKind::Conversion, text);
        };
        if let Some(converted) = row.converted_amount()
            && converted.minus(gross).abs() > tolerance
        {
            let text = format!("the amount at its rate is {gross} {currency}, converted says {converted}");
            self.problem(row.file(), row.line(), ProblemKind::Conversion, text);
        }
        let expected = gross.plus(fees);
        if expected.minus(settled).abs() > tolerance {
            let text =
                format!("gross {gross} and fees {fees} make {expected} {currency}, settled says {settled}");
            self.problem(row.file(), row.line(), ProblemKind::Formula, text);
        }
    }

    fn sign(&mut self, row: &Row<'_>) {
        let Some(amount) = row.transaction_amount() else { return };
        let wrong = if amount.is_negative() {
            matches!(row.known_kind(), Some(RowKind::Payment | RowKind::Capture))
        } else {
            !amount.is_zero() && row.known_kind() == Some(RowKind::Refund)
        };
        if wrong {
            let text = format!("{} of {amount}: the sign is that of the opposite", Shown(row.kind()));
            self.problem(row.file(), row.line(), ProblemKind::Sign, text);
        }
    }

    /// A batch's day ends at midnight of UTC+8.
    fn day(&mut self, row: &Row<'_>) {
        let (Some(done), Some(settled)) =
            (row.text(Column::CompletionTime), row.text(Column::SettlementDate))
        else {
            return;
        };
        // What is no time is a bad cell already.
        if let (Some(done), Some(day)) = (day_of(done), day_of(settled))
            && done > day
        {
            let text = format!("done on {done} in UTC+8, settled on {day}");
            self.problem(row.file(), row.line(), ProblemKind::Day, text);
        }
    }

    /// A row that repeats one of the sixteen before it.
    fn duplicate(&mut self, row: &Row<'_>) {
        let Some(id) = row.text(Column::TransactionId) else { return };
        let (units, scale) = row.settlement_amount().map_or((0, u32::MAX), Decimal::parts);
        let mut hash = Mixed::default();
        hash.text(id);
        hash.text(row.text(Column::TransactionRequestId).unwrap_or_default());
        match row.known_kind() {
            None | Some(RowKind::Unknown) => hash.text(row.kind()),
            Some(kind) => hash.numbers(kind as u64, 0),
        }
        if let Some(status) = row.text(Column::Status) {
            hash.text(status);
        }
        hash.numbers(units as u64, u64::from(scale));
        let hash = hash.0;
        if self.last.contains(&hash) {
            let text = format!("transaction {} stands there twice", Shown(id));
            self.problem(row.file(), row.line(), ProblemKind::Duplicate, text);
        }
        if let Some(oldest) = self.last.get_mut(self.rows % 16) {
            *oldest = hash;
        }
        self.rows = self.rows.wrapping_add(1);
    }

    fn summary_row(&mut self, row: &Row<'_>) {
        self.has_summary = true;
        let (id, currency) = (row.text(Column::SettlementBatchId), row.text(Column::SettlementCurrency));
        let (Some(id), Some(currency)) = (id, currency) else {
            return self.missing(row, "settlementBatchId or settlementCurrency");
        };
        let kind = row.known_kind().unwrap_or(RowKind::Unknown);
        if !self.batches.state(id, currency, kind, row.count(), row.settlement_amount()) {
            self.no_batch(row, id);
        }
    }

    /// Checks a file as a whole, once its rows are through.
    pub fn end(&mut self, summary: &Summary) {
        if !summary.complete {
            let text = format!("no <END> after {} rows: the file was cut off", summary.rows);
            self.problem(&summary.file, 0, ProblemKind::Incomplete, text);
        }
        for (line, what) in &summary.bad_lines {
            self.problem(&summary.file, *line, ProblemKind::Line, (*what).to_owned());
        }
        // A file of details without a row is one that lists nothing, which a summary may contradict.
        match summary.kind {
            Kind::Summary => self.has_summary = true,
            Kind::Settlement => self.has_details = true,
            Kind::Transactions => {}
        }
    }

    /// Compares the batches of the details with those of the summary, once all files are through.
    pub fn totals(&mut self) {
        if !(self.has_summary && self.has_details) {
            return;
        }
        for (kind, text) in self.batches.differences() {
            self.problem("summary", 0, kind, text);
        }
    }
}

/// Whether two texts are the same: three letters each, as those of currencies are, need no call.
#[inline]
fn same(one: &str, other: &str) -> bool {
    match (one.as_bytes(), other.as_bytes()) {
        ([a, b, c], [x, y, z]) => (a, b, c) == (x, y, z),
        _ => one == other,
    }
}

/// The amount in the settlement's currency.
fn gross(row: &Row<'_>, amount: Decimal, currency: &str, decimals: u32) -> Option<Decimal> {
    let own = row.text(Column::TransactionCurrency);
    let pair = row.text(Column::QuotePair).and_then(|pair| pair.split_once('/'));
    match (own, pair, row.quote_price()) {
        (None, ..) => Some(amount),
        (Some(own), ..) if same(own, currency) => Some(amount),
        // Without a pair the amounts are those of one currency, whatever the columns say.
        (_, None, None) => Some(amount),
        (Some(own), Some((left, _)), Some(price)) if own == left => Some(amount.times(price, decimals)),
        (Some(own), Some((_, right)), Some(price)) if own == right => amount.over(price, decimals),
        _ => None,
    }
}

/// A hash of a row's own ids. Nobody gains by making two rows alike: a row that repeats another is what it looks
/// for.
#[derive(Default)]
struct Mixed(u64);

impl Mixed {
    fn numbers(&mut self, one: u64, other: u64) {
        let product =
            u128::from(self.0 ^ one ^ 0x9e37_79b9_7f4a_7c15) * u128::from(other ^ 0xa076_1d64_78bd_642f);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }

    fn text(&mut self, text: &str) {
        let (words, rest) = text.as_bytes().as_chunks();
        let rest = rest.iter().fold(1_u64, |rest, byte| (rest << 8) | u64::from(*byte));
        let (pairs, last) = words.as_chunks::<2>();
        for [one, other] in pairs {
            self.numbers(u64::from_le_bytes(*one), u64::from_le_bytes(*other));
        }
        self.numbers(last.first().map_or(0, |word| u64::from_le_bytes(*word)), rest);
    }
}

/// The day in UTC+8: of a date it is itself.
#[inline]
fn day_of(text: &str) -> Option<Cow<'_, str>> {
    match text.get(..10) {
        Some(date) if text.len() == 10 || text.ends_with("+08:00") => Some(Cow::Borrowed(date)),
        _ => {
            let time = DateTimeText::from(text).instant().ok()?.to_rfc3339_at(UtcOffset::CHINA);
            time.get(..10).map(|date| Cow::Owned(date.to_owned()))
        }
    }
}
