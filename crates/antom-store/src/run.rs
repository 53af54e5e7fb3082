use std::collections::BTreeMap;

use antom_core::time::UnixTime;

use crate::rows::Revision;

/// One reconciliation of a report with what is stored here.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::NOW;
/// use antom_store::Run;
/// # let now = NOW;
///
/// let mut run = Run::begin("2023-11-14", vec!["settlement.csv".into()], now);
/// run.count("match");
/// run.count("match");
/// assert_eq!(run.counts["match"], 2);
/// assert_eq!(run.finish(now).finished, Some(now));
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW};
/// use antom_store::{Change, MemoryStore, Revision, Run, RunRow, Runs, Store, Write};
/// # let (store, now) = (MemoryStore::new(), NOW);
///
/// # block_on(async {
/// let run = Run::begin("2023-11-14", vec!["settlement.csv".into()], now);
/// let _ = store.commit(Change::write(Write::Run(Box::new(run)), None, now)).await?;
/// let RunRow { run, revision } = store.run("2023-11-14").await?.expect("it began");
/// // The program that began it died: the same files give the same run, which goes on from here.
/// assert!(run.finished.is_none() && revision == Revision::FIRST);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// The run.
    pub run: Run,
    /// Its revision.
    pub revision: Revision,
}

/// What a person has to look at, or what became known: a difference between a report and the tables.
///
/// ```
/// use antom_store::Finding;
///
/// let finding = Finding::new("amount", "10.50 EUR here, 10.00 EUR in the report")
///     .with_request_id("PAY-1")
///     .with_transaction_id("20231114001")
///     .with_line("settlement.csv:7");
/// assert_eq!(finding.request_id.as_deref(), Some("PAY-1"));
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, NOW};
/// use antom_store::{Change, Finding, MemoryStore, Run, Runs, Store, Write};
/// # let (store, now) = (MemoryStore::new(), NOW);
/// # let run = Run::begin("2023-11-14", vec![], now);
///
/// # block_on(async {
/// let mut change = Change::write(Write::Run(Box::new(run)), None, now);
/// change.findings.push(Finding::new("missing-there", "PAY-1 stands in no line"));
/// let _ = store.commit(change).await?;
/// let row = store.findings("2023-11-14", 0, 10).await?.remove(0);
/// assert_eq!(row.finding.kind, "missing-there");
/// assert!(store.findings("2023-11-14", row.sequence, 10).await?.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// Its place: greater than that of every finding written before.
    pub sequence: u64,
    /// The finding.
    pub finding: Finding,
}
