use core::iter::Peekable;
use std::collections::{BTreeMap, HashMap};

use antom_core::time::UnixTime;

use crate::column::Column;
use crate::decimal::Decimal;
use crate::row::Row;

/// What a record of one's own is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OursKind {
    /// A payment that was taken.
    Payment,
    /// A capture that was taken.
    Capture,
    /// A refund that was given.
    Refund,
}

/// A record of one's own, of money that moved.
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
    pub currency: String,
    /// When it moved.
    pub at: Option<UnixTime>,
}

/// A row of a report, as much of it as is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theirs {
    /// The kind, as the report writes it.
    pub kind: String,
    /// The merchant's id.
    pub request_id: String,
    /// The gateway's id.
    pub transaction_id: String,
    /// The amount of the transaction, with its sign.
    pub amount: Option<Decimal>,
    /// Its currency.
    pub currency: String,
    /// The file and the line.
    pub place: (String, u64),
}

impl Theirs {
    /// What is kept of a row.
    #[must_use]
    pub fn of(row: &Row<'_>) -> Self {
        let text = |column| row.text(column).unwrap_or_default().to_owned();
        Self {
            kind: row.kind().to_owned(),
            request_id: text(Column::TransactionRequestId),
            transaction_id: text(Column::TransactionId),
            amount: row.transaction_amount(),
            currency: text(Column::TransactionCurrency),
            place: (row.file().to_owned(), row.line()),
        }
    }

    fn expects(&self) -> Option<OursKind> {
        Some(match self.kind.to_ascii_uppercase().as_str() {
            "PAYMENT" => OursKind::Payment,
            "CAPTURE" => OursKind::Capture,
            "REFUND" => OursKind::Refund,
            _ => return None,
        })
    }
}

/// What comparing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Both say the same.
    Matched,
    /// The amounts differ.
    AmountDiffers,
    /// The currencies differ.
    CurrencyDiffers,
    /// No row of the report is about it.
    OnlyOurs,
    /// It moved after the report's day: it is to be expected in the next one.
    Late,
    /// No record of ours is about it.
    OnlyTheirs,
    /// A fee of the account.
    FeeOnly,
    /// A reserve or collateral, kept back or let go.
    Reserve,
    /// A dispute or its end.
    Dispute,
    /// Money that came back: a reversed payment, a bounced refund.
    Reversal,
    /// An authorization or a cancellation: no money of its own.
    NoMoney,
    /// A kind that this crate does not know.
    Unknown,
}

impl Outcome {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::AmountDiffers => "amount differs",
            Self::CurrencyDiffers => "currency differs",
            Self::OnlyOurs => "only ours",
            Self::Late => "late",
            Self::OnlyTheirs => "only theirs",
            Self::FeeOnly => "fee only",
            Self::Reserve => "reserve",
            Self::Dispute => "dispute",
            Self::Reversal => "reversal",
            Self::NoMoney => "no money",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a person has to look at it.
    #[must_use]
    pub fn needs_a_person(self) -> bool {
        matches!(
            self,
            Self::AmountDiffers
                | Self::CurrencyDiffers
                | Self::OnlyOurs
                | Self::OnlyTheirs
                | Self::Dispute
                | Self::Reversal
                | Self::Unknown
        )
    }
}

/// One line of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it came to.
    pub outcome: Outcome,
    /// Our side.
    pub ours: Option<Ours>,
    /// Their side.
    pub theirs: Option<Theirs>,
}

/// Counts and sums of a result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many of each.
    pub counts: BTreeMap<Outcome, u64>,
    /// What matched, by currency: payments and captures less refunds.
    pub matched: BTreeMap<String, Decimal>,
}

impl Totals {
    /// Whether a person has to look at anything.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.counts.keys().any(|outcome| outcome.needs_a_person())
    }

    fn count(&mut self, difference: &Difference) {
        *self.counts.entry(difference.outcome).or_default() += 1;
        if let (Outcome::Matched, Some(ours)) = (difference.outcome, &difference.ours) {
            let sum = self.matched.entry(ours.currency.clone()).or_default();
            *sum = match ours.kind {
                OursKind::Refund => sum.minus(ours.amount),
                _ => sum.plus(ours.amount),
            };
        }
    }
}

/// Compares. `ours` comes sorted by kind and request id, as a store's scan gives it, and is not held in memory;
/// what did not meet by request id meets by transaction id. `until` is the end of the report's day: what moved
/// later is late, not missing. `tell` is told of every line.
///
/// # Errors
///
/// The first error of `ours`.
pub fn reconcile<E>(
    theirs: Vec<Theirs>,
    ours: impl IntoIterator<Item = Result<Ours, E>>,
    until: Option<UnixTime>,
    mut tell: impl FnMut(Difference),
) -> Result<Totals, E> {
    let mut join = Join::new(theirs, until, &mut tell);
    for record in ours {
        join.ours(record?, &mut tell);
    }
    Ok(join.end(&mut tell))
}

/// The comparison of a report's rows with records that come one after another: [`reconcile`] for callers whose
/// records do not come from an iterator.
#[derive(Debug)]
pub struct Join {
    rows: Peekable<std::vec::IntoIter<Theirs>>,
    until: Option<UnixTime>,
    lonely_ours: Vec<Ours>,
    lonely_theirs: Vec<Theirs>,
    totals: Totals,
}

impl Join {
    /// Begins with the rows; tells those that no record of ours can stand against.
    pub fn new(mut theirs: Vec<Theirs>, until: Option<UnixTime>, tell: &mut impl FnMut(Difference)) -> Self {
        theirs.sort_by(|a, b| (a.expects(), &a.request_id).cmp(&(b.expects(), &b.request_id)));
        let split = theirs.partition_point(|row| row.expects().is_none());
        let rows = theirs.split_off(split).into_iter().peekable();
        let (lonely_ours, lonely_theirs) = (Vec::new(), Vec::new());
        let mut join = Self { rows, until, lonely_ours, lonely_theirs, totals: Totals::default() };
        for row in theirs {
            join.say(Difference { outcome: other(&row), ours: None, theirs: Some(row) }, tell);
        }
        join
    }

    fn say(&mut self, difference: Difference, tell: &mut impl FnMut(Difference)) {
        self.totals.count(&difference);
        tell(difference);
    }

    /// Takes the next record. They come sorted by kind and request id.
    pub fn ours(&mut self, record: Ours, tell: &mut impl FnMut(Difference)) {
        let key = (Some(record.kind), record.request_id.as_str());
        while let Some(row) = self.rows.next_if(|row| (row.expects(), row.request_id.as_str()) < key) {
            self.lonely_theirs.push(row);
        }
        match self.rows.next_if(|row| (row.expects(), row.request_id.as_str()) == key) {
            Some(row) => self.say(meet(record, row), tell),
            None => self.lonely_ours.push(record),
        }
    }

    /// Ends it: what did not meet by request id meets by transaction id, or is told to be alone.
    pub fn end(mut self, tell: &mut impl FnMut(Difference)) -> Totals {
        let mut lonely = core::mem::take(&mut self.lonely_theirs);
        lonely.extend(self.rows.by_ref());
        let only = |row| Difference { outcome: Outcome::OnlyTheirs, ours: None, theirs: Some(row) };
        // By the gateway's id, which a current file gives for the payment and an older one for the object itself.
        let mut by_id: HashMap<(OursKind, String), Theirs> = HashMap::new();
        for row in lonely {
            let key = row.expects().filter(|_| !row.transaction_id.is_empty() && row.request_id.is_empty());
            match key.map(|kind| (kind, row.transaction_id.clone())) {
                Some(key) if !by_id.contains_key(&key) => {
                    by_id.insert(key, row);
                }
                _ => self.say(only(row), tell),
            }
        }
        for record in core::mem::take(&mut self.lonely_ours) {
            let found = record.transaction_id.clone().and_then(|id| by_id.remove(&(record.kind, id)));
            let difference = match found {
                Some(row) => meet(record, row),
                None => {
                    let late = record.at.zip(self.until).is_some_and(|(at, until)| at >= until);
                    let outcome = if late { Outcome::Late } else { Outcome::OnlyOurs };
                    Difference { outcome, ours: Some(record), theirs: None }
                }
            };
            self.say(difference, tell);
        }
        let mut left: Vec<Theirs> = by_id.into_values().collect();
        left.sort_by(|a, b| a.place.cmp(&b.place));
        for row in left {
            self.say(only(row), tell);
        }
        self.totals
    }
}

fn meet(ours: Ours, theirs: Theirs) -> Difference {
    // Payments and captures bring money, refunds take it: an amount of the other sign is another amount.
    let signed = |amount: Decimal| match ours.kind {
        OursKind::Refund => Decimal::ZERO.minus(amount),
        _ => amount,
    };
    let outcome = match theirs.amount {
        _ if ours.currency != theirs.currency => Outcome::CurrencyDiffers,
        Some(amount) if signed(amount) == ours.amount => Outcome::Matched,
        _ => Outcome::AmountDiffers,
    };
    Difference { outcome, ours: Some(ours), theirs: Some(theirs) }
}

/// What a row is that no record of ours stands against.
fn other(row: &Theirs) -> Outcome {
    match row.kind.to_ascii_uppercase().as_str() {
        "SETTLEMENT_FEE" | "ADJUSTMENT_FEE" => Outcome::FeeOnly,
        "RESERVE"
        | "RESERVE_WITHHOLDING"
        | "RESERVE_RELEASED"
        | "RESERVE_RELEASE"
        | "COLLATERAL_WITHHELD"
        | "COLLATERAL_WITHHOLDING"
        | "COLLATERAL_RELEASED"
        | "COLLATERAL_RELEASE" => Outcome::Reserve,
        "DISPUTE" | "DISPUTE_REVERSAL" | "RAPID_DISPUTE_RESOLUTION" | "CDRN" => Outcome::Dispute,
        "PAYMENT_REVERSAL" | "REFUND_REVERSAL" => Outcome::Reversal,
        "AUTHORIZATION" | "CANCEL" | "VOID" => Outcome::NoMoney,
        _ => Outcome::Unknown,
    }
}
