use std::collections::HashMap;

use antom_core::money::Currency;
use antom_core::time::UnixTime;

use crate::decimal::Decimal;
use crate::kind::RowKind;
use crate::outcome::{Difference, Outcome, Totals};
use crate::sorted::Sorted;
use crate::theirs::{Moved, Theirs};

/// What a record of one's own is of.
///
/// ```
/// use antom_reports::OursKind;
///
/// // Records come sorted by kind, then by request id.
/// assert!(OursKind::Payment < OursKind::Capture && OursKind::Capture < OursKind::Refund);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OursKind {
    /// A payment that was taken.
    Payment,
    /// A capture that was taken.
    Capture,
    /// A refund that was given.
    Refund,
    /// A dispute, whose money is held back; under the request id of its payment.
    Dispute,
    /// A dispute that ended for the merchant; under the request id of its payment.
    DisputeReversal,
    /// A refund that came back; under its own request id.
    RefundReversal,
    /// A payment that was undone; under its own request id.
    PaymentReversal,
}

/// A record of one's own, of money that moved.
///
/// ```
/// use antom_core::money::Currency;
/// use antom_reports::{Decimal, Ours, OursKind};
///
/// let refund = Ours {
///     kind: OursKind::Refund,
///     request_id: "REF-1".into(),
///     transaction_id: None,
///     amount: Decimal::new(500, 2),
///     currency: Currency::EUR,
///     at: None,
///     may_be_absent: false,
/// };
/// assert_eq!(refund.signed().to_string(), "-5.00"); // As a report writes it.
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ours {
    /// What it is of.
    pub kind: OursKind,
    /// Its request id, by which the records are sorted, byte by byte.
    pub request_id: String,
    /// The gateway's id.
    pub transaction_id: Option<String>,
    /// How much, without a sign.
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
    /// When it moved.
    pub at: Option<UnixTime>,
    /// Whether a report need not list it: then nothing is said where no row is about it. So are disputes, whose
    /// money need not move, and refunds that came back, which an earlier report may list.
    pub may_be_absent: bool,
}

impl Ours {
    /// The amount as a report writes it: payments and captures bring money, and what comes back does; refunds and
    /// disputes take it.
    #[must_use]
    pub fn signed(&self) -> Decimal {
        match self.kind {
            OursKind::Refund | OursKind::Dispute => Decimal::ZERO.minus(self.amount),
            _ => self.amount,
        }
    }
}

/// The time that the files are about. A record that no row is about is *early* if it moved before it, and *late*
/// if it moved after it; other files are about those. Without a bound, or without a time, it is *only ours*.
///
/// ```
/// use antom_core::time::UnixTime;
/// use antom_reports::{Decimal, Ours, OursKind, Outcome, Span, reconcile};
/// # use antom_core::money::Currency;
/// # let ours = Ours {
/// #     kind: OursKind::Payment,
/// #     request_id: "PAY-1".into(),
/// #     transaction_id: Some("T1".into()),
/// #     amount: Decimal::new(1050, 2),
/// #     currency: Currency::EUR,
/// #     at: None,
/// #     may_be_absent: false,
/// # };
///
/// // The report of a day has no row about a payment that moved the day after.
/// let midnight = UnixTime::from_secs(1_700_006_400);
/// let late = Ours { at: Some(midnight), ..ours };
/// let span = Span { from: None, until: Some(midnight) };
/// let mut outcomes = Vec::new();
/// reconcile(Vec::new(), [Ok::<_, std::convert::Infallible>(late)], span, |found| outcomes.push(found.outcome))?;
/// assert_eq!(outcomes, [Outcome::Late]);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Its begin.
    pub from: Option<UnixTime>,
    /// Its end, which is no part of it: the begin of the next day.
    pub until: Option<UnixTime>,
}

impl Span {
    /// What a record is that no row is about.
    fn without_row(self, at: Option<UnixTime>) -> Outcome {
        match at {
            Some(at) if self.from.is_some_and(|from| at < from) => Outcome::Early,
            Some(at) if self.until.is_some_and(|until| at >= until) => Outcome::Late,
            _ => Outcome::OnlyOurs,
        }
    }
}

/// Compares. `ours` comes sorted by kind and request id, as a store's scan gives it, and is not held in memory;
/// what did not meet by request id meets by the gateway's id. `tell` is told of every line.
///
/// # Errors
///
/// The first error of `ours`.
///
/// ```
/// use antom_reports::{Decimal, Ours, OursKind, Outcome, Span, Theirs, reconcile};
/// # use antom_core::money::Currency;
/// # let ours = Ours {
/// #     kind: OursKind::Payment,
/// #     request_id: "PAY-1".into(),
/// #     transaction_id: Some("T1".into()),
/// #     amount: Decimal::new(1050, 2),
/// #     currency: Currency::EUR,
/// #     at: None,
/// #     may_be_absent: false,
/// # };
///
/// // A payment of 10.50 EUR here; the report says 10.00.
/// let row = Theirs::new("PAYMENT", "PAY-1", "T1", Some(Decimal::new(1000, 2)), "EUR");
/// let mut differences = Vec::new();
/// let totals = reconcile(vec![row], [Ok::<_, std::convert::Infallible>(ours)], Span::default(), |found| {
///     differences.push(found);
/// })?;
/// assert_eq!(differences[0].outcome, Outcome::AmountDiffers);
/// assert!(totals.needs_a_person());
/// # Ok::<(), std::convert::Infallible>(())
/// ```
pub fn reconcile<E>(
    theirs: Vec<Theirs>,
    ours: impl IntoIterator<Item = Result<Ours, E>>,
    span: Span,
    mut tell: impl FnMut(Difference),
) -> Result<Totals, E> {
    let mut join = Join::new(theirs, span, &mut tell);
    for record in ours {
        join.ours(record?, &mut tell);
    }
    Ok(join.end(&mut tell))
}

/// The comparison of a report's rows with records that come one after another: [`reconcile`] for callers whose
/// records do not come from an iterator.
///
/// ```
/// use antom_reports::{Decimal, Join, Ours, OursKind, Outcome, Span, Theirs};
/// # use antom_core::money::Currency;
/// # let ours = Ours {
/// #     kind: OursKind::Payment,
/// #     request_id: "PAY-1".into(),
/// #     transaction_id: Some("T1".into()),
/// #     amount: Decimal::new(1050, 2),
/// #     currency: Currency::EUR,
/// #     at: None,
/// #     may_be_absent: false,
/// # };
///
/// let row = Theirs::new("PAYMENT", "PAY-1", "T1", Some(Decimal::new(1050, 2)), "EUR");
/// let mut outcomes = Vec::new();
/// let mut tell = |found: antom_reports::Difference| outcomes.push(found.outcome);
/// let mut join = Join::new(vec![row], Span::default(), &mut tell);
/// join.ours(ours, &mut tell); // One after another, such as from pages of a database.
/// let totals = join.end(&mut tell);
/// assert_eq!(outcomes, [Outcome::Matched]);
/// assert_eq!(totals.counts[&Outcome::Matched], 1);
/// ```
#[derive(Debug)]
pub struct Join {
    rows: Sorted,
    span: Span,
    lonely_ours: Vec<Ours>,
    lonely_theirs: Vec<Theirs>,
    /// What a row met while another one about the same followed.
    met: Option<(OursKind, String)>,
    totals: Totals,
}

impl Join {
    /// Begins with the rows; tells those that no record of ours can stand against.
    pub fn new(theirs: Vec<Theirs>, span: Span, tell: &mut impl FnMut(Difference)) -> Self {
        let rows = Sorted::new(theirs);
        let (lonely_ours, lonely_theirs) = (Vec::new(), Vec::new());
        let mut join = Self { rows, span, lonely_ours, lonely_theirs, met: None, totals: Totals::default() };
        while let Some(row) = join.rows.next_if(|row| row.key().0.is_none()) {
            join.say(other(&row), None, Some(row), tell);
        }
        join
    }

    fn say(
        &mut self,
        outcome: Outcome,
        ours: Option<Ours>,
        theirs: Option<Theirs>,
        tell: &mut impl FnMut(Difference),
    ) {
        let difference = Difference { outcome, ours, theirs };
        self.totals.count(&difference);
        tell(difference);
    }

    /// Takes the next record. They come sorted by kind and request id.
    pub fn ours(&mut self, record: Ours, tell: &mut impl FnMut(Difference)) {
        let key = (Some(record.kind), record.request_id.as_str());
        while let Some(row) = self.rows.next_if(|row| row.key() < key) {
            self.passed(row, tell);
        }
        let Some(row) = self.rows.next_if(|row| row.key() == key) else {
            return self.lonely_ours.push(record);
        };
        if self.rows.peek().is_some_and(|row| row.key() == key) {
            self.met = Some((record.kind, record.request_id.clone()));
        }
        self.say(compare(&record, &row), Some(record), Some(row), tell);
    }

    /// Takes a row that no record stood against.
    fn passed(&mut self, row: Theirs, tell: &mut impl FnMut(Difference)) {
        let (kind, id) = row.key();
        match &self.met {
            Some((met, about)) if kind == Some(*met) && about == id => {
                self.say(Outcome::Repeated, None, Some(row), tell);
            }
            _ => self.lonely_theirs.push(row),
        }
    }

    /// Ends it: what did not meet by request id meets by the gateway's id, or is told to be alone.
    pub fn end(mut self, tell: &mut impl FnMut(Difference)) -> Totals {
        while let Some(row) = self.rows.next() {
            self.passed(row, tell);
        }
        let mut rows: Vec<Option<Theirs>> =
            core::mem::take(&mut self.lonely_theirs).into_iter().map(Some).collect();
        let mut by_id: HashMap<(OursKind, String), usize> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            for (kind, id) in row.iter().flat_map(gateway_ids) {
                by_id.entry((kind, id.to_owned())).or_insert(at);
            }
        }
        for record in core::mem::take(&mut self.lonely_ours) {
            let id = record.transaction_id.clone().unwrap_or_default();
            let row = by_id.remove(&(record.kind, id)).and_then(|at| rows.get_mut(at)?.take());
            let outcome = match &row {
                Some(row) => compare(&record, row),
                None if record.may_be_absent => continue,
                None => self.span.without_row(record.at),
            };
            self.say(outcome, Some(record), row, tell);
        }
        let mut rows: Vec<Theirs> = rows.into_iter().flatten().collect();
        rows.sort_by(|a, b| (a.file(), a.line()).cmp(&(b.file(), b.line())));
        for row in rows {
            self.say(alone(&row), None, Some(row), tell);
        }
        self.totals
    }
}

/// The ids that the gateway may know what a row is about by: `transactionId`, which a current file gives for the
/// payment and an older one for the object itself, and for a capture also `transactionRequestId`, which in some
/// files is the capture's id.
fn gateway_ids(row: &Theirs) -> impl Iterator<Item = (OursKind, &str)> {
    let kind = row.key().0;
    let other = (kind == Some(OursKind::Capture)).then(|| row.request_id());
    [Some(row.transaction_id()), other]
        .into_iter()
        .flatten()
        .filter(|id| !id.is_empty())
        .filter_map(move |id| Some((kind?, id)))
}

/// What a record and a row about it come to.
fn compare(ours: &Ours, theirs: &Theirs) -> Outcome {
    let same_id = [Some(ours.request_id.as_str()), ours.transaction_id.as_deref(), Some("")]
        .contains(&Some(theirs.key().1));
    match theirs.amount() {
        _ if ours.currency.as_str() != theirs.currency() => Outcome::CurrencyDiffers,
        // An amount of the other sign is another amount.
        Some(amount) if amount == ours.signed() && same_id => Outcome::Matched,
        Some(amount) if amount == ours.signed() => Outcome::IdDiffers,
        _ => Outcome::AmountDiffers,
    }
}

/// What a row is that no record stood against.
fn alone(row: &Theirs) -> Outcome {
    match row.known_kind() {
        RowKind::Dispute | RowKind::DisputeReversal => Outcome::Dispute,
        RowKind::PaymentReversal | RowKind::RefundReversal => Outcome::Reversal,
        _ => Outcome::OnlyTheirs,
    }
}

/// What a row is that no record can stand against.
fn other(row: &Theirs) -> Outcome {
    match row.known_kind() {
        _ if row.moved() == Moved::No => Outcome::NoMoney,
        _ if row.moved() == Moved::Unknown => Outcome::Unknown,
        RowKind::Fee => Outcome::FeeOnly,
        RowKind::Reserve => Outcome::Reserve,
        RowKind::Resolution => Outcome::Dispute,
        RowKind::Authorization | RowKind::Cancel => Outcome::NoMoney,
        _ => Outcome::Unknown,
    }
}
