//! Transports and a clock for tests: no socket, no waiting.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::{answer, request};
//! use antom_core::call::SendOptions;
//! use antom_transport::BlockingTransport;
//! use antom_transport::testing::{Script, ScriptedTransport};
//! # let (request, answer) = (request(), answer());
//!
//! let transport = ScriptedTransport::new([Script::Answer(answer)]);
//! transport.send(request, &SendOptions::DEFAULT)?;
//! assert_eq!(transport.sent()[0].0.operation().id, "payments/inquiryPayment");
//! # Ok::<(), antom_core::call::TransportError>(())
//! ```

mod answer;
mod clock;
mod replay;
mod scripted;

pub use answer::sign_answer;
pub use clock::ManualClock;
pub use replay::ReplayTransport;
pub use scripted::{NeverTransport, Script, ScriptedTransport};
