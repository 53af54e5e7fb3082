//! How messages become JSON and JSON becomes messages.
//!
//! Every generated type describes itself with one static [`Table`]; one reader, one writer, one
//! redacting `Debug` and one pair of serde shims serve all of them. The code that is compiled per type
//! is two `match`es and a list of calls, which keeps the whole API affordable to build.
//!
//! [`Reader`] is the only JSON parser of the SDK. It works on borrowed text, refuses duplicate keys at
//! any depth, stops at a stated depth and size, and says with a JSON pointer where it stopped.
//!
//! ```
//! use antom_core::api::models::ResultInfo;
//! use antom_core::codec::{Limits, Message, ReadMessage};
//!
//! let text = br#"{"resultCode":"SUCCESS","resultStatus":"S","addedLater":1}"#;
//! let result = ResultInfo::from_json(text, &Limits::ANSWER)?;
//! assert_eq!(result.result_code.as_ref().unwrap().as_str(), "SUCCESS");
//! // What this SDK does not know is kept, and written back.
//! assert_eq!(result.to_json(), text);
//! # Ok::<(), antom_core::codec::DecodeError>(())
//! ```

mod debug;
mod error;
mod length;
mod macros;
mod message;
mod raw;
mod reader;
mod rest;
mod scan;
mod serde_shim;
mod table;
mod wire;
mod writer;

pub use error::{DecodeError, DecodeErrorKind};
pub use message::{DynMessage, Message, ReadMessage, ReadTarget};
pub use raw::{DecimalText, Map, RawJson};
pub use reader::{Limits, Reader, ValueKind};
pub use rest::Rest;
pub(crate) use table::Index;
pub use table::{Demand, Field, Kind, Privacy, Table};
pub use wire::{ListView, MapView, View, WireRead, WireView};

pub(crate) use macros::{impl_wire_for_text, index, message, operation, setters};
pub(crate) use message::read_document;
pub(crate) use reader::Seen;
pub(crate) use writer::write_string;

#[doc(hidden)]
pub use debug::debug_message;
#[cfg(feature = "wire-mirror")]
pub use message::{ReadAny, read_boxed};
#[doc(hidden)]
pub use message::{equal_messages, read_message};
#[doc(hidden)]
pub use serde_shim::{deserialize_message, serialize_message};
#[cfg(feature = "payments")]
pub(crate) use writer::write_view;
pub use writer::{Members, write_message, write_named};

#[cfg(test)]
mod tests;
