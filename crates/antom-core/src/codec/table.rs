/// What a message type is made of; one static value per type.
///
/// Readers, writers, `Debug`, validation, the sandbox and `antom-dev lint` all walk this table.
///
/// ```
/// use antom_core::codec::{Message, Table};
/// use antom_core::api::models::ResultInfo;
///
/// let table: &Table = ResultInfo::describe();
/// assert_eq!(table.field("resultCode").unwrap().wire, "resultCode");
/// assert!(table.field("nothing").is_none());
/// ```
#[derive(Debug)]
pub struct Table {
    /// The type's name, without the group.
    pub name: &'static str,
    /// The members the type names, in the order of the struct.
    pub fields: &'static [Field],
    /// What a reader and a writer need of them, in few lines of memory: the descriptions above take two each.
    pub(crate) index: Index,
}

/// The members of a type as they stand in documents.
#[derive(Debug)]
pub(crate) struct Index {
    /// All names behind each other, each as it is written behind another member, `,"name":`, and then
    /// blanks.
    pub(crate) names: &'static [u8],
    /// Where each of them starts in `names`, and where the last one ends.
    pub(crate) starts: &'static [u16],
    /// The members that the API demands always, a bit per index.
    pub(crate) required: u128,
    /// Whether any member has another spelling.
    pub(crate) aliases: bool,
}

impl Index {
    /// How many blanks follow the last name, so that whoever copies this many bytes of any name finds them.
    pub(crate) const PADDING: usize = 32;

    /// The starts of names of these lengths, of which the first is that of nothing: 0.
    #[allow(clippy::indexing_slicing, reason = "only the compiler runs it")]
    pub(crate) const fn starts<const N: usize>(mut lengths: [usize; N]) -> [u16; N] {
        let mut starts = [0; N];
        let mut at = 1;
        while at < N {
            lengths[at] += lengths[at - 1];
            assert!(lengths[at] <= u16::MAX as usize);
            starts[at] = lengths[at] as u16;
            at += 1;
        }
        starts
    }

    /// How many members the type names.
    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Where a name stands, from its comma to its colon.
    #[inline]
    pub(crate) fn place(&self, index: usize) -> Option<core::ops::Range<usize>> {
        let (start, end) = (self.starts.get(index)?, self.starts.get(index + 1)?);
        Some(usize::from(*start)..usize::from(*end))
    }

    /// A name as it is written behind another member.
    #[inline]
    pub(crate) fn key(&self, index: usize) -> Option<&'static [u8]> {
        self.names.get(self.place(index)?)
    }
}

/// One member of a message.
///
/// ```
/// use antom_core::api::payments::PayRequest;
/// use antom_core::codec::{Field, Kind, Message, Privacy};
///
/// let field: &Field = PayRequest::describe().field("paymentRequestId").unwrap();
/// assert!(field.required && matches!(field.kind, Kind::Text));
/// assert_eq!((field.privacy, field.max), (Privacy::Plain, 64));
/// ```
#[derive(Debug)]
pub struct Field {
    /// The name on the wire.
    pub wire: &'static str,
    /// Other spellings that are accepted when reading.
    pub aliases: &'static [&'static str],
    /// Whether the API demands it always.
    pub required: bool,
    /// Who may see its value.
    pub privacy: Privacy,
    /// The shape of its value.
    pub kind: Kind,
    /// Longest text in characters (of each element for lists); 0 where no limit is documented.
    pub max: u32,
    /// Most elements of a list; 0 where no limit is documented.
    pub items: u32,
    /// Smallest number.
    pub min: Option<i64>,
    /// When the API demands it, for members that are only sometimes required.
    pub condition: Option<&'static str>,
    /// Whether a request must name it, although documents without it can be read.
    pub demand: Demand,
}

/// Whether a request must name a member of a type that is also read.
///
/// ```
/// use antom_core::api::models::ResultInfo;
/// use antom_core::codec::{Demand, Message};
///
/// // An answer's result is read whatever it lacks; no request names one.
/// assert_eq!(ResultInfo::describe().field("resultCode").unwrap().demand, Demand::No);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// It may be absent.
    No,
    /// Every request that holds the type must name it.
    Always,
    /// Only the requests of these type names must.
    In(&'static [&'static str]),
}

/// Who may see a value.
///
/// ```
/// use antom_core::api::authorizations::RevokeRequest;
/// use antom_core::codec::{Message, Privacy};
///
/// let field = RevokeRequest::describe().field("accessToken").unwrap();
/// assert_eq!(field.privacy, Privacy::Secret);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// May be logged.
    Plain,
    /// Belongs to a person: redacted in `Debug`.
    Personal,
    /// A credential, a card number, a token or a URL that may carry one: never shown.
    Secret,
}

/// The shape of a value.
///
/// ```
/// use antom_core::codec::Kind;
///
/// assert_eq!(Kind::Integer.name(), "a whole number");
/// assert_eq!(Kind::List(&Kind::Text).name(), "an array");
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    Text,
    /// A time as text.
    DateTime,
    /// A decimal number, kept as text.
    Decimal,
    /// A whole number.
    Integer,
    /// A boolean.
    Boolean,
    /// One of a set of words; the set may grow.
    Word(&'static [&'static str]),
    /// Any JSON value.
    Any,
    /// An object with named members.
    Message(fn() -> &'static Table),
    /// An array of values of one shape.
    List(&'static Kind),
    /// An object with any member names and values of one shape.
    Map(&'static Kind),
}

impl Kind {
    /// The shape's name in messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text | Self::DateTime | Self::Word(_) => "text",
            Self::Decimal => "a number",
            Self::Integer => "a whole number",
            Self::Boolean => "true or false",
            Self::Any => "a value",
            Self::Message(_) | Self::Map(_) => "an object",
            Self::List(_) => "an array",
        }
    }
}

impl Table {
    /// The most members a type may name: which ones a document held is kept in a `u128`.
    pub const MAX_FIELDS: usize = 128;

    /// The index of the member with this wire name or alias. `near` is where to look first: documents
    /// tend to keep one order.
    pub(crate) fn find(&self, name: &str, near: usize) -> Option<usize> {
        let is_it = |index: &usize| {
            let place = self.index.place(*index).unwrap_or_default();
            // Most names differ in length already.
            place.len() == name.len() + 4
                && self.index.names.get(place.start + 2..place.end - 2) == Some(name.as_bytes())
        };
        let mut first = near..self.index.len();
        let mut then = 0..near.min(self.index.len());
        first.find(is_it).or_else(|| then.find(is_it)).or_else(|| match self.index.aliases {
            true => self.fields.iter().position(|field| field.aliases.contains(&name)),
            false => None,
        })
    }

    /// The wire name of the member at this index.
    pub(crate) fn wire(&self, index: usize) -> &'static str {
        self.fields.get(index).map_or("", |field| field.wire)
    }

    /// The member with this wire name or alias.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.find(name, 0).and_then(|index| self.fields.get(index))
    }
}
