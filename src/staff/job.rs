//! The step that forgets what is long over.

use crate::app::App;
use crate::jobs::{Step, StepError};

/// Forgets sessions and links that ended a month ago.
pub async fn sweep(app: &App) -> Result<Step, StepError> {
    Ok(Step::of(super::sweep(&app.store, app.clock.now()).await?))
}
