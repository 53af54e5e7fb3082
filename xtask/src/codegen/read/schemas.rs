//! Schemas: messages and words.

use super::{Reader, optional_text, texts};
use crate::codegen::spec::{Field, Home, Kind, Object, Privacy, Role, Shape, Type, TypeId, Word, Words};
use crate::json::Json;

const OBJECT: &[&str] = &[
    "type",
    "description",
    "required",
    "properties",
    "x-antom-role",
    "x-antom-topic",
    "x-antom-new",
    "x-antom-partial",
    "x-antom-rust",
    "x-antom-conflict",
    "x-antom-note",
];
const WORDS: &[&str] = &[
    "type",
    "description",
    "enum",
    "x-antom-role",
    "x-antom-set",
    "x-antom-topic",
    "x-antom-value-descriptions",
    "x-antom-value-names",
    "x-antom-value-aliases",
    "x-antom-conflict",
    "x-antom-note",
];
const FIELD: &[&str] = &[
    "type",
    "format",
    "$ref",
    "oneOf",
    "items",
    "additionalProperties",
    "description",
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "minimum",
    "maximum",
    "pattern",
    "x-antom-sensitivity",
    "x-antom-required",
    "x-antom-required-in",
    "x-antom-condition",
    "x-antom-aliases",
    "x-antom-rust-name",
    "x-antom-conflict",
    "x-antom-note",
];

impl Reader {
    pub(super) fn schema(&mut self, id: &TypeId, schema: &Json) -> Type {
        let place = id.to_string();
        let description = self.text(&place, schema, "description");
        let topic = optional_text(schema, "x-antom-topic");
        let role = self.text(&place, schema, "x-antom-role");
        let shape = if let Some(path) = optional_text(schema, "x-antom-rust") {
            self.only(&place, schema, OBJECT);
            Shape::Rust(path)
        } else if role == "enum" {
            self.only(&place, schema, WORDS);
            Shape::Words(self.words(&place, schema))
        } else {
            self.only(&place, schema, OBJECT);
            Shape::Object(self.object(&place, &id.home, schema, &role))
        };
        Type { description, topic, shape }
    }

    fn words(&mut self, place: &str, schema: &Json) -> Words {
        let closed = match schema.get("x-antom-set").and_then(Json::text) {
            Some("closed") => true,
            Some("open") => false,
            _ => {
                self.problems.add(place, "x-antom-set must be \"closed\" or \"open\"");
                false
            }
        };
        let about =
            |table: &str, value: &str| schema.get(table).and_then(|names| optional_text(names, value));
        let values: Vec<Word> = texts(schema.get("enum"))
            .into_iter()
            .map(|value| Word {
                description: about("x-antom-value-descriptions", &value),
                rust_name: about("x-antom-value-names", &value),
                value,
            })
            .collect();
        for table in ["x-antom-value-descriptions", "x-antom-value-names"] {
            for (value, _) in schema.get(table).map(Json::members).unwrap_or_default() {
                if !values.iter().any(|word| word.value == *value) {
                    self.problems.add(place, format!("{table} names {value:?}, which is no value"));
                }
            }
        }
        Words { closed, values }
    }

    fn object(&mut self, place: &str, home: &Home, schema: &Json, role: &str) -> Object {
        let role = match role {
            "request" => Role::Request,
            "response" => Role::Response,
            "notification" => Role::Notification,
            "model" => Role::Model,
            other => {
                self.problems.add(place, format!("x-antom-role {other:?} is not known"));
                Role::Model
            }
        };
        let required = texts(schema.get("required"));
        let properties = schema.get("properties").map(Json::members).unwrap_or_default();
        let fields: Vec<Field> = properties
            .iter()
            .map(|(wire, json)| self.field(&format!("{place}.{wire}"), home, wire, json, &required))
            .collect();
        let new = texts(schema.get("x-antom-new"));
        for name in required.iter().chain(&new) {
            if !fields.iter().any(|field| field.wire == *name) {
                self.problems.add(place, format!("{name:?} is demanded, but is no property"));
            }
        }
        Object { role, fields, new }
    }

    fn field(&mut self, place: &str, home: &Home, wire: &str, json: &Json, required: &[String]) -> Field {
        self.only(place, json, FIELD);
        let kind = self.kind(place, home, json);
        let privacy = match json.get("x-antom-sensitivity").map(Json::text) {
            None => Privacy::Plain,
            Some(Some("personal")) => Privacy::Personal,
            Some(Some("secret")) => Privacy::Secret,
            Some(other) => {
                self.problems.add(place, format!("x-antom-sensitivity {other:?} is not known"));
                Privacy::Secret
            }
        };
        let number = |name: &str| {
            let of_element = json.get("items").and_then(|items| items.get(name));
            json.get(name).or(of_element).and_then(Json::integer)
        };
        Field {
            wire: wire.to_owned(),
            kind,
            description: self.text(place, json, "description"),
            required: required.iter().any(|name| name == wire),
            condition: optional_text(json, "x-antom-condition"),
            required_in: texts(json.get("x-antom-required-in")),
            privacy,
            aliases: texts(json.get("x-antom-aliases")),
            rust_name: optional_text(json, "x-antom-rust-name"),
            max_length: number("maxLength"),
            max_items: number("maxItems"),
            minimum: number("minimum"),
            maximum: number("maximum"),
        }
    }

    fn kind(&mut self, place: &str, home: &Home, json: &Json) -> Kind {
        if let Some(reference) = json.get("$ref").and_then(Json::text) {
            return self.reference(place, home, reference).map_or(Kind::Any, Kind::Type);
        }
        if json.get("oneOf").is_some() {
            return Kind::Any;
        }
        let format = json.get("format").and_then(Json::text);
        match (json.get("type").and_then(Json::text), format) {
            (None, None) => Kind::Any,
            (Some("string"), None | Some("uri")) => Kind::Text,
            (Some("string"), Some("date-time")) => Kind::DateTime,
            (Some("integer"), None | Some("int64")) => Kind::Integer,
            (Some("number"), None) => Kind::Decimal,
            (Some("boolean"), None) => Kind::Boolean,
            (Some("array"), None) => match json.get("items") {
                Some(items) => Kind::List(Box::new(self.kind(place, home, items))),
                None => {
                    self.problems.add(place, "an array needs items");
                    Kind::Any
                }
            },
            (Some("object"), None) => match json.get("additionalProperties") {
                Some(inner) => Kind::Map(Box::new(self.kind(place, home, inner))),
                None => {
                    self.problems
                        .add(place, "an object within a message is a $ref or has additionalProperties");
                    Kind::Any
                }
            },
            (kind, format) => {
                self.problems.add(place, format!("type {kind:?} with format {format:?} is not known"));
                Kind::Any
            }
        }
    }
}
