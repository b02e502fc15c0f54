//! `doctor`: looks at everything the shop stands on.

use super::{Failed, print};
use crate::config::{Config, ConfigError};
use crate::doctor;

/// Prints what was found; fails if anything of it is bad.
pub(super) async fn doctor(
    config: Result<Config, ConfigError>,
    env: &dyn Fn(&str) -> Option<String>,
    json: bool,
) -> Result<(), Failed> {
    let report = match config {
        Ok(config) => doctor::examine(&config, env).await,
        Err(cause) => doctor::without_configuration(&cause.to_string()),
    };
    if json {
        print(&report.json())?;
    } else {
        print(&report.to_string())?;
    }
    if report.ok() {
        Ok(())
    } else {
        Err(Failed::Told("something is bad".to_owned()))
    }
}
