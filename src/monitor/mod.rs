//! Watching the shop: whether it lives, whether it is ready, and its figures.
//!
//! Comes in: questions of a supervisor or of Prometheus. Goes out: `/healthz` (the process
//! answers), `/readyz` (the database answers) and `/metrics`, which holds no secret and no
//! address, and is told to no stranger.

mod recorder;
pub mod web;

pub use recorder::install;
