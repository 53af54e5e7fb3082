//! Proof by trying: a deterministic simulation of shops, networks and a gateway, and an exhaustive check of a
//! small model, both on the real machines of `antom_core::flow` and the real store.

pub mod book;
pub mod call;
pub mod chart;
pub mod facts;
pub mod far;
pub mod fault;
pub mod kill;
pub mod load;
pub mod model;
pub mod plan;
pub mod report;
pub mod rng;
pub mod rules;
pub mod run;
pub mod typed;
pub mod wire;
pub mod world;
