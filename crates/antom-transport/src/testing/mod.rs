//! Transports and a clock for tests: no socket, no waiting.

mod answer;
mod clock;
mod replay;
mod scripted;

pub use answer::sign_answer;
pub use clock::ManualClock;
pub use replay::ReplayTransport;
pub use scripted::{NeverTransport, Script, ScriptedTransport};
