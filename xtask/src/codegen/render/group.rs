//! The module of one group.

use super::{Files, Item, declaration, example, section};
use crate::codegen::plan::Plan;
use crate::codegen::spec::{Group, Home, Operation, Repeat, Role, Shape, Spec, Transport, TypeId};
use crate::codegen::text::{Text, literals};

pub(super) fn render(files: &mut Files, spec: &Spec, plan: &Plan, group: &Group) {
    let name = &group.name;
    let mut sections: Vec<(&str, &str, Vec<Item>)> = vec![
        ("enums", "The words of the group.", Vec::new()),
        ("models", "The parts of the group's messages.", Vec::new()),
        ("operations", "The operations of the group.", Vec::new()),
        ("requests", "What the group's operations are asked.", Vec::new()),
        ("responses", "What the group's operations answer.", Vec::new()),
    ];
    let mut put = |section: &str, topic: Option<String>, text: String| {
        for (known, _, items) in &mut sections {
            if *known == section {
                items.push(Item { topic: topic.clone(), text: text.clone() });
            }
        }
    };
    for operation in &group.operations {
        put("operations", operation.topic.clone(), render_operation(group, operation));
    }
    for (id, found) in spec.types.iter().filter(|(id, _)| id.home == Home::Group(name.clone())) {
        let section = match &found.shape {
            Shape::Object(object) => match object.role {
                Role::Request => "requests",
                Role::Response => "responses",
                Role::Model | Role::Notification => "models",
            },
            Shape::Words(_) => "enums",
            Shape::Rust(_) => continue,
        };
        put(section, found.topic.clone(), declaration(spec, plan, id));
    }
    sections.retain(|(_, _, items)| !items.is_empty());

    let mut root = Text::file(&group.description);
    for (section, _, _) in &sections {
        root.line(0, &format!("mod {section};"));
    }
    root.line(0, "");
    for (section, _, _) in &sections {
        root.line(0, &format!("pub use {section}::*;"));
    }
    files.insert(format!("{name}/mod.rs").into(), root.into_string());

    let own = format!("crate::api::{name}::*");
    let uses = ["crate::api::models::*", own.as_str()];
    for (section_name, doc, items) in sections {
        let uses = if section_name == "enums" { &[][..] } else { &uses[..] };
        section(files, name, section_name, doc, uses, items);
    }
}

fn render_operation(group: &Group, operation: &Operation) -> String {
    let mut text = Text::default();
    text.line(0, "");
    text.line(0, "operation! {");
    text.doc(1, &documentation(operation));
    text.example(1, &example::operation(group, operation));
    text.line(
        1,
        &format!(
            "{}: {} => {} {{",
            operation.name,
            type_name(&operation.request),
            type_name(&operation.response)
        ),
    );
    text.line(2, &format!("id: {:?}, path: {:?}, group: {:?},", operation.id, operation.path, group.name));
    let repeat = match &operation.repeat {
        Repeat::Read => "Read".to_owned(),
        Repeat::SameId(field) => format!("SameId({field:?})"),
        Repeat::Never => "Never".to_owned(),
    };
    text.line(2, &format!("repeat: {repeat},"));
    text.line(2, &format!("inquiry: {:?},", operation.inquiry));
    text.line(2, &format!("echoes: [{}],", literals(&operation.echoes)));
    let sandbox = if operation.sandbox_rewrite { "Rewrite" } else { "Keep" };
    text.line(2, &format!("moves_money: {}, sandbox: {sandbox},", operation.moves_money));
    let transport = match operation.transport {
        Transport::Json => "Json",
        Transport::Multipart => "Multipart",
        Transport::Session => "Session",
    };
    text.line(2, &format!("transport: {transport},"));
    text.line(2, &format!("docs: {:?},", operation.docs.as_deref().unwrap_or_default()));
    text.line(1, "}");
    text.line(0, "}");
    text.into_string()
}

/// A name as a type; the group's module and the shared models are in scope.
fn type_name(id: &TypeId) -> &str {
    &id.name
}

fn documentation(operation: &Operation) -> String {
    let mut doc = operation.summary.clone();
    if let Some(inquiry) = &operation.inquiry {
        doc.push_str(&format!(" What became of it: `{inquiry}`."));
    }
    if !operation.notifications.is_empty() {
        let names: Vec<String> = operation.notifications.iter().map(|name| format!("`{name}`")).collect();
        doc.push_str(&format!(" Antom reports with {}.", names.join(", ")));
    }
    if let Some(page) = &operation.docs {
        doc.push_str(&format!(" Antom page: <https://docs.antom.com/{page}>."));
    }
    doc
}
