//! `demo`: placeholder until the demo goods land.

use super::Failed;
use crate::config::Config;

pub(super) async fn demo(_config: Config, _seed: u64) -> Result<(), Failed> {
    Err(Failed::Told("no demo goods".into()))
}
