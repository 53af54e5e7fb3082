//! The facade's typed calls: one file per group, below `crates/antom/src/groups`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::names;
use super::spec::{Group, Operation, Spec, Transport};
use super::text::Text;

pub(super) fn files(spec: &Spec) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut root = Text::file(
        "The typed calls, one module per group of the API. [`Client`](crate::Client) has a method for each group \
         that is on: `client.payments().pay(&request)`.",
    );
    root.line(0, "#![allow(unused_imports, unused_macros)] // No group may be on.");
    root.line(0, "");
    root.line(0, "mod macros;");
    for group in &spec.groups {
        root.line(0, "");
        root.line(0, &format!("#[cfg(feature = {:?})]", group.name));
        root.line(0, &format!("mod {};", group.name));
        root.line(0, &format!("#[cfg(feature = {:?})]", group.name));
        root.line(0, &format!("pub use {}::{};", group.name, type_name(group)));
        files.insert(PathBuf::from(format!("{}.rs", group.name)), render(group));
    }
    root.line(0, "");
    root.doc(0, "The typed calls of [`blocking::Client`](crate::blocking::Client).");
    root.line(0, "#[cfg(feature = \"blocking\")]");
    root.line(0, "pub mod blocking {");
    for group in &spec.groups {
        root.line(1, &format!("#[cfg(feature = {:?})]", group.name));
        root.line(1, &format!("pub use super::{}::blocking::{};", group.name, type_name(group)));
    }
    root.line(0, "}");
    files.insert(PathBuf::from("mod.rs"), root.into_string());
    files
}

fn render(group: &Group) -> String {
    let mut text = Text::file(&format!("The typed calls of the group `{}`.", group.name));
    text.line(0, "use super::macros::group;");
    text.line(0, "");
    text.line(0, "group! {");
    text.doc(1, &group.description);
    text.line(1, &format!("{}: {} {{", group.name, type_name(group)));
    for operation in group.operations.iter().filter(|operation| operation.transport == Transport::Json) {
        text.doc(2, &documentation(operation));
        text.line(
            2,
            &format!(
                "{}: {}({}) -> {};",
                names::field(&names::snake(&operation.name)),
                operation.name,
                operation.request.name,
                operation.response.name
            ),
        );
    }
    text.line(1, "}");
    text.line(0, "}");
    text.into_string()
}

fn documentation(operation: &Operation) -> String {
    match &operation.docs {
        Some(page) => format!("{} Antom page: <https://docs.antom.com/{page}>.", operation.summary),
        None => operation.summary.clone(),
    }
}

fn type_name(group: &Group) -> String {
    names::variant(&group.name)
}
