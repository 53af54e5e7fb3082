//! Messages: one `message!` and its setters.

use super::{example, gate};
use crate::codegen::names;
use crate::codegen::plan::Plan;
use crate::codegen::spec::{Field, Kind, Object, Privacy, Role, Spec, Type, TypeId};
use crate::codegen::text::{Text, literals};

pub(super) fn render(spec: &Spec, plan: &Plan, id: &TypeId, found: &Type, object: &Object) -> String {
    let context = Context::new(plan, id, object);
    let (required, optional): (Vec<&Field>, Vec<&Field>) =
        object.fields.iter().partition(|field| context.is_required(field));
    let gate = gate(plan, id);

    let mut text = Text::default();
    text.line(0, "");
    if let Some(gate) = &gate {
        text.line(0, gate);
    }
    text.line(0, "message! {");
    text.doc(1, &documentation(spec, id, found, object));
    text.example(1, &example::message(spec, plan, id, object));
    let reads = if context.received { "always" } else { "mirror" };
    let early: Vec<String> = context
        .early(&optional)
        .map(|field| format!("{}: {}", name(field), context.rust_type(field)))
        .collect();
    let new = if early.is_empty() { String::new() } else { format!(" new({})", early.join(", ")) };
    text.line(1, &format!("pub struct {}({:?}) reads {reads}{new} {{", id.name, id.name));
    for (block, fields) in [("required", &required), ("optional", &optional)] {
        if fields.is_empty() {
            text.line(2, &format!("{block} {{}}"));
            continue;
        }
        text.line(2, &format!("{block} {{"));
        for field in fields {
            text.doc(3, &context.field_documentation(field));
            text.line(3, &context.field_line(spec, field));
        }
        text.line(2, "}");
    }
    text.line(1, "}");
    text.line(0, "}");
    if optional.is_empty() {
        return text.into_string();
    }

    text.line(0, "");
    // Answers are only made by the sandbox and by tests; their setters come with the reverse direction.
    match (&gate, context.sent) {
        (_, true) => gate.iter().for_each(|gate| text.line(0, gate)),
        (None, false) => text.line(0, "#[cfg(feature = \"wire-mirror\")]"),
        (Some(gate), false) => {
            text.line(0, gate);
            text.line(0, "#[cfg(feature = \"wire-mirror\")]");
        }
    }
    text.line(0, "setters! {");
    text.line(1, &format!("{} {{", id.name));
    for field in &optional {
        let name = name(field);
        let with = name.trim_end_matches('_');
        text.line(2, &format!("with_{with}({name}: {});", context.rust_type(field)));
    }
    text.line(1, "}");
    text.line(0, "}");
    text.into_string()
}

pub(super) fn name(field: &Field) -> String {
    field.rust_name.clone().unwrap_or_else(|| names::field(&field.wire))
}

fn documentation(spec: &Spec, id: &TypeId, found: &Type, object: &Object) -> String {
    let operation = spec.groups.iter().flat_map(|group| &group.operations).find(|operation| {
        operation.request == *id || (object.role == Role::Response && operation.response == *id)
    });
    let page = operation.and_then(|operation| operation.docs.as_deref()).or_else(|| {
        spec.notifications.iter().find(|one| one.message == *id).and_then(|one| one.docs.as_deref())
    });
    match page {
        Some(page) => format!("{} Antom page: <https://docs.antom.com/{page}>.", found.description),
        None => found.description.clone(),
    }
}

pub(super) struct Context<'a> {
    plan: &'a Plan,
    object: &'a Object,
    /// Whether a merchant sends it.
    pub(super) sent: bool,
    received: bool,
    recursive: bool,
}

impl<'a> Context<'a> {
    pub(super) fn new(plan: &'a Plan, id: &TypeId, object: &'a Object) -> Self {
        let entry = plan.of(id);
        Self {
            plan,
            object,
            sent: entry.is_some_and(|entry| entry.sent),
            received: entry.is_some_and(|entry| entry.received),
            recursive: entry.is_some_and(|entry| entry.recursive),
        }
    }

    /// Whether a value of the type cannot be without the field. What the gateway sends is read without
    /// demands, but for the result of an answer.
    pub(super) fn is_required(&self, field: &Field) -> bool {
        match self.object.role {
            Role::Request => field.required,
            Role::Response => field.wire == "result",
            Role::Notification => false,
            Role::Model => field.required && !self.received,
        }
    }

    /// The optional fields that `new` takes: those that are named, else those the API demands of a sender.
    pub(super) fn early<'f>(&'f self, optional: &'f [&'f Field]) -> impl Iterator<Item = &'f Field> {
        let named = |field: &Field| self.object.new.contains(&field.wire);
        let demanded = |field: &Field| {
            self.object.role == Role::Model && self.sent && self.object.new.is_empty() && field.required
        };
        optional.iter().copied().filter(move |field| named(field) || demanded(field))
    }

    fn rust_type(&self, field: &Field) -> String {
        self.kind(&field.kind, field.privacy, true)
    }

    fn kind(&self, kind: &Kind, privacy: Privacy, direct: bool) -> String {
        match kind {
            Kind::Text => match privacy {
                Privacy::Plain => "String".to_owned(),
                Privacy::Personal => "Personal<String>".to_owned(),
                Privacy::Secret => "Secret<String>".to_owned(),
            },
            Kind::DateTime => "DateTimeText".to_owned(),
            Kind::Integer => "i64".to_owned(),
            Kind::Decimal => "DecimalText".to_owned(),
            Kind::Boolean => "bool".to_owned(),
            Kind::Any => "RawJson".to_owned(),
            Kind::Type(id) => {
                let in_circle = self.recursive && self.plan.of(id).is_some_and(|entry| entry.recursive);
                if in_circle && direct { format!("Box<{}>", id.name) } else { id.name.clone() }
            }
            Kind::List(inner) => format!("Vec<{}>", self.kind(inner, privacy, false)),
            Kind::Map(inner) => format!("Map<{}>", self.kind(inner, Privacy::Plain, false)),
        }
    }

    fn field_line(&self, spec: &Spec, field: &Field) -> String {
        let privacy = match field.privacy {
            Privacy::Plain => "plain",
            Privacy::Personal => "personal",
            Privacy::Secret => "secret",
        };
        let mut line = format!("{}: {} = {:?}", name(field), self.rust_type(field), field.wire);
        for alias in &field.aliases {
            line.push_str(&format!(" | {alias:?}"));
        }
        line.push_str(&format!(", {privacy}, max {}", field.max_length.unwrap_or(0)));
        if let Some(items) = field.max_items {
            line.push_str(&format!(", items {items}"));
        }
        if let Some(minimum) = field.minimum.filter(|_| is_number(&field.kind)) {
            line.push_str(&format!(", min {minimum}"));
        }
        if let Some(condition) = &field.condition {
            line.push_str(&format!(", condition {condition:?}"));
        }
        if let Some(requests) = self.demanded(spec, field) {
            line.push_str(", demanded");
            for request in requests {
                line.push_str(&format!(" {request:?}"));
            }
        }
        line.push(';');
        line
    }

    /// The requests that must name a field which a value of the type can be without; empty for all of them.
    fn demanded(&self, spec: &Spec, field: &Field) -> Option<Vec<String>> {
        if self.is_required(field) || !self.sent || !matches!(self.object.role, Role::Model | Role::Request) {
            return None;
        }
        if field.required {
            return Some(Vec::new());
        }
        let mut requests: Vec<String> = spec
            .groups
            .iter()
            .flat_map(|group| &group.operations)
            .filter(|operation| field.required_in.contains(&operation.id))
            .map(|operation| operation.request.name.clone())
            .collect();
        requests.sort();
        requests.dedup();
        if requests.is_empty() { None } else { Some(requests) }
    }

    fn field_documentation(&self, field: &Field) -> String {
        let mut facts = vec![format!("Wire name `{}`", field.wire)];
        if self.is_required(field) || (field.required && self.sent) {
            facts.push("required".to_owned());
        }
        if let Some(condition) = &field.condition {
            facts.push(format!("{} if: {condition}", if self.sent { "required" } else { "sent" }));
        }
        if !field.required_in.is_empty() {
            facts.push(format!("required in {}", literals(&field.required_in).replace('"', "`")));
        }
        if let Some(length) = field.max_length {
            let each = if matches!(field.kind, Kind::List(_)) { " each" } else { "" };
            facts.push(format!("at most {length} characters{each}"));
        }
        if let Some(items) = field.max_items {
            facts.push(format!("at most {items} entries"));
        }
        match (field.minimum, field.maximum) {
            (Some(minimum), Some(maximum)) => facts.push(format!("from {minimum} to {maximum}")),
            (Some(minimum), None) => facts.push(format!("at least {minimum}")),
            (None, Some(maximum)) => facts.push(format!("at most {maximum}")),
            (None, None) => {}
        }
        format!("{} {}.", field.description, facts.join("; "))
    }
}

fn is_number(kind: &Kind) -> bool {
    match kind {
        Kind::Integer | Kind::Decimal => true,
        Kind::List(inner) => is_number(inner),
        _ => false,
    }
}
