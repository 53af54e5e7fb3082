//! The description as values. Names are those of the wire unless they say otherwise.

use std::collections::BTreeMap;

/// Where a type is described, and so in which module it ends up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Home {
    /// Used by more than one group, or by a group and a notification.
    Models,
    /// Used by notifications only.
    Notifications,
    /// Used by one group only.
    Group(String),
}

/// A type by its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TypeId {
    pub home: Home,
    pub name: String,
}

#[derive(Debug, Default)]
pub(super) struct Spec {
    pub groups: Vec<Group>,
    pub types: BTreeMap<TypeId, Type>,
    pub notifications: Vec<Notification>,
    pub result_codes: Vec<ResultCode>,
}

#[derive(Debug)]
pub(super) struct Group {
    pub name: String,
    pub description: String,
    pub operations: Vec<Operation>,
}

#[derive(Debug)]
pub(super) struct Operation {
    pub id: String,
    pub name: String,
    pub path: String,
    pub summary: String,
    pub topic: Option<String>,
    pub request: TypeId,
    pub response: TypeId,
    pub repeat: Repeat,
    pub inquiry: Option<String>,
    pub echoes: Vec<String>,
    pub moves_money: bool,
    pub sandbox_rewrite: bool,
    pub transport: Transport,
    pub docs: Option<String>,
    pub notifications: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Read,
    SameId(String),
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Json,
    Multipart,
    Session,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Request,
    Response,
    Notification,
    Model,
}

#[derive(Debug)]
pub(super) struct Type {
    pub description: String,
    pub topic: Option<String>,
    pub shape: Shape,
}

#[derive(Debug)]
pub(super) enum Shape {
    /// A message.
    Object(Object),
    /// Words.
    Words(Words),
    /// A type that is written by hand.
    Rust(String),
}

#[derive(Debug)]
pub(super) struct Object {
    pub role: Role,
    pub fields: Vec<Field>,
    /// The members that `new` takes, where it is not those the API demands.
    pub new: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Words {
    /// Whether every value must be decided upon (an enum), or values are mostly passed on (a newtype).
    pub closed: bool,
    pub values: Vec<Word>,
}

#[derive(Debug)]
pub(super) struct Word {
    pub value: String,
    pub description: Option<String>,
    pub rust_name: Option<String>,
}

#[derive(Debug)]
pub(super) struct Field {
    pub wire: String,
    pub kind: Kind,
    pub description: String,
    pub required: bool,
    pub condition: Option<String>,
    pub required_in: Vec<String>,
    pub privacy: Privacy,
    pub aliases: Vec<String>,
    pub rust_name: Option<String>,
    pub max_length: Option<i64>,
    pub max_items: Option<i64>,
    pub minimum: Option<i64>,
    pub maximum: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Privacy {
    Plain,
    Personal,
    Secret,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    DateTime,
    Integer,
    Decimal,
    Boolean,
    /// Any JSON; also where sources disagree so much that only both readings are safe.
    Any,
    Type(TypeId),
    List(Box<Kind>),
    Map(Box<Kind>),
}

impl Kind {
    /// The type that the kind is made of, if it is one.
    pub(super) fn named(&self) -> Option<&TypeId> {
        match self {
            Self::Type(id) => Some(id),
            Self::List(inner) | Self::Map(inner) => inner.named(),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(super) struct Notification {
    pub id: String,
    pub message: TypeId,
    pub summary: String,
    pub kinds: Vec<NotificationKind>,
    pub present: Vec<String>,
    pub docs: Option<String>,
}

#[derive(Debug)]
pub(super) struct NotificationKind {
    pub name: String,
    pub description: Option<String>,
    /// The values of `notifyType` that tell it; none where other members do.
    pub values: Vec<String>,
    /// Whether it can also come without `notifyType`.
    pub values_optional: bool,
}

#[derive(Debug)]
pub(super) struct ResultCode {
    pub code: String,
    pub level: String,
    pub status: String,
    pub advice: String,
    pub operations: Vec<String>,
    pub inferred: bool,
}
