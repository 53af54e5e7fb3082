//! What happened, line by line: for people, or one JSON object a step.

use std::fmt;
use std::io::{self, Write};
use std::time::Instant;

use antom::core::fact::Proof;
use serde_json::json;

use crate::json::object;

/// Where the steps are told.
pub(crate) struct Timeline {
    out: Box<dyn Write>,
    form: Form,
    start: Instant,
    flow: &'static str,
    number: u32,
    checked: u32,
}

/// How the steps are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A line a step, and a table at the end.
    Text,
    /// A JSON object a step, one a line.
    Json,
}

/// Who does something, or to whom it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    /// The merchant, who uses this SDK.
    Shop,
    /// Antom, here the sandbox.
    Antom,
    /// The person who pays.
    Buyer,
}

/// One step.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) from: Party,
    pub(crate) to: Party,
    /// The operation, the notification or what else was done.
    pub(crate) what: &'a str,
    /// What came of it.
    pub(crate) result: &'a str,
    /// By what right the result is known; `None` for what nobody signs.
    pub(crate) proof: Option<&'a Proof>,
}

/// A step that is not as it should be.
#[derive(Debug)]
pub(crate) struct Unexpected {
    pub(crate) what: String,
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl Unexpected {
    pub(crate) fn new(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self { what: what.into(), expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.what, self.expected, self.found)
    }
}

/// What ended a flow early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A step is not as it should be.
    Unexpected(Unexpected),
    /// The timeline could not be written.
    Output(io::Error),
}

impl From<Unexpected> for Stop {
    fn from(unexpected: Unexpected) -> Self {
        Self::Unexpected(unexpected)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// What a flow came to, for the closing table.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) flow: &'static str,
    pub(crate) order: String,
    pub(crate) state: String,
    pub(crate) money: String,
}

impl Timeline {
    pub(crate) fn new(out: Box<dyn Write>, form: Form) -> Self {
        Self { out, form, start: Instant::now(), flow: "", number: 0, checked: 0 }
    }

    /// Begins a flow.
    pub(crate) fn flow(&mut self, name: &'static str, title: &str) -> io::Result<()> {
        self.flow = name;
        match self.form {
            Form::Text => writeln!(self.out, "\n{title}\n"),
            Form::Json => Ok(()),
        }
    }

    /// Tells a step that is as it should be.
    pub(crate) fn step(&mut self, step: &Step<'_>) -> io::Result<()> {
        self.number += 1;
        let version = step.proof.and_then(version);
        if version.is_some() {
            self.checked += 1;
        }
        match self.form {
            Form::Text => {
                let who = format!("{} → {}", step.from, step.to);
                let proof = version.map_or_else(String::new, |version| format!("✓ signature, key {version}"));
                let at = self.at();
                let line = format!("{at:>7} ms  {who:<13}  {:<26}  {:<53}  {proof}", step.what, step.result);
                writeln!(self.out, "{}", line.trim_end())?;
            }
            Form::Json => {
                let signature = version.map(|version| json!({ "verified": true, "key_version": version }));
                let object = object(&[
                    ("flow", json!(self.flow)),
                    ("step", json!(self.number)),
                    ("at_ms", json!(self.at())),
                    ("from", json!(step.from.to_string())),
                    ("to", json!(step.to.to_string())),
                    ("what", json!(step.what)),
                    ("result", json!(step.result)),
                    ("signature", json!(signature)),
                    ("ok", json!(true)),
                ]);
                writeln!(self.out, "{object}")?;
            }
        }
        self.out.flush()
    }

    /// Shows something to look at, a QR code; people only.
    pub(crate) fn picture(&mut self, text: &str) -> io::Result<()> {
        match self.form {
            Form::Text => text.lines().try_for_each(|line| writeln!(self.out, "{:>10}{line}", "")),
            Form::Json => Ok(()),
        }
    }

    /// Tells the step that is not as it should be.
    pub(crate) fn unexpected(&mut self, unexpected: &Unexpected) -> io::Result<()> {
        self.number += 1;
        let Unexpected { what, expected, found } = unexpected;
        match self.form {
            Form::Text => {
                let at = self.at();
                writeln!(self.out, "{at:>7} ms  ✗ {what}: expected {expected}, found {found}")
            }
            Form::Json => {
                let object = object(&[
                    ("flow", json!(self.flow)),
                    ("step", json!(self.number)),
                    ("at_ms", json!(self.at())),
                    ("what", json!(what)),
                    ("expected", json!(expected)),
                    ("result", json!(found)),
                    ("ok", json!(false)),
                ]);
                writeln!(self.out, "{object}")
            }
        }
    }

    /// The closing table; people only.
    pub(crate) fn close(&mut self, summaries: &[Summary]) -> io::Result<()> {
        if self.form == Form::Json {
            return self.out.flush();
        }
        let heads = ["flow", "order", "state", "money"];
        let rows: Vec<[&str; 4]> = summaries
            .iter()
            .map(|summary| {
                [summary.flow, summary.order.as_str(), summary.state.as_str(), summary.money.as_str()]
            })
            .collect();
        let mut widths = heads.map(str::len);
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        writeln!(self.out)?;
        for row in std::iter::once(&heads).chain(&rows) {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            writeln!(self.out, "  {}", cells.join("   ").trim_end())?;
        }
        let (steps, checked, at) = (self.number, self.checked, self.at());
        writeln!(self.out, "\n{steps} steps, {checked} signatures verified, {at} ms")?;
        self.out.flush()
    }

    /// Milliseconds since the beginning.
    fn at(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The version of the key whose signature stands behind a fact.
fn version(proof: &Proof) -> Option<u32> {
    match proof {
        Proof::Signature(version) => Some(version.get()),
        Proof::Recovered { answer, .. } => version(answer),
        _ => None,
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shop => "shop",
            Self::Antom => "antom",
            Self::Buyer => "buyer",
        })
    }
}

impl fmt::Debug for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeline").field("form", &self.form).field("flow", &self.flow).finish_non_exhaustive()
    }
}
