//! A library's public surface as lines that a person can review: what belongs to a type stands in one line with it.
//!
//! ```text
//! #[non_exhaustive] pub struct api::payments::PayRequest { is message | amount: Amount | fn new(String) -> Self }
//! pub fn Amount::minor(&self) -> u64
//! traits Amount { Clone | Copy | Debug }
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::api::Item;

/// Between the members of a line; stands in no type.
pub(super) const BETWEEN: &str = " | ";

/// Ends the line of a trait's function that has a body: it can be added without breaking anyone.
pub(super) const PROVIDED: &str = " = provided";

/// Lines by their heads; each with its members.
pub(super) type Surface = BTreeMap<String, BTreeSet<String>>;

/// The module whose code is generated: every type in it follows one of [`KINDS`].
const GENERATED: &str = "api::";

/// What the types of the generated modules implement, by the name that stands for it.
const KINDS: &[(&str, &[&str])] = &[
    (
        "message",
        &[
            "Clone",
            "Debug",
            "PartialEq",
            "codec::DynMessage",
            "codec::Message",
            "codec::ReadMessage",
            "codec::ReadTarget",
            "codec::WireRead",
            "codec::WireView",
            "serde_core::de::Deserialize<'de>",
            "serde_core::ser::Serialize",
        ],
    ),
    (
        "text",
        &[
            "Clone",
            "Debug",
            "Display",
            "Eq",
            "From<&str>",
            "From<String>",
            "Hash",
            "PartialEq",
            "codec::WireRead",
            "codec::WireView",
            "serde_core::de::Deserialize<'de>",
            "serde_core::ser::Serialize",
        ],
    ),
    ("operation", &["Clone", "Copy", "Debug", "Eq", "PartialEq", "call::Operation"]),
];

/// Names that everybody knows without their paths.
const KNOWN: &[(&str, &str)] = &[
    ("alloc::borrow::Cow", "Cow"),
    ("alloc::boxed::Box", "Box"),
    ("alloc::string::String", "String"),
    ("alloc::sync::Arc", "Arc"),
    ("alloc::vec::Vec", "Vec"),
    ("core::clone::Clone", "Clone"),
    ("core::cmp::Eq", "Eq"),
    ("core::cmp::Ord", "Ord"),
    ("core::cmp::PartialEq", "PartialEq"),
    ("core::cmp::PartialOrd", "PartialOrd"),
    ("core::convert::AsRef", "AsRef"),
    ("core::convert::From", "From"),
    ("core::convert::Into", "Into"),
    ("core::convert::TryFrom", "TryFrom"),
    ("core::default::Default", "Default"),
    ("core::fmt::Debug", "Debug"),
    ("core::fmt::Display", "Display"),
    ("core::hash::Hash", "Hash"),
    ("core::marker::Copy", "Copy"),
    ("core::marker::Send", "Send"),
    ("core::marker::Sync", "Sync"),
    ("core::marker::Unpin", "Unpin"),
    ("core::option::Option", "Option"),
    ("core::panic::unwind_safe::RefUnwindSafe", "RefUnwindSafe"),
    ("core::panic::unwind_safe::UnwindSafe", "UnwindSafe"),
    ("core::result::Result", "Result"),
    ("core::str::traits::FromStr", "FromStr"),
    ("core::time::Duration", "Duration"),
];

/// What the compiler implements by itself: worth a word only where it is missing.
const AUTOMATIC: &[&str] = &["Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe"];

/// What no program can name on stable Rust.
const UNSTABLE: &[&str] =
    &["core::marker::Freeze", "core::marker::StructuralPartialEq", "core::marker::UnsafeUnpin"];

/// What an item is, as far as it decides where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Type,
    Trait,
    /// `impl X` or `impl Trait for X`.
    Inherent,
    Implementation,
    Other,
}

/// The surface of the library with this crate name.
pub(super) fn surface(crate_name: &str, items: &[Item]) -> Surface {
    let items: Vec<Item> =
        items.iter().map(|item| Item { text: short(crate_name, &item.text), ..item.clone() }).collect();
    let tree = Tree::new(&items);
    let mut surface = Surface::new();
    for item in &items {
        if let Some((head, member)) = tree.place(item) {
            surface.entry(head).or_default().extend(member);
        }
    }
    for (id, implemented) in tree.traits(&items) {
        let Some(of) = tree.by_id.get(&id) else { continue };
        if is_generated(of) {
            surface.entry(of.text.clone()).or_default().extend(named(implemented));
        } else if !implemented.is_empty() {
            surface.entry(format!("traits {}", path(&of.text))).or_default().extend(implemented);
        }
    }
    surface
}

/// What belongs to what.
struct Tree<'a> {
    by_id: HashMap<u32, &'a Item>,
    /// The fields of types, as their items begin: `pub Amount::minor: `.
    fields: HashSet<&'a str>,
}

impl<'a> Tree<'a> {
    fn new(items: &'a [Item]) -> Self {
        let mut by_id: HashMap<u32, &Item> = items.iter().map(|item| (item.id, item)).collect();
        let types: HashSet<u32> =
            items.iter().filter(|item| shape(item) == Shape::Type).map(|item| item.id).collect();
        let under_a_type = |item: &&Item| item.parent.is_some_and(|parent| types.contains(&parent));
        // A block stands under its type and under its trait: what counts is the type.
        by_id.extend(items.iter().filter(under_a_type).map(|item| (item.id, item)));
        let fields = items
            .iter()
            .filter(under_a_type)
            .filter_map(|item| item.text.split_once(": "))
            .map(|(name, _)| name);
        Self { fields: fields.collect(), by_id }
    }

    fn parent(&self, item: &Item) -> Option<&'a Item> {
        item.parent.and_then(|id| self.by_id.get(&id).copied())
    }

    /// The line in which an item stands, and as which of its members. What goes without saying has none.
    fn place(&self, item: &Item) -> Option<(String, Option<String>)> {
        let parent = self.parent(item);
        let inside = parent.map(shape);
        match (shape(item), inside) {
            (Shape::Inherent, _) | (Shape::Implementation, Some(Shape::Type)) => None,
            // A block for a type of the same library stands with the type.
            (Shape::Implementation, _) => {
                let told = self.by_id.get(&item.id).and_then(|block| self.parent(block));
                let told = told.is_some_and(|of| shape(of) == Shape::Type);
                (!told).then(|| (item.text.clone(), None))
            }
            // The functions are the trait's; what a type says for itself are its associated types.
            (_, Some(Shape::Implementation)) => {
                let of = parent.and_then(|block| self.parent(block)).filter(|of| is_generated(of))?;
                item.text.starts_with("pub type ").then(|| (of.text.clone(), Some(member(of, &item.text))))
            }
            (_, Some(Shape::Inherent)) => {
                let of = parent.and_then(|block| self.parent(block));
                match of.filter(|of| is_generated(of)) {
                    Some(of) if self.is_setter(item, of) => None,
                    Some(of) => Some((of.text.clone(), Some(member(of, &item.text)))),
                    None => Some((item.text.clone(), None)),
                }
            }
            (_, Some(Shape::Type)) => parent.map(|of| (of.text.clone(), Some(member(of, &item.text)))),
            // A field of a variant goes with the enum.
            (_, Some(Shape::Other)) => match parent.and_then(|variant| self.parent(variant)) {
                Some(of) if shape(of) == Shape::Type => Some((of.text.clone(), Some(member(of, &item.text)))),
                _ => Some((item.text.clone(), None)),
            },
            (_, Some(Shape::Trait)) if item.provided => Some((format!("{}{PROVIDED}", item.text), None)),
            _ => Some((item.text.clone(), None)),
        }
    }

    /// `with_amount` where there is a field `amount`: every field has one.
    fn is_setter(&self, item: &Item, of: &Item) -> bool {
        let path = path(&of.text);
        let name = item
            .text
            .strip_prefix(&format!("pub fn {path}::with_"))
            .and_then(|rest| rest.split_once(['(', '<']));
        name.is_some_and(|(name, _)| self.fields.contains(format!("pub {path}::{name}").as_str()))
    }

    /// What each type implements.
    fn traits(&self, items: &[Item]) -> BTreeMap<u32, BTreeSet<String>> {
        let mut traits: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        for item in items.iter().filter(|item| shape(item) == Shape::Implementation) {
            if let Some(of) = self.parent(item).filter(|of| shape(of) == Shape::Type) {
                traits.entry(of.id).or_default().extend(implemented(&item.text));
            }
        }
        traits
    }
}

pub(crate) fn shape(item: &Item) -> Shape {
    let text = item.text.as_str();
    if text.starts_with("impl") {
        let for_another = text.contains(" for ") || text.starts_with("impl !");
        return if for_another { Shape::Implementation } else { Shape::Inherent };
    }
    let text = text.trim_start_matches("#[non_exhaustive] ").trim_start_matches("#[repr(transparent)] ");
    match text.strip_prefix("pub ").and_then(|rest| rest.split_once(' ')) {
        Some(("struct" | "enum" | "union", _)) => Shape::Type,
        Some(("trait", _)) => Shape::Trait,
        Some(("unsafe", rest)) if rest.starts_with("trait ") => Shape::Trait,
        _ => Shape::Other,
    }
}

/// `pub struct api::payments::PayRequest` without what comes before the path, and without its parameters.
fn path(text: &str) -> &str {
    let start = ["struct ", "enum ", "union "]
        .iter()
        .find_map(|word| text.split_once(word))
        .map_or(text, |(_, rest)| rest);
    start.split(['<', '(', ' ']).next().unwrap_or(start)
}

fn is_generated(of: &Item) -> bool {
    path(&of.text).starts_with(GENERATED)
}

/// `pub PATH::amount: Amount` as `amount: Amount`, `pub fn PATH::new()` as `fn new()`.
fn member(of: &Item, text: &str) -> String {
    text.replacen(&format!("{}::", path(&of.text)), "", 1).trim_start_matches("pub ").to_owned()
}

/// What `impl<T> Trait for X` says of X.
fn implemented(text: &str) -> Option<String> {
    let (left, _) = text.rsplit_once(" for ").filter(|_| !text.contains(" where ")).or_else(|| {
        let (before, condition) = text.split_once(" where ")?;
        before.rsplit_once(" for ").map(|(left, _)| (left, condition))
    })?;
    let left = left.trim_start_matches("impl").trim_start_matches("<'de>").trim_start();
    let negative = left.strip_prefix('!');
    let bare = negative.unwrap_or(left);
    let bare = bare.rsplit_once("> ").filter(|_| left.starts_with('<')).map_or(bare, |(_, name)| name);
    let automatic = AUTOMATIC.contains(&bare);
    let hidden = UNSTABLE.contains(&bare) || (automatic && negative.is_none());
    (!hidden).then(|| left.to_owned())
}

/// The traits with those of the kind under its name.
fn named(implemented: BTreeSet<String>) -> BTreeSet<String> {
    for (name, traits) in KINDS {
        if traits.iter().all(|one| implemented.contains(*one)) {
            let more = implemented.into_iter().filter(|one| !traits.contains(&one.as_str()));
            return more.map(|one| format!("is {one}")).chain([format!("is {name}")]).collect();
        }
    }
    implemented.into_iter().map(|one| format!("is {one}")).collect()
}

/// Without the library's own name before its paths, and without the paths of what everybody knows.
fn short(crate_name: &str, text: &str) -> String {
    let own = format!("{crate_name}::");
    let known = KNOWN.iter().map(|(long, short)| (*long, *short));
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // A path begins where what stands before it belongs to no name.
    let mut inside = false;
    while let Some(first) = rest.chars().next() {
        if !inside {
            if let Some(after) = rest.strip_prefix(own.as_str()) {
                rest = after;
                continue;
            }
            let found = known.clone().find_map(|(long, short)| {
                let after = rest.strip_prefix(long)?;
                let ends =
                    !after.starts_with(|next: char| next.is_alphanumeric() || next == '_' || next == ':');
                ends.then_some((short, after))
            });
            if let Some((short, after)) = found {
                out.push_str(short);
                rest = after;
                continue;
            }
        }
        out.push(first);
        inside = first.is_alphanumeric() || first == '_' || first == ':';
        rest = rest.split_at(first.len_utf8()).1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::surface;
    use crate::release::api::Item;
    use crate::release::snapshot;

    /// Items as `(id, parent, text)`; those of traits with a body have an id above 100.
    fn lines(items: &[(u32, u32, &str)]) -> String {
        let items: Vec<Item> = items
            .iter()
            .map(|&(id, parent, text)| Item {
                id,
                parent: (parent > 0).then_some(parent),
                text: text.into(),
                provided: id > 100,
                ..Item::default()
            })
            .collect();
        let text = snapshot::text("parlour", &surface("parlour", &items));
        text.split_once("\n\n").map(|(_, lines)| lines.to_owned()).unwrap()
    }

    #[test]
    fn what_belongs_to_a_type_stands_with_it() {
        let found = lines(&[
            (1, 0, "pub mod parlour"),
            (2, 1, "#[non_exhaustive] pub struct parlour::Tea<T>"),
            (3, 2, "pub parlour::Tea::leaves: core::option::Option<alloc::string::String>"),
            (4, 2, "impl<T> parlour::Tea<T>"),
            (5, 4, "pub fn parlour::Tea<T>::with_leaves(self, core::fmt::Error) -> parlour::xparlour::Tea"),
            (6, 2, "impl<T: core::clone::Clone> core::clone::Clone for parlour::Tea<T>"),
            (7, 6, "pub fn parlour::Tea<T>::clone(&self) -> Self"),
            (8, 2, "impl<T> core::marker::Send for parlour::Tea<T> where T: core::marker::Send"),
            (9, 2, "impl<T> !core::marker::Sync for parlour::Tea<T>"),
            (10, 2, "impl<T> core::marker::Freeze for parlour::Tea<T> where T: core::marker::Freeze"),
        ]);
        assert_eq!(
            found,
            "#[non_exhaustive] pub struct Tea<T> { leaves: Option<String> }\npub fn Tea<T>::with_leaves(self, core::fmt::Error) \
             -> xparlour::Tea\npub mod parlour\ntraits Tea { <T: Clone> Clone | <T> !Sync }\n"
        );
    }

    #[test]
    fn a_generated_type_is_one_line() {
        let mut items = vec![
            (1, 0, "pub struct parlour::api::Pay"),
            (2, 1, "pub parlour::api::Pay::amount: u8"),
            (3, 1, "impl parlour::api::Pay"),
            (4, 3, "pub fn parlour::api::Pay::with_amount(self, u8) -> Self"),
            (5, 3, "pub fn parlour::api::Pay::with_more(self, u8) -> Self"),
            (6, 1, "impl parlour::call::Operation for parlour::api::Pay"),
            (7, 6, "pub type parlour::api::Pay::Request = u8"),
            (8, 6, "pub fn parlour::api::Pay::name() -> u8"),
        ];
        let rest = ["clone::Clone", "marker::Copy", "fmt::Debug", "cmp::Eq", "cmp::PartialEq", "hash::Hash"];
        let rest = rest.map(|name| format!("impl core::{name} for parlour::api::Pay"));
        items.extend(rest.iter().zip(20..).map(|(text, id)| (id, 1, text.as_str())));
        assert_eq!(
            lines(&items),
            "pub struct api::Pay { amount: u8 | fn with_more(self, u8) -> Self | is Hash | is operation | type Request = u8 }\n"
        );
    }

    #[test]
    fn variants_and_traits_tell_what_is_in_them() {
        let found = lines(&[
            (1, 0, "pub enum parlour::Cup"),
            (2, 1, "pub parlour::Cup::Big"),
            (3, 2, "pub parlour::Cup::Big::litres: u8"),
            (4, 0, "pub trait parlour::Pour: core::fmt::Debug"),
            (5, 4, "pub fn parlour::Pour::pour(&self)"),
            (101, 4, "pub fn parlour::Pour::stop(&self)"),
            // Stands under its type and under its trait.
            (6, 1, "impl parlour::Pour for parlour::Cup"),
            (6, 4, "impl parlour::Pour for parlour::Cup"),
            (7, 6, "pub fn parlour::Cup::pour(&self)"),
            (8, 4, "impl<T: parlour::Pour> parlour::Pour for &T"),
        ]);
        assert_eq!(
            found,
            "impl<T: Pour> Pour for &T\npub enum Cup { Big | Big::litres: u8 }\npub fn Pour::pour(&self)\n\
             pub fn Pour::stop(&self) = provided\npub trait Pour: Debug\ntraits Cup { Pour }\n"
        );
    }
}
