/// The most characters of a text from a file that a problem repeats.
const SHOWN: usize = 64;

/// A text from a file, shortened: problems are kept, and what they say is bounded.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl core::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut rest = self.0.char_indices().skip(SHOWN);
        match rest.next() {
            None => f.write_str(self.0),
            Some((end, _)) => write!(f, "{}…", self.0.get(..end).unwrap_or_default()),
        }
    }
}

/// What is wrong, and where.
///
/// ```
/// use antom_reports::{Check, ProblemKind, Reader};
///
/// // A file that was cut off: it has no end.
/// let file = "settlementBatchId,transactionType,transactionId,settlementAmountValue,settlementCurrency,processingFeeAmountValue\n";
/// let mut reader = Reader::new("items.csv", file.as_bytes())?;
/// let mut check = Check::default();
/// while let Some(row) = reader.next_row()? {
///     check.row(&row);
/// }
/// check.end(reader.summary());
/// let problem = &check.problems()[0];
/// assert_eq!((problem.file.as_str(), problem.line, problem.kind), ("items.csv", 0, ProblemKind::Incomplete));
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The line; 0 for the file or the batch as a whole.
    pub line: u64,
    /// What.
    pub kind: ProblemKind,
    /// For a person: what was expected and what is there.
    pub text: String,
}

/// What is wrong.
///
/// ```
/// use antom_reports::{Check, ProblemKind, Reader};
///
/// // 10.50 less 0.30 is not 10.00.
/// let file = "settlementBatchId,transactionType,transactionId,transactionAmountValue,transactionCurrency,\
/// settlementAmountValue,settlementCurrency,processingFeeAmountValue,processingFeeCurrency\n\
/// B1,PAYMENT,T1,10.50,EUR,10.00,EUR,-0.30,EUR\n<END>\n";
/// let mut reader = Reader::new("items.csv", file.as_bytes())?;
/// let mut check = Check::default();
/// while let Some(row) = reader.next_row()? {
///     check.row(&row);
/// }
/// assert_eq!(check.problems()[0].kind, ProblemKind::Formula);
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A file without its end was cut off.
    Incomplete,
    /// A line is wrong as a whole.
    Line,
    /// A cell cannot be read.
    Cell,
    /// A cell that a row needs is empty.
    Missing,
    /// Gross and fees do not make the settlement amount.
    Formula,
    /// The converted amount is not the amount times the rate.
    Conversion,
    /// A fee is in another currency than the settlement.
    FeeCurrency,
    /// A payment takes money, or a refund brings it.
    Sign,
    /// The same transaction stands there twice.
    Duplicate,
    /// The rows of a batch, or those of a kind in it, do not make what the summary states.
    Total,
    /// The rows of a batch, or those of a kind in it, are not as many as the summary says.
    Count,
    /// A transaction was done after the day of its settlement.
    Day,
}
