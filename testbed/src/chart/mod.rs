//! State charts, drawn by asking the machines: every state that a small alphabet of inputs leads to is asked
//! what each input makes of it. What is drawn is what the code does; nothing is drawn by hand.

mod payment;
mod token;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use antom_core::fact::Proof;
use antom_core::flow::simulation::evidence;
use antom_core::flow::{Evidence, Source};
use antom_core::signature::{ClientId, KeyVersion};
use antom_core::time::UnixTime;

/// The time of all that is drawn.
const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

/// What stands between the two marks of the document is generated.
pub const BEGIN: &str = "<!-- charts: begin (cargo run -p antom-testbed --bin charts) -->";
/// See [`BEGIN`].
pub const END: &str = "<!-- charts: end -->";

/// Edges of a chart: from, to, and what leads there.
#[derive(Debug, Default)]
pub(crate) struct Chart {
    edges: BTreeMap<(String, String), BTreeSet<&'static str>>,
}

impl Chart {
    pub(crate) fn edge(&mut self, from: &str, to: &str, by: &'static str) {
        if from != to {
            self.edges.entry((from.into(), to.into())).or_default().insert(by);
        }
    }

    fn write(&self, title: &str, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "### {title}\n\n```mermaid\nstateDiagram-v2");
        for ((from, to), inputs) in &self.edges {
            let inputs: Vec<&str> = inputs.iter().copied().collect();
            let _ = writeln!(out, "    {from} --> {to}: {}", inputs.join(", "));
        }
        let _ = writeln!(out, "```\n");
    }
}

fn signed(client: &ClientId, source: Source) -> Evidence {
    evidence(source, Proof::Signature(KeyVersion::FIRST), Some(client.clone()), NOW)
}

/// The name of an enum's variant, without what it holds.
fn name(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// All charts as Markdown; empty if the client id were no good one, which it is.
#[must_use]
pub fn charts() -> String {
    let Ok(client) = ClientId::new("SANDBOX_5Y0000000000000001") else { return String::new() };
    let mut out = String::new();
    let drawn = payment::draw(&client);
    drawn.order.write("An order", &mut out);
    drawn.attempt.write("An attempt's money", &mut out);
    drawn.capture.write("A capture", &mut out);
    drawn.refund.write("A refund", &mut out);
    drawn.dispute.write("A dispute", &mut out);
    token::draw(&client).write("An authorization and its token", &mut out);
    out
}

/// The document with its charts as they are now; `None` if it has no marks.
#[must_use]
pub fn refresh(document: &str) -> Option<String> {
    let (head, rest) = document.split_once(BEGIN)?;
    let (_, tail) = rest.split_once(END)?;
    Some(format!("{head}{BEGIN}\n\n{}{END}{tail}", charts()))
}
