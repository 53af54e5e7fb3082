//! Operations, notifications and result codes.

use super::{Reader, optional_text, texts};
use crate::codegen::spec::{
    Home, Notification, NotificationKind, Operation, Repeat, ResultCode, Transport, TypeId,
};
use crate::json::Json;

const OPERATION: &[&str] = &[
    "operationId",
    "summary",
    "requestBody",
    "responses",
    "x-antom-name",
    "x-antom-topic",
    "x-antom-repeat",
    "x-antom-idempotency",
    "x-antom-inquiry",
    "x-antom-echoes",
    "x-antom-moves-money",
    "x-antom-sandbox-rewrite",
    "x-antom-transport",
    "x-antom-notification",
    "x-antom-docs",
    "x-antom-docs-variants",
    "x-antom-scenarios",
    "x-antom-aliases",
    "x-antom-conflict",
    "x-antom-note",
];

impl Reader {
    pub(super) fn operations(&mut self, document: &Json, home: &Home) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in document.get("paths").map(Json::members).unwrap_or_default() {
            self.only(path, item, &["post", "x-antom-variants"]);
            let variants = item.get("x-antom-variants").map(Json::items).unwrap_or_default();
            if item.get("post").is_none() {
                self.problems.add(path, "every operation is a post");
            }
            for operation in item.get("post").into_iter().chain(variants) {
                operations.push(self.operation(path, operation, home));
            }
        }
        operations
    }

    fn operation(&mut self, path: &str, json: &Json, home: &Home) -> Operation {
        let id = self.text(path, json, "operationId");
        let place = id.as_str();
        self.only(place, json, OPERATION);
        let transport = match json.get("x-antom-transport").and_then(Json::text) {
            Some("json") => Transport::Json,
            Some("multipart") => Transport::Multipart,
            Some("http2-session") => Transport::Session,
            other => {
                self.problems.add(place, format!("x-antom-transport {other:?} is not known"));
                Transport::Json
            }
        };
        let field = json.get("x-antom-idempotency").and_then(|about| optional_text(about, "field"));
        let repeat = match (json.get("x-antom-repeat").and_then(Json::text), field) {
            (Some("read"), None) => Repeat::Read,
            (Some("never"), None) => Repeat::Never,
            (Some("same-id"), Some(field)) => Repeat::SameId(field),
            (repeat, field) => {
                self.problems
                    .add(place, format!("x-antom-repeat {repeat:?} does not go with the id {field:?}"));
                Repeat::Never
            }
        };
        let response = json.get("responses").and_then(|responses| responses.get("200"));
        Operation {
            name: self.text(place, json, "x-antom-name"),
            path: path.to_owned(),
            summary: self.text(place, json, "summary"),
            topic: optional_text(json, "x-antom-topic"),
            request: self.body(place, home, json.get("requestBody")),
            response: self.body(place, home, response),
            repeat,
            inquiry: optional_text(json, "x-antom-inquiry"),
            echoes: texts(json.get("x-antom-echoes")),
            moves_money: json.get("x-antom-moves-money").is_some_and(Json::is_true),
            sandbox_rewrite: json.get("x-antom-sandbox-rewrite").is_some_and(Json::is_true),
            transport,
            docs: optional_text(json, "x-antom-docs"),
            notifications: texts(json.get("x-antom-notification")),
            id,
        }
    }

    /// The type of a request body or an answer.
    fn body(&mut self, place: &str, home: &Home, json: Option<&Json>) -> TypeId {
        let reference = json
            .and_then(|body| body.get("content"))
            .and_then(|content| content.members().first())
            .and_then(|(_, media)| media.get("schema"))
            .and_then(|schema| optional_text(schema, "$ref"))
            .unwrap_or_default();
        let nowhere = TypeId { home: home.clone(), name: String::new() };
        self.reference(place, home, &reference).unwrap_or(nowhere)
    }

    pub(super) fn notifications(&mut self, document: &Json) {
        for (id, item) in document.get("webhooks").map(Json::members).unwrap_or_default() {
            let Some(post) = item.get("post") else {
                self.problems.add(id, "every notification is a post");
                continue;
            };
            let known = [
                "operationId",
                "summary",
                "requestBody",
                "responses",
                "x-antom-notification",
                "x-antom-docs",
                "x-antom-note",
                "x-antom-conflict",
            ];
            self.only(id, post, &known);
            let about = post.get("x-antom-notification").cloned().unwrap_or(Json::Null);
            let known = ["kinds", "present", "url-field", "retry", "retry-evidence", "recovery-event-types"];
            self.only(id, &about, &known);
            let mut kinds = Vec::new();
            for kind in about.get("kinds").map(Json::items).unwrap_or_default() {
                self.only(id, kind, &["name", "description", "values", "values-optional"]);
                kinds.push(NotificationKind {
                    name: self.text(id, kind, "name"),
                    description: optional_text(kind, "description"),
                    values: texts(kind.get("values")),
                    values_optional: kind.get("values-optional").is_some_and(Json::is_true),
                });
            }
            let notification = Notification {
                id: id.clone(),
                message: self.body(id, &Home::Notifications, post.get("requestBody")),
                summary: self.text(id, post, "summary"),
                kinds,
                present: texts(about.get("present")),
                docs: optional_text(post, "x-antom-docs"),
            };
            self.spec.notifications.push(notification);
        }
    }

    pub(super) fn result_codes(&mut self, document: &Json) {
        for row in document.get("x-antom-result-codes").map(Json::items).unwrap_or_default() {
            let code = self.text("result_codes.json", row, "code");
            let known =
                ["code", "level", "status", "advice", "operations", "inferred", "buyer-may-retry", "note"];
            self.only(&code, row, &known);
            let entry = ResultCode {
                level: self.text(&code, row, "level"),
                status: self.text(&code, row, "status"),
                advice: self.text(&code, row, "advice"),
                operations: texts(row.get("operations")),
                inferred: row.get("inferred").is_some_and(Json::is_true),
                code,
            };
            self.spec.result_codes.push(entry);
        }
    }
}
