//! Examples: how a message is made or read, out of what its description says of it.
//!
//! Each value is built twice, as Rust and as the JSON that it has to become, so that an example asserts what the
//! writer or the reader makes of it.

use std::collections::{BTreeMap, BTreeSet};

use super::message::{Context, name};
use crate::codegen::names;
use crate::codegen::plan::Plan;
use crate::codegen::spec::{
    Field, Group, Home, Kind, Object, Operation, Privacy, Role, Shape, Spec, TypeId, Words,
};

/// The most members beside the demanded ones that an example sets.
const MORE: usize = 2;
/// The longest JSON that an example repeats whole.
const LONG: usize = 96;
/// The longest call that stands on one line.
const WIDTH: usize = 92;

/// A value in both forms.
struct Value {
    rust: String,
    json: String,
}

/// The example of a message.
pub(super) fn message(spec: &Spec, plan: &Plan, id: &TypeId, object: &Object) -> Vec<String> {
    let context = Context::new(plan, id, object);
    let mut maker = Maker { spec, plan, request: request_of(spec, id), uses: BTreeSet::new() };
    match context.sent {
        true => maker.made(id, object),
        false => maker.read(id, object),
    }
}

/// The example of words.
pub(super) fn words(id: &TypeId, words: &Words) -> Vec<String> {
    let Some(word) = words.values.first() else { return Vec::new() };
    let first = format!("{}::{}", id.name, word_name(words, 0));
    vec![
        format!("use {};", path(id)),
        String::new(),
        format!("assert_eq!({first}.as_str(), {:?});", word.value),
        "// What this version has no name for is kept as it came.".to_owned(),
        format!("assert!(!{}::from(\"a word of tomorrow\").is_known());", id.name),
    ]
}

/// The example of an operation.
pub(super) fn operation(group: &Group, operation: &Operation) -> Vec<String> {
    let name = &operation.name;
    vec![
        format!("use antom_core::api::{}::{name};", group.name),
        "use antom_core::call::Operation;".to_owned(),
        String::new(),
        format!("assert_eq!({name}::INFO.path, {:?});", operation.path),
    ]
}

/// The operations that ask with this type.
fn request_of(spec: &Spec, id: &TypeId) -> Vec<String> {
    spec.groups
        .iter()
        .flat_map(|group| &group.operations)
        .filter(|operation| operation.request == *id)
        .map(|operation| operation.id.clone())
        .collect()
}

/// Where a type lies for whoever uses the crate.
fn path(id: &TypeId) -> String {
    let module = match &id.home {
        Home::Models => "models",
        Home::Notifications => "notifications",
        Home::Group(name) => name,
    };
    format!("antom_core::api::{module}::{}", id.name)
}

fn word_name(words: &Words, index: usize) -> String {
    let Some(word) = words.values.get(index) else { return String::new() };
    let default = if words.closed { names::variant(&word.value) } else { names::constant(&word.value) };
    word.rust_name.clone().unwrap_or(default)
}

struct Maker<'a> {
    spec: &'a Spec,
    plan: &'a Plan,
    /// The operations whose request the example is of: they may demand more of a part than others do.
    request: Vec<String>,
    uses: BTreeSet<String>,
}

impl<'a> Maker<'a> {
    /// A message that a merchant sends.
    fn made(&mut self, id: &TypeId, object: &'a Object) -> Vec<String> {
        self.uses.insert(path(id));
        let variable = if object.role == Role::Request { "request" } else { "part" };
        let value = self.object(id, object, MORE);
        self.uses(&["antom_core::codec::Message"]);
        let mut code = vec![format!("let {variable} = {};", value.rust)];
        code.push(match value.json.len() <= LONG {
            true => format!("assert_eq!({variable}.to_json(), br#\"{}\"#);", value.json),
            false => {
                format!("assert!({variable}.to_json().starts_with(br#\"{}\"#));", beginning(&value.json))
            }
        });
        if object.role == Role::Request {
            self.uses(&["antom_core::check"]);
            code.push(format!("assert!(check::problems(&{variable}, Default::default()).is_empty());"));
        }
        self.with_uses(code)
    }

    /// A message that the gateway sends.
    fn read(&mut self, id: &TypeId, object: &'a Object) -> Vec<String> {
        let (variable, limits) = match object.role {
            Role::Response => ("answer", "ANSWER"),
            Role::Notification => ("notice", "NOTIFICATION"),
            _ => ("part", "ANSWER"),
        };
        let value = self.object(id, object, MORE);
        let code = vec![
            format!("let text = br#\"{}\"#;", value.json),
            format!("let {variable} = {}::from_json(text, &Limits::{limits})?;", id.name),
            format!("assert_eq!({variable}.to_json(), text);"),
            "# Ok::<(), antom_core::codec::DecodeError>(())".to_owned(),
        ];
        // What the value was made of is not named by an example that only reads it.
        self.uses.clear();
        self.uses(&[
            "antom_core::codec::Limits",
            "antom_core::codec::Message",
            "antom_core::codec::ReadMessage",
        ]);
        self.uses.insert(path(id));
        self.with_uses(code)
    }

    /// The code with what it uses, one line for each module.
    fn with_uses(&self, code: Vec<String>) -> Vec<String> {
        let mut modules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in &self.uses {
            let (module, name) = path.rsplit_once("::").unwrap_or(("antom_core", path));
            modules.entry(module).or_default().push(name);
        }
        // As rustfmt has it: what lies at the root comes last.
        let root = modules.remove_entry("antom_core");
        let uses = modules.into_iter().chain(root).map(|(module, names)| match names.as_slice() {
            [one] => format!("use {module}::{one};"),
            all => format!("use {module}::{{{}}};", all.join(", ")),
        });
        uses.chain([String::new()]).chain(code).collect()
    }

    fn uses(&mut self, paths: &[&str]) {
        self.uses.extend(paths.iter().map(|path| (*path).to_owned()));
    }

    /// A value of a message with what is demanded, and so many members more.
    fn object(&mut self, id: &TypeId, object: &'a Object, more: usize) -> Value {
        let context = Context::new(self.plan, id, object);
        let (required, optional): (Vec<&Field>, Vec<&Field>) =
            object.fields.iter().partition(|field| context.is_required(field));
        let early: Vec<&Field> = context.early(&optional).collect();
        let is_early = |field: &Field| early.iter().any(|one| one.wire == field.wire);
        let mut left = more;
        let mut later = Vec::new();
        for field in optional.iter().filter(|field| !is_early(field)) {
            let demanded = context.sent
                && (field.required || field.required_in.iter().any(|id| self.request.contains(id)));
            let plain = self.is_plain(&field.kind) && field.condition.is_none();
            if demanded || (plain && left > 0) {
                left -= usize::from(!demanded);
                later.push(*field);
            }
        }
        let mut members: Vec<(&str, String)> = Vec::new();
        let mut arguments = Vec::new();
        for field in required.iter().chain(&early) {
            let value = self.field(field);
            arguments.push(value.rust);
            members.push((&field.wire, value.json));
        }
        let mut setters = Vec::new();
        for field in later {
            let value = self.field(field);
            let setter = name(field);
            setters.push(call(&format!(".with_{}", setter.trim_end_matches('_')), &[value.rust]));
            members.push((&field.wire, value.json));
        }
        let rust = chain(call(&format!("{}::new", id.name), &arguments), &setters);
        // Members are written in the order of the type, the required ones first.
        let order = |wire: &str| {
            let at = |fields: &[&Field]| fields.iter().position(|field| field.wire == wire);
            at(&required).or_else(|| at(&optional).map(|at| at + required.len()))
        };
        members.sort_by_key(|(wire, _)| order(wire));
        let members: Vec<String> = members.iter().map(|(wire, json)| format!("{wire:?}:{json}")).collect();
        Value { rust, json: format!("{{{}}}", members.join(",")) }
    }

    /// Whether a member is of one word: what an example may show without being about it.
    fn is_plain(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Text | Kind::DateTime | Kind::Integer | Kind::Boolean => true,
            Kind::Type(id) => {
                matches!(self.spec.types.get(id).map(|found| &found.shape), Some(Shape::Words(_)))
            }
            Kind::Decimal | Kind::Any | Kind::List(_) | Kind::Map(_) => false,
        }
    }

    fn field(&mut self, field: &Field) -> Value {
        self.kind(&field.kind, field, field.privacy, false)
    }

    fn kind(&mut self, kind: &Kind, field: &Field, privacy: Privacy, inner: bool) -> Value {
        match kind {
            Kind::Text => {
                let text = format!("{:?}", sample(field));
                let rust = match (inner, privacy) {
                    (false, _) => text.clone(),
                    (true, Privacy::Plain) => format!("{text}.to_owned()"),
                    (true, Privacy::Personal) => format!("Personal::new({text}.to_owned())"),
                    (true, Privacy::Secret) => format!("Secret::new({text}.to_owned())"),
                };
                match (inner, privacy) {
                    (true, Privacy::Personal) => self.uses(&["antom_core::secret::Personal"]),
                    (true, Privacy::Secret) => self.uses(&["antom_core::secret::Secret"]),
                    _ => {}
                }
                Value { rust, json: text }
            }
            Kind::DateTime => {
                let text = "\"2026-03-01T10:20:30Z\"".to_owned();
                Value { rust: if inner { format!("{text}.into()") } else { text.clone() }, json: text }
            }
            Kind::Integer => {
                let number = field.minimum.unwrap_or(1).max(1).to_string();
                let rust = if inner { format!("{number}_i64") } else { number.clone() };
                Value { rust, json: number }
            }
            Kind::Decimal => {
                let rust = if inner { "\"1.5\".into()" } else { "\"1.5\"" };
                Value { rust: rust.to_owned(), json: "1.5".to_owned() }
            }
            Kind::Boolean => Value { rust: "true".to_owned(), json: "true".to_owned() },
            Kind::Any => {
                self.uses(&["antom_core::codec::RawJson"]);
                Value { rust: "RawJson::string(\"any JSON\")".to_owned(), json: "\"any JSON\"".to_owned() }
            }
            Kind::Type(id) => self.named(id),
            Kind::List(element) => {
                let value = self.kind(element, field, privacy, true);
                Value { rust: call_list(&value.rust), json: format!("[{}]", value.json) }
            }
            Kind::Map(_) => {
                self.uses(&["antom_core::codec::Map"]);
                Value { rust: "Map::new()".to_owned(), json: "{}".to_owned() }
            }
        }
    }

    fn named(&mut self, id: &TypeId) -> Value {
        let spec = self.spec;
        match spec.types.get(id).map(|found| &found.shape) {
            Some(Shape::Object(object)) => {
                self.uses.insert(path(id));
                self.object(id, object, 0)
            }
            Some(Shape::Words(words)) => {
                self.uses.insert(path(id));
                let text = words.values.first().map(|word| word.value.as_str()).unwrap_or_default();
                Value { rust: format!("{}::{}", id.name, word_name(words, 0)), json: format!("{text:?}") }
            }
            // The one type of the messages that is written by hand.
            Some(Shape::Rust(_)) | None => {
                self.uses(&["antom_core::Amount", "antom_core::Currency"]);
                Value {
                    rust: "Amount::new(Currency::EUR, 1050)".to_owned(),
                    json: r#"{"currency":"EUR","value":"1050"}"#.to_owned(),
                }
            }
        }
    }
}

/// A call with those that follow it, on one line where they fit, as rustfmt breaks them.
fn chain(first: String, more: &[String]) -> String {
    let one_line = format!("{first}{}", more.concat());
    if more.is_empty() || (one_line.len() <= WIDTH && !one_line.contains('\n')) {
        return one_line;
    }
    let indent = if first.contains('\n') { "\n" } else { "\n    " };
    more.iter().fold(first, |all, call| format!("{all}{indent}{}", call.replace('\n', indent)))
}

/// A call on one line where it fits, else with a line for each argument.
fn call(function: &str, arguments: &[String]) -> String {
    let one_line = format!("{function}({})", arguments.join(", "));
    if arguments.is_empty() || (one_line.len() <= WIDTH && !one_line.contains('\n')) {
        return one_line;
    }
    let lines: String =
        arguments.iter().map(|argument| format!("    {},\n", argument.replace('\n', "\n    "))).collect();
    format!("{function}(\n{lines})")
}

fn call_list(element: &str) -> String {
    match element.contains('\n') {
        true => format!("[\n    {},\n]", element.replace('\n', "\n    ")),
        false => format!("[{element}]"),
    }
}

/// The beginning of a long document, up to its first value.
fn beginning(json: &str) -> &str {
    let end = json.find(':').map_or(json.len(), |at| at + 1);
    json.get(..end).unwrap_or(json)
}

/// A text that a member may hold: short, and of what its name says.
fn sample(field: &Field) -> String {
    let name = names::snake(&field.wire);
    let holds = |word: &str| name.split('_').any(|part| part == word);
    let text = if holds("url") {
        "https://shop.example/back".to_owned()
    } else if holds("email") {
        "buyer@shop.example".to_owned()
    } else if holds("country") || holds("region") || holds("nationality") {
        "SG".to_owned()
    } else if holds("currency") {
        "EUR".to_owned()
    } else if holds("mcc") {
        "5814".to_owned()
    } else if let Some(of) = name.strip_suffix("_id") {
        format!("{}-1", of.replace('_', "-"))
    } else {
        name.replace('_', " ")
    };
    let most = field.max_length.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    text.chars().take(most).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_divided_where_it_is_long() {
        assert_eq!(call("A::new", &["1".into(), "2".into()]), "A::new(1, 2)");
        let long = "x".repeat(90);
        assert_eq!(call("A::new", std::slice::from_ref(&long)), format!("A::new(\n    {long},\n)"));
        assert_eq!(call_list("a\nb"), "[\n    a\n    b,\n]");
    }

    #[test]
    fn calls_follow_where_they_fit() {
        assert_eq!(chain("A::new()".into(), &[".b(1)".into()]), "A::new().b(1)");
        let long = format!(".b({})", "x".repeat(90));
        assert_eq!(chain("A::new()".into(), std::slice::from_ref(&long)), format!("A::new()\n    {long}"));
        assert_eq!(chain("A::new(\n    1,\n)".into(), &[".b(1)".into()]), "A::new(\n    1,\n)\n.b(1)");
    }

    #[test]
    fn a_long_document_is_shown_up_to_its_first_value() {
        assert_eq!(beginning(r#"{"a":"b","c":1}"#), r#"{"a":"#);
        assert_eq!(beginning("{}"), "{}");
    }
}
