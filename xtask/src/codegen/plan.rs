//! Who uses which type: what decides when a type is compiled and in which direction it is read.

use std::collections::{BTreeMap, BTreeSet};

use super::spec::{Home, Shape, Spec, TypeId};

/// How a type is used, over all operations and notifications.
#[derive(Debug, Default)]
pub(super) struct Use {
    /// The groups whose operations need it.
    pub groups: BTreeSet<String>,
    /// Whether a notification needs it; then it is always compiled.
    pub notified: bool,
    /// Whether a request holds it.
    pub sent: bool,
    /// Whether an answer or a notification holds it.
    pub received: bool,
    /// Whether it can hold itself; such fields are boxed.
    pub recursive: bool,
}

#[derive(Debug)]
pub(super) struct Plan {
    uses: BTreeMap<TypeId, Use>,
}

impl Plan {
    pub(super) fn new(spec: &Spec) -> Self {
        let mut uses: BTreeMap<TypeId, Use> = BTreeMap::new();
        for group in &spec.groups {
            for operation in &group.operations {
                for id in reachable(spec, &operation.request) {
                    let entry = uses.entry(id).or_default();
                    entry.groups.insert(group.name.clone());
                    entry.sent = true;
                }
                for id in reachable(spec, &operation.response) {
                    let entry = uses.entry(id).or_default();
                    entry.groups.insert(group.name.clone());
                    entry.received = true;
                }
            }
        }
        for notification in &spec.notifications {
            for id in reachable(spec, &notification.message) {
                let entry = uses.entry(id).or_default();
                entry.notified = true;
                entry.received = true;
            }
        }
        for id in spec.types.keys() {
            let inner =
                parts(spec, id).iter().flat_map(|part| reachable(spec, part)).collect::<BTreeSet<_>>();
            if let Some(entry) = uses.get_mut(id) {
                entry.recursive = inner.contains(id);
            }
        }
        Self { uses }
    }

    /// How a type is used; nothing if it is not.
    pub(super) fn of(&self, id: &TypeId) -> Option<&Use> {
        self.uses.get(id)
    }

    /// The groups one of which must be on for the type to exist, where that is a question: a type of a group
    /// follows its module, and one that a notification needs always exists.
    pub(super) fn gate(&self, id: &TypeId) -> Option<&BTreeSet<String>> {
        let entry = self.uses.get(id)?;
        (id.home == Home::Models && !entry.notified).then_some(&entry.groups)
    }
}

/// The types a type names directly.
fn parts(spec: &Spec, id: &TypeId) -> Vec<TypeId> {
    match spec.types.get(id).map(|found| &found.shape) {
        Some(Shape::Object(object)) => {
            object.fields.iter().filter_map(|field| field.kind.named()).cloned().collect()
        }
        _ => Vec::new(),
    }
}

/// A type and everything below it.
fn reachable(spec: &Spec, root: &TypeId) -> BTreeSet<TypeId> {
    let mut found = BTreeSet::new();
    let mut open = vec![root.clone()];
    while let Some(id) = open.pop() {
        if found.insert(id.clone()) {
            open.extend(parts(spec, &id));
        }
    }
    found
}
