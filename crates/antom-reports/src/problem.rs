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
