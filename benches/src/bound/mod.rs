//! The lower bound: the same work with hyper-util, reqwest, ring and serde_json, by hand and with nothing
//! around it. No limits, no binding of ids, no repetition: what a careful person would leave out when only
//! speed counts.

pub mod client;
pub mod messages;
pub mod server;
pub(crate) mod sqlite;
pub mod wire;
