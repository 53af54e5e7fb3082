//! What a description must fulfil before anything is written from it.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::error::Problems;
use super::names;
use super::plan::Plan;
use super::spec::{Home, Object, Operation, Privacy, Repeat, Role, Shape, Spec, TypeId, Words};

/// A message's members are noted in a `u128` when it is read.
const MAX_FIELDS: usize = 128;
const ADVICE: &[&str] = &[
    "success",
    "inquire",
    "inquire-original",
    "redirect-or-inquire",
    "redirect-user",
    "retry-same-request",
    "new-request-id",
    "fix-parameters",
    "fix-configuration",
    "reauthorize",
    "ask-buyer",
    "contact-support",
    "final-failure",
];

pub(super) fn check(spec: &Spec) -> Result<(), Error> {
    let mut problems = Problems::default();
    let operations: Vec<&Operation> = spec.groups.iter().flat_map(|group| &group.operations).collect();
    let ids: BTreeSet<&str> = operations.iter().map(|operation| operation.id.as_str()).collect();
    let notified: BTreeSet<&str> =
        spec.notifications.iter().map(|notification| notification.id.as_str()).collect();

    for (id, found) in &spec.types {
        match &found.shape {
            Shape::Object(object) => check_object(spec, id, object, &ids, &mut problems),
            Shape::Words(words) => check_words(id, words, &mut problems),
            Shape::Rust(_) => {}
        }
    }
    check_names(spec, &mut problems);
    check_uses(spec, &mut problems);

    let mut seen = BTreeSet::new();
    for operation in &operations {
        if !seen.insert(&operation.id) {
            problems.add(&operation.id, "two operations have this id");
        }
        check_operation(spec, operation, &ids, &notified, &mut problems);
    }
    for notification in &spec.notifications {
        let Some(message) = object(spec, &notification.message) else {
            problems.add(&notification.id, "its message is not described");
            continue;
        };
        if message.role != Role::Notification {
            problems.add(&notification.id, "its message has another role");
        }
        for name in &notification.present {
            if !message.fields.iter().any(|field| field.wire == *name) {
                problems.add(&notification.id, format!("{name:?} is to be present, but is no member"));
            }
        }
        for kind in &notification.kinds {
            if kind.values.is_empty() && notification.present.is_empty() && kind.name != "Unknown" {
                problems.add(&notification.id, format!("nothing tells the kind {:?}", kind.name));
            }
        }
    }
    for row in &spec.result_codes {
        if !matches!(row.status.as_str(), "S" | "F" | "U") {
            problems.add(&row.code, format!("status {:?} is not S, F or U", row.status));
        }
        if !ADVICE.contains(&row.advice.as_str()) {
            problems.add(&row.code, format!("advice {:?} is not known", row.advice));
        }
        for operation in &row.operations {
            if !ids.contains(operation.as_str()) && !notified.contains(operation.as_str()) {
                problems.add(&row.code, format!("operation {operation:?} is not described"));
            }
        }
    }
    problems.into_result()
}

fn object<'a>(spec: &'a Spec, id: &TypeId) -> Option<&'a Object> {
    match spec.types.get(id).map(|found| &found.shape) {
        Some(Shape::Object(object)) => Some(object),
        _ => None,
    }
}

fn check_object(spec: &Spec, id: &TypeId, object: &Object, ids: &BTreeSet<&str>, problems: &mut Problems) {
    if object.fields.len() > MAX_FIELDS {
        problems.add(id, format!("{} members; the codec takes {MAX_FIELDS}", object.fields.len()));
    }
    let mut wires = BTreeSet::new();
    let mut rust = BTreeSet::new();
    for field in &object.fields {
        let place = format!("{id}.{}", field.wire);
        for spelling in std::iter::once(&field.wire).chain(&field.aliases) {
            if !wires.insert(spelling.as_str()) {
                problems.add(&place, format!("two members are spelled {spelling:?}"));
            }
        }
        let name = field.rust_name.clone().unwrap_or_else(|| names::field(&field.wire));
        if !rust.insert(name.clone()) {
            problems.add(&place, format!("two members are named {name} in Rust"));
        }
        if let Some(named) = field.kind.named()
            && !spec.types.contains_key(named)
        {
            problems.add(&place, format!("{named} is not described"));
        }
        for operation in &field.required_in {
            if !ids.contains(operation.as_str()) {
                problems.add(&place, format!("operation {operation:?} is not described"));
            }
        }
        if field.required && field.condition.is_some() {
            problems.add(&place, "demanded always and under a condition");
        }
        if [&field.description]
            .into_iter()
            .chain(&field.condition)
            .any(|text| text.contains(['[', '<', '"', '\\']))
        {
            problems.add(&place, "its words hold a character that documentation or a literal would misread");
        }
    }
    if object.role == Role::Response
        && !object.fields.iter().any(|field| field.wire == "result" && field.required)
    {
        problems.add(id, "an answer without the member \"result\"");
    }
}

fn check_words(id: &TypeId, words: &Words, problems: &mut Problems) {
    let mut taken = BTreeSet::new();
    for word in &words.values {
        let default = if words.closed { names::variant(&word.value) } else { names::constant(&word.value) };
        let name = word.rust_name.clone().unwrap_or(default);
        if name == "Unknown" {
            problems.add(id, "the value needs a name of its own in x-antom-value-names: Unknown is taken");
        }
        if !taken.insert(name.clone()) {
            problems.add(id, format!("two values are named {name} in Rust"));
        }
    }
    if words.values.is_empty() {
        problems.add(id, "no values");
    }
}

/// Names of types and operations must be unique in their module; a group also sees the shared ones.
fn check_names(spec: &Spec, problems: &mut Problems) {
    let shared: BTreeSet<&str> =
        spec.types.keys().filter(|id| id.home == Home::Models).map(|id| id.name.as_str()).collect();
    for id in spec.types.keys().filter(|id| id.home != Home::Models) {
        if shared.contains(id.name.as_str()) {
            problems.add(id, "a shared type has this name");
        }
    }
    for group in &spec.groups {
        for operation in &group.operations {
            let id = TypeId { home: Home::Group(group.name.clone()), name: operation.name.clone() };
            if spec.types.contains_key(&id) || shared.contains(operation.name.as_str()) {
                problems.add(&operation.id, format!("a type is named {} too", operation.name));
            }
        }
    }
}

/// Every type is used, and is described where its users can see it.
fn check_uses(spec: &Spec, problems: &mut Problems) {
    let plan = Plan::new(spec);
    for id in spec.types.keys() {
        let Some(entry) = plan.of(id) else {
            problems.add(id, "nothing uses it");
            continue;
        };
        let users = entry.groups.len() + usize::from(entry.notified);
        if id.home == Home::Models && users == 1 && !always_shared(spec, id) {
            problems.add(id, "only one group uses it; describe it there");
        }
    }
}

/// Types that the code written by hand needs in every build, and types that are written by hand.
fn always_shared(spec: &Spec, id: &TypeId) -> bool {
    let by_hand = matches!(spec.types.get(id).map(|found| &found.shape), Some(Shape::Rust(_)));
    by_hand || matches!(id.name.as_str(), "ResultInfo" | "ResultCode" | "ResultStatus" | "PaymentMethodType")
}

fn check_operation(
    spec: &Spec,
    operation: &Operation,
    ids: &BTreeSet<&str>,
    notified: &BTreeSet<&str>,
    problems: &mut Problems,
) {
    let place = &operation.id;
    let (Some(request), Some(response)) =
        (object(spec, &operation.request), object(spec, &operation.response))
    else {
        problems.add(place, "its request or answer is not described");
        return;
    };
    if request.role != Role::Request || response.role != Role::Response {
        problems.add(place, "its request or answer has another role");
    }
    let members = |object: &Object| -> BTreeMap<String, Privacy> {
        object.fields.iter().map(|field| (field.wire.clone(), field.privacy)).collect()
    };
    let (asked, answered) = (members(request), members(response));
    if let Repeat::SameId(field) = &operation.repeat
        && !asked.contains_key(field)
    {
        problems.add(place, format!("the id {field:?} is no member of the request"));
    }
    for name in &operation.echoes {
        if asked.get(name) != Some(&Privacy::Plain) || answered.get(name) != Some(&Privacy::Plain) {
            problems.add(place, format!("{name:?} is not a plain member of both request and answer"));
        }
    }
    if let Some(inquiry) = &operation.inquiry
        && !ids.contains(inquiry.as_str())
    {
        problems.add(place, format!("the inquiry {inquiry:?} is not described"));
    }
    for notification in &operation.notifications {
        if !notified.contains(notification.as_str()) {
            problems.add(place, format!("the notification {notification:?} is not described"));
        }
    }
    if !operation.path.starts_with("/ams/") {
        problems.add(place, "the path does not begin with /ams/");
    }
}
