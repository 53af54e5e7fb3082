//! The notifications: their messages, the enum over them, and the table that tells them apart.

use super::{Files, Item, declaration, section};
use crate::codegen::plan::Plan;
use crate::codegen::spec::{Home, Notification, NotificationKind, Role, Shape, Spec};
use crate::codegen::text::{Text, literals};

const FOLDER: &str = "notifications";

pub(super) fn render(files: &mut Files, spec: &Spec, plan: &Plan) {
    let mut messages = Vec::new();
    let mut models = Vec::new();
    let mut enums = Vec::new();
    for (id, found) in spec.types.iter().filter(|(id, _)| id.home == Home::Notifications) {
        let item = Item { topic: found.topic.clone(), text: declaration(spec, plan, id) };
        match &found.shape {
            Shape::Object(object) if object.role == Role::Notification => messages.push(item),
            Shape::Object(_) => models.push(item),
            Shape::Words(_) => enums.push(item),
            Shape::Rust(_) => {}
        }
    }
    let uses = ["crate::api::models::*", "crate::api::notifications::*"];
    let mut modules =
        vec![("kinds", Vec::new()), ("messages", messages), ("models", models), ("enums", enums)];
    modules.retain(|(name, items)| *name == "kinds" || !items.is_empty());
    modules.sort_by_key(|(name, _)| *name);

    let mut root = Text::file("What Antom tells a merchant by itself; always compiled.");
    for (name, _) in &modules {
        root.line(0, &format!("mod {name};"));
    }
    root.line(0, "");
    for (name, _) in &modules {
        match *name {
            "kinds" => {
                root.line(0, "pub(crate) use kinds::{BY_DEMAND, read};");
                root.line(
                    0,
                    "pub use kinds::{NOTIFICATIONS, Notification, NotificationInfo, NotificationKind};",
                );
            }
            name => root.line(0, &format!("pub use {name}::*;")),
        }
    }
    files.insert(format!("{FOLDER}/mod.rs").into(), root.into_string());
    for (name, items) in modules {
        let (doc, uses) = match name {
            "messages" => ("The notifications.", &uses[..]),
            "models" => ("The parts of notifications.", &uses[..]),
            "enums" => ("The words of notifications.", &[][..]),
            _ => continue,
        };
        section(files, FOLDER, name, doc, uses, items);
    }
    files.insert(format!("{FOLDER}/kinds.rs").into(), kinds(spec));
}

/// Every kind with the notification it belongs to.
fn all(spec: &Spec) -> impl Iterator<Item = (&Notification, &NotificationKind)> {
    spec.notifications
        .iter()
        .flat_map(|notification| notification.kinds.iter().map(move |kind| (notification, kind)))
}

fn summary<'a>(notification: &'a Notification, kind: &'a NotificationKind) -> &'a str {
    kind.description.as_deref().unwrap_or(&notification.summary)
}

fn kinds(spec: &Spec) -> String {
    let mut text = Text::file("The kinds of notifications and what tells them apart.");
    for line in [
        "use alloc::boxed::Box;",
        "",
        "use crate::api::notifications::*;",
        "use crate::codec::{DecodeError, Message, Reader, Table, WireRead};",
        "#[cfg(feature = \"wire-mirror\")]",
        "use crate::codec::{ReadAny, read_boxed};",
        "",
    ] {
        text.line(0, line);
    }

    text.doc(0, "A kind of notification.");
    text.code(
        0,
        &[
            "use antom_core::api::notifications::{NOTIFICATIONS, NotificationKind};",
            "",
            "let paid = NOTIFICATIONS.iter().find(|info| info.kind == NotificationKind::PaymentResult);",
            "assert_eq!(paid.map(|info| info.id), Some(\"notifyPayment\"));",
        ],
    );
    text.line(0, "#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]");
    text.line(0, "#[non_exhaustive]");
    text.line(0, "pub enum NotificationKind {");
    for (notification, kind) in all(spec) {
        text.doc(1, summary(notification, kind));
        text.line(1, &format!("{},", kind.name));
    }
    text.line(0, "}");

    text.line(0, "");
    text.doc(0, "What tells a kind of notification from the others.");
    text.code(
        0,
        &[
            "use antom_core::api::notifications::NOTIFICATIONS;",
            "",
            "// Each is known by a word, by members that must be there, or by both.",
            "assert!(NOTIFICATIONS.iter().all(|info| info.discriminator.is_some() || !info.present.is_empty()));",
            "assert!((NOTIFICATIONS[0].table)().fields.len() > 1);",
        ],
    );
    text.line(0, "#[derive(Debug)]");
    text.line(0, "pub struct NotificationInfo {");
    for (doc, field) in [
        ("The kind.", "pub kind: NotificationKind,"),
        ("The name of the notification in Antom's documentation.", "pub id: &'static str,"),
        (
            "The member that names the kind and its values; none where only `present` tells.",
            "pub discriminator: Option<(&'static str, &'static [&'static str])>,",
        ),
        ("Members that must be there.", "pub present: &'static [&'static str],"),
        ("The page of Antom's documentation, if there is one.", "pub docs: &'static str,"),
        ("What its message is made of.", "pub table: fn() -> &'static Table,"),
    ] {
        text.doc(1, doc);
        text.line(1, field);
    }
    text.doc(1, "Reads its message.");
    text.line(1, "#[cfg(feature = \"wire-mirror\")]");
    text.line(1, "pub read: ReadAny,");
    text.line(0, "}");

    text.line(0, "");
    text.doc(0, "All kinds that are told apart by their members. Of those that fit, the one that asks for most is meant.");
    text.line(0, "#[rustfmt::skip]");
    text.line(0, "pub static NOTIFICATIONS: &[NotificationInfo] = &[");
    // How much each row asks for. A word says more than a few members.
    let mut demands = Vec::new();
    for (notification, kind) in all(spec).filter(|(_, kind)| kind.name != "Unknown") {
        for present in spellings(spec, notification) {
            if !kind.values.is_empty() {
                let discriminator = format!("Some((\"notifyType\", &[{}]))", literals(&kind.values));
                row(&mut text, notification, kind, &discriminator, &present);
                demands.push(present.len() + 4);
            }
            if kind.values.is_empty() || kind.values_optional {
                row(&mut text, notification, kind, "None", &present);
                demands.push(present.len());
            }
        }
    }
    text.line(0, "];");

    let mut order: Vec<usize> = (0..demands.len()).collect();
    order.sort_by_key(|&row| (demands.get(row).copied(), row));
    let order: Vec<String> = order.iter().rev().map(usize::to_string).collect();
    text.line(0, "");
    text.doc(0, "The rows of [`NOTIFICATIONS`], those that ask for most first.");
    text.line(0, "#[rustfmt::skip]");
    text.line(0, &format!("pub(crate) static BY_DEMAND: &[u8] = &[{}];", order.join(", ")));

    text.line(0, "");
    text.doc(
        0,
        "A notification, typed. Each kind has a variant of its own, so that nobody takes one for another.",
    );
    text.code(
        0,
        &[
            "use antom_core::api::notifications::{Notification, NotificationKind, PaymentNotification};",
            "",
            "let notification = Notification::PaymentResult(Box::new(PaymentNotification::new()));",
            "assert_eq!(notification.kind(), NotificationKind::PaymentResult);",
        ],
    );
    text.line(0, "#[derive(Debug, Clone, PartialEq)]");
    text.line(0, "#[non_exhaustive]");
    text.line(0, "pub enum Notification {");
    for (notification, kind) in all(spec) {
        text.doc(1, summary(notification, kind));
        text.line(1, &format!("{}(Box<{}>),", kind.name, notification.message.name));
    }
    text.line(0, "}");

    text.line(0, "");
    text.line(0, "impl Notification {");
    text.doc(1, "The kind of this notification.");
    text.line(1, "#[must_use]");
    text.line(1, "pub const fn kind(&self) -> NotificationKind {");
    text.line(2, "match self {");
    for (_, kind) in all(spec) {
        text.line(3, &format!("Self::{0}(_) => NotificationKind::{0},", kind.name));
    }
    text.line(2, "}");
    text.line(1, "}");
    text.line(0, "}");

    text.line(0, "");
    text.doc(0, "Reads a notification whose kind is known.");
    text.line(0, "#[rustfmt::skip]");
    text.line(0, "pub(crate) fn read(kind: NotificationKind, reader: &mut Reader<'_>) -> Result<Notification, DecodeError> {");
    text.line(1, "Ok(match kind {");
    for (_, kind) in all(spec) {
        let variant = &kind.name;
        text.line(
            2,
            &format!("NotificationKind::{variant} => Notification::{variant}(WireRead::read(reader)?),"),
        );
    }
    text.line(1, "})");
    text.line(0, "}");
    text.into_string()
}

/// The members that tell a notification, and the same in their other spelling if they have one.
fn spellings(spec: &Spec, notification: &Notification) -> Vec<Vec<String>> {
    let aliases = |name: &String| match spec.types.get(&notification.message).map(|found| &found.shape) {
        Some(Shape::Object(object)) => {
            let field = object.fields.iter().find(|field| field.wire == *name);
            field.and_then(|field| field.aliases.first().cloned())
        }
        _ => None,
    };
    let other: Vec<String> =
        notification.present.iter().map(|name| aliases(name).unwrap_or_else(|| name.clone())).collect();
    let mut found = vec![notification.present.clone()];
    if other != notification.present {
        found.push(other);
    }
    found
}

fn row(
    text: &mut Text,
    notification: &Notification,
    kind: &NotificationKind,
    discriminator: &str,
    present: &[String],
) {
    text.line(1, "NotificationInfo {");
    text.line(
        2,
        &format!(
            "kind: NotificationKind::{}, id: {:?}, discriminator: {discriminator}, present: &[{}], docs: {:?},",
            kind.name,
            notification.id,
            literals(present),
            notification.docs.as_deref().unwrap_or_default(),
        ),
    );
    let message = &notification.message.name;
    text.line(2, &format!("table: <{message} as Message>::describe,"));
    text.line(2, "#[cfg(feature = \"wire-mirror\")]");
    text.line(2, &format!("read: read_boxed::<{message}>,"));
    text.line(1, "},");
}
