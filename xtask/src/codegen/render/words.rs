//! Words: `open_enum!` for what must be decided upon, `vocabulary!` for what is mostly passed on.

use super::{example, gate};
use crate::codegen::names;
use crate::codegen::plan::Plan;
use crate::codegen::spec::{Type, TypeId, Words};
use crate::codegen::text::Text;

pub(super) fn render(plan: &Plan, id: &TypeId, found: &Type, words: &Words) -> String {
    let mut text = Text::default();
    text.line(0, "");
    if let Some(gate) = gate(plan, id) {
        text.line(0, &gate);
    }
    let (head, kind) = if words.closed { ("open_enum! {", "enum") } else { ("vocabulary! {", "struct") };
    text.line(0, head);
    text.doc(1, &found.description);
    text.example(1, &example::words(id, words));
    text.line(1, &format!("pub {kind} {} {{", id.name));
    for word in &words.values {
        match &word.description {
            Some(description) => text.doc(2, description),
            None => text.doc(2, &format!("`{}`.", word.value)),
        }
        let default = if words.closed { names::variant(&word.value) } else { names::constant(&word.value) };
        let name = word.rust_name.clone().unwrap_or(default);
        text.line(2, &format!("{name} = {:?},", word.value));
    }
    text.line(1, "}");
    text.line(0, "}");
    text.into_string()
}
