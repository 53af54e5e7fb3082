use std::collections::BTreeMap;

use crate::decimal::Decimal;
use crate::kind::RowKind;
use crate::problem::ProblemKind;

/// The most batches that are added up, and the most bytes of their ids.
pub(crate) const MOST_BATCHES: usize = 10_000;
pub(crate) const MOST_ID: usize = 256;

/// Rows and their sum.
///
/// ```
/// use antom_reports::{Check, Reader, RowKind};
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
/// let (_, _, batch) = check.batches().next().expect("one batch");
/// let listed = batch.listed(RowKind::Payment);
/// assert_eq!((listed.rows, listed.sum.to_string().as_str()), (1, "10.20"));
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed {
    /// How many.
    pub rows: u64,
    /// What they settle together.
    pub sum: Decimal,
}

/// What a summary states of rows.
///
/// ```
/// use antom_reports::{Decimal, Stated};
///
/// // A line of a summary may count without a sum, or the other way.
/// let stated = Stated { rows: Some(1), sum: None };
/// assert_ne!(stated, Stated { rows: Some(1), sum: Some(Decimal::ZERO) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated {
    /// How many, where it counts them.
    pub rows: Option<u64>,
    /// What they settle together, where it says so.
    pub sum: Option<Decimal>,
}

/// A batch in one currency: what the details list and what the summary states, of each kind and of all together.
///
/// ```
/// use antom_reports::{Check, Reader, RowKind};
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
/// let (id, currency, batch) = check.batches().next().expect("one batch");
/// assert_eq!((id, currency), ("B1", "EUR"));
/// assert_eq!(batch.listed(RowKind::Total).rows, 1);
/// assert!(batch.stated(RowKind::Total).is_none(), "no summary was read");
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    kinds: [(Listed, Option<Stated>); RowKind::ALL.len()],
}

impl Batch {
    /// Its rows of a kind in the details; all of them for [`RowKind::Total`].
    #[must_use]
    pub fn listed(&self, kind: RowKind) -> Listed {
        let all = self.kinds.iter().map(|(listed, _)| listed);
        match kind {
            RowKind::Total => all.fold(Listed::default(), |sum, listed| Listed {
                rows: sum.rows + listed.rows,
                sum: sum.sum.plus(listed.sum),
            }),
            _ => all.copied().nth(kind as usize).unwrap_or_default(),
        }
    }

    /// What the summary states of a kind, where it has a line for it.
    #[must_use]
    pub fn stated(&self, kind: RowKind) -> Option<Stated> {
        self.kinds.get(kind as usize).and_then(|(_, stated)| *stated)
    }

    fn list(&mut self, kind: RowKind, settled: Decimal) {
        if let Some((listed, _)) = self.kinds.get_mut(kind as usize) {
            listed.rows += 1;
            listed.sum = listed.sum.plus(settled);
        }
    }

    /// Lines of one kind belong together: there is one for each wallet, and for each kind that is of the same sort.
    fn state(&mut self, kind: RowKind, rows: Option<u64>, sum: Option<Decimal>) {
        let Some((_, stated)) = self.kinds.get_mut(kind as usize) else { return };
        *stated = Some(match *stated {
            None => Stated { rows, sum },
            Some(before) => Stated {
                rows: before.rows.zip(rows).map(|(before, rows)| before.saturating_add(rows)),
                sum: before.sum.zip(sum).map(|(before, sum)| before.plus(sum)),
            },
        });
    }
}

/// The batches of some files. Rows come batch by batch, so the last one is mostly meant.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    all: Vec<((String, String), Batch)>,
    places: BTreeMap<(String, String), usize>,
    last: usize,
}

impl Batches {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str, &Batch)> {
        self.places.iter().filter_map(|((id, currency), at)| {
            Some((id.as_str(), currency.as_str(), self.all.get(*at).map(|(_, batch)| batch)?))
        })
    }

    /// Adds a row of the details; `false` if there is no room for its batch.
    pub(crate) fn list(&mut self, id: &str, currency: &str, kind: RowKind, settled: Decimal) -> bool {
        self.batch(id, currency).map(|batch| batch.list(kind, settled)).is_some()
    }

    /// Adds a line of the summary; `false` if there is no room for its batch.
    pub(crate) fn state(
        &mut self,
        id: &str,
        currency: &str,
        kind: RowKind,
        rows: Option<u64>,
        sum: Option<Decimal>,
    ) -> bool {
        self.batch(id, currency).map(|batch| batch.state(kind, rows, sum)).is_some()
    }

    fn batch(&mut self, id: &str, currency: &str) -> Option<&mut Batch> {
        let is_last = self.all.get(self.last).is_some_and(|((last, own), _)| last == id && own == currency);
        if !is_last {
            self.last = self.find(id, currency)?;
        }
        self.all.get_mut(self.last).map(|(_, batch)| batch)
    }

    #[cold]
    fn find(&mut self, id: &str, currency: &str) -> Option<usize> {
        if id.len() > MOST_ID || currency.len() > MOST_ID {
            return None;
        }
        let key = (id.to_owned(), currency.to_owned());
        if let Some(at) = self.places.get(&key) {
            return Some(*at);
        }
        let at = self.all.len();
        if at >= MOST_BATCHES {
            return None;
        }
        self.places.insert(key.clone(), at);
        self.all.push((key, Batch::default()));
        Some(at)
    }

    /// Where details and summary differ: of the TOTAL, which every batch has, and of each kind that the summary
    /// has a line for.
    pub(crate) fn differences(&self) -> Vec<(ProblemKind, String)> {
        let mut found = Vec::new();
        for (id, currency, batch) in self.iter() {
            for kind in RowKind::ALL {
                let (name, listed) = (kind.word(), batch.listed(*kind));
                let Some(stated) = batch.stated(*kind) else {
                    if *kind == RowKind::Total {
                        found.push((
                            ProblemKind::Total,
                            format!("batch {id} in {currency}: no TOTAL in the summary"),
                        ));
                    }
                    continue;
                };
                // A cent a row, ten at least, as rows are rounded one by one.
                let tolerance = Decimal::new(i128::from(listed.rows).max(10), 2);
                if let Some(sum) = stated.sum
                    && sum.minus(listed.sum).abs() > tolerance
                {
                    let text = format!(
                        "batch {id} in {currency}: {} rows of {name} make {}, the summary says {sum}",
                        listed.rows, listed.sum
                    );
                    found.push((ProblemKind::Total, text));
                }
                if let Some(rows) = stated.rows
                    && rows != listed.rows
                {
                    let text = format!(
                        "batch {id} in {currency}: {} rows of {name}, the summary counts {rows}",
                        listed.rows
                    );
                    found.push((ProblemKind::Count, text));
                }
            }
        }
        found
    }
}
