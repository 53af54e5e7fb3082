use std::fmt;

use super::Case;

/// What came of running the suite; shown as a table.
///
/// ```
/// use antom_transport::{UreqTransport, conformance};
///
/// let one: Vec<_> = conformance::cases().iter().filter(|case| !case.is_optional()).take(1).copied().collect();
/// let report = conformance::run_blocking(&one, |_| UreqTransport::builder().no_proxy().build_loopback());
/// assert!(report.is_passed() && report.is_complete(), "{report}");
/// assert_eq!(report.rows().len(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct Report {
    rows: Vec<Row>,
}

/// One case and what came of it.
///
/// ```
/// use antom_transport::{UreqTransport, conformance};
///
/// let one: Vec<_> = conformance::cases().iter().filter(|case| !case.is_optional()).take(1).copied().collect();
/// let report = conformance::run_blocking(&one, |_| UreqTransport::builder().no_proxy().build_loopback());
/// for conformance::Row { case, verdict } in report.rows() {
///     println!("{}: {verdict}", case.name());
/// }
/// # assert_eq!(report.rows()[0].case.name(), one[0].name());
/// ```
#[derive(Debug, Clone)]
pub struct Row {
    /// The case.
    pub case: Case,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a case.
///
/// ```
/// use antom_transport::conformance::Verdict;
///
/// let verdict = Verdict::Failed("an answer with status 307".into());
/// assert_eq!(verdict.to_string(), "FAILED: an answer with status 307");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// What happened is what is required.
    Passed,
    /// Something else happened.
    Failed(String),
    /// The stack says that it cannot do this, and nothing was sent.
    Unsupported(String),
}

impl Report {
    pub(super) fn new(rows: Vec<Row>) -> Self {
        Self { rows }
    }

    /// All cases in their order.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Whether no case failed. What a stack says it cannot do did not fail; see [`is_complete`](Self::is_complete).
    #[must_use]
    pub fn is_passed(&self) -> bool {
        !self.rows.iter().any(|row| matches!(row.verdict, Verdict::Failed(_)))
    }

    /// Whether every case passed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.rows.iter().all(|row| row.verdict == Verdict::Passed)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.pad("passed"),
            Self::Failed(reason) => write!(f, "FAILED: {reason}"),
            Self::Unsupported(reason) => write!(f, "unsupported: {reason}"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts = [0_usize; 3];
        for Row { case, verdict } in &self.rows {
            let mut required: Vec<_> = case.required().map(|required| required.to_string()).collect();
            required.dedup();
            writeln!(f, "{:<30} {verdict:<8} [{}]", case.name(), required.join("; "))?;
            let [passed, failed, unsupported] = &mut counts;
            *match verdict {
                Verdict::Passed => passed,
                Verdict::Failed(_) => failed,
                Verdict::Unsupported(_) => unsupported,
            } += 1;
        }
        let [passed, failed, unsupported] = counts;
        write!(f, "{} cases: {passed} passed, {failed} failed, {unsupported} unsupported", self.rows.len())
    }
}
