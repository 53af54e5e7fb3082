use std::collections::BTreeMap;

use antom_core::time::UnixTime;

use crate::rows::Revision;

/// One reconciliation of a report with what is stored here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Run {
    /// Its id, given by whoever began it. The same files give the same id, so that they are reconciled once.
    pub run_id: String,
    /// What was read, by name.
    pub files: Vec<String>,
    /// When it began.
    pub started: UnixTime,
    /// When every line was compared; `None` while it runs, or when it died.
    pub finished: Option<UnixTime>,
    /// How many there are of each kind of finding, matches included.
    pub counts: BTreeMap<String, u64>,
}

impl Run {
    /// A run that begins.
    #[must_use]
    pub fn begin(run_id: impl Into<String>, files: Vec<String>, started: UnixTime) -> Self {
        Self { run_id: run_id.into(), files, started, finished: None, counts: BTreeMap::new() }
    }

    /// Counts one more finding of a kind.
    pub fn count(&mut self, kind: &str) {
        match self.counts.get_mut(kind) {
            Some(count) => *count = count.saturating_add(1),
            None => {
                self.counts.insert(kind.into(), 1);
            }
        }
    }

    /// The same run, finished.
    #[must_use]
    pub fn finish(mut self, at: UnixTime) -> Self {
        self.finished = Some(at);
        self
    }
}

/// A run as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// The run.
    pub run: Run,
    /// Its revision.
    pub revision: Revision,
}

/// What a person has to look at, or what became known: a difference between a report and the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Its kind, a word.
    pub kind: String,
    /// The request id it is about, on either side.
    pub request_id: Option<String>,
    /// The gateway's id it is about.
    pub transaction_id: Option<String>,
    /// The line of the report: file and number.
    pub line: Option<String>,
    /// What differs, for a person. No personal data.
    pub text: String,
}

impl Finding {
    /// A finding.
    #[must_use]
    pub fn new(kind: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind: kind.into(), request_id: None, transaction_id: None, line: None, text: text.into() }
    }

    /// About this request id.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// About this id of the gateway.
    #[must_use]
    pub fn with_transaction_id(mut self, id: impl Into<String>) -> Self {
        self.transaction_id = Some(id.into());
        self
    }

    /// At this line of the report.
    #[must_use]
    pub fn with_line(mut self, line: impl Into<String>) -> Self {
        self.line = Some(line.into());
        self
    }
}

/// A finding as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// Its place: greater than that of every finding written before.
    pub sequence: u64,
    /// The finding.
    pub finding: Finding,
}
