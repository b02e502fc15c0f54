//! Follows the configuration.

use crate::app::App;
use crate::jobs::{Step, StepError};

/// Reads the configuration again if somebody changed it.
pub async fn follow(app: &App) -> Result<Step, StepError> {
    app.follow_configuration().await?;
    // Once per pause is enough, also after a change.
    Ok(Step::Idle)
}
