use std::collections::BTreeMap;

use crate::decimal::Decimal;
use crate::reconcile::Ours;
use crate::theirs::Theirs;

/// What comparing came to.
///
/// ```
/// use antom_reports::Outcome;
///
/// // What moved after the span is in the next report; what no record knows is for a person.
/// assert!(!Outcome::Late.needs_a_person());
/// assert!(Outcome::OnlyTheirs.needs_a_person());
/// assert_eq!(Outcome::OnlyTheirs.word(), "only theirs");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Both say the same.
    Matched,
    /// The amounts differ.
    AmountDiffers,
    /// The currencies differ.
    CurrencyDiffers,
    /// The gateway's id and the amount are the same, the request ids are not.
    IdDiffers,
    /// No row of the report is about it.
    OnlyOurs,
    /// It moved before the report's span: an earlier report is about it.
    Early,
    /// It moved after the report's span: it is to be expected in the next one.
    Late,
    /// No record of ours is about it.
    OnlyTheirs,
    /// A second row about what a row met already.
    Repeated,
    /// A fee of the account.
    FeeOnly,
    /// A reserve or collateral, kept back or let go.
    Reserve,
    /// A dispute or its end of which nothing is known here.
    Dispute,
    /// Money that came back, a reversed payment or a bounced refund, of which nothing is known here.
    Reversal,
    /// An authorization or a cancellation, or a transaction that failed or is on its way: no money that moved.
    NoMoney,
    /// A kind, or a status, that this crate does not know.
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
            Self::IdDiffers => "request id differs",
            Self::OnlyOurs => "only ours",
            Self::Early => "early",
            Self::Late => "late",
            Self::OnlyTheirs => "only theirs",
            Self::Repeated => "repeated",
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
        match self {
            Self::Matched | Self::Early | Self::Late | Self::FeeOnly | Self::Reserve | Self::NoMoney => false,
            Self::AmountDiffers
            | Self::CurrencyDiffers
            | Self::IdDiffers
            | Self::OnlyOurs
            | Self::OnlyTheirs
            | Self::Repeated
            | Self::Dispute
            | Self::Reversal
            | Self::Unknown => true,
        }
    }
}

/// One line of the result.
///
/// ```
/// use antom_reports::{Difference, Outcome};
///
/// fn line(difference: &Difference) -> String {
///     let id = difference.theirs.as_ref().map_or("nothing of theirs", |theirs| theirs.request_id());
///     format!("{}: {id}", difference.outcome.word())
/// }
/// let difference = Difference { outcome: Outcome::OnlyOurs, ours: None, theirs: None };
/// assert_eq!(line(&difference), "only ours: nothing of theirs");
/// ```
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
///
/// ```
/// use antom_reports::{Outcome, Totals};
///
/// let mut totals = Totals::default();
/// totals.counts.insert(Outcome::Matched, 1_000);
/// assert!(!totals.needs_a_person());
/// totals.counts.insert(Outcome::AmountDiffers, 1);
/// assert!(totals.needs_a_person());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many of each.
    pub counts: BTreeMap<Outcome, u64>,
    /// What moved, by currency.
    pub currencies: BTreeMap<String, Sums>,
}

/// Sums in one currency: payments, captures and what came back, less refunds and disputes.
///
/// ```
/// use antom_reports::{Decimal, Sums};
///
/// let mut sums = Sums::default();
/// sums.ours = Decimal::new(10_00, 2);
/// sums.theirs = Decimal::new(9_50, 2);
/// assert_eq!(sums.ours.minus(sums.theirs).to_string(), "0.50");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Sums {
    /// What matched.
    pub matched: Decimal,
    /// Everything of ours that the report's span holds.
    pub ours: Decimal,
    /// Everything that the report lists, before fees.
    pub theirs: Decimal,
}

impl Totals {
    /// Whether a person has to look at anything.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        self.counts.keys().any(|outcome| outcome.needs_a_person())
    }

    pub(crate) fn count(&mut self, difference: &Difference) {
        let outcome = difference.outcome;
        *self.counts.entry(outcome).or_default() += 1;
        if let Some(ours) = &difference.ours
            && !matches!(outcome, Outcome::Early | Outcome::Late)
        {
            let signed = ours.signed();
            self.add(ours.currency.as_str(), |sums| {
                sums.ours = sums.ours.plus(signed);
                if outcome == Outcome::Matched {
                    sums.matched = sums.matched.plus(signed);
                }
            });
        }
        if let Some(theirs) = &difference.theirs
            && theirs.key().0.is_some()
            && let Some(amount) = theirs.amount()
        {
            self.add(theirs.currency(), |sums| sums.theirs = sums.theirs.plus(amount));
        }
    }

    fn add(&mut self, currency: &str, add: impl FnOnce(&mut Sums)) {
        match self.currencies.get_mut(currency) {
            Some(sums) => add(sums),
            None => {
                let mut sums = Sums::default();
                add(&mut sums);
                self.currencies.insert(currency.to_owned(), sums);
            }
        }
    }
}
