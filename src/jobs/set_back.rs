//! A clock that was set back (a time server's correction, a resumed machine): what was to
//! happen soon by the old time must not wait until the new time has caught up.
//!
//! Nothing remembers the jump, for the process may have been down meanwhile: each room knows
//! how far ahead its rows can stand at most, and brings back what stands further. Rarely, so
//! that the claims themselves stay plain range scans.

use crate::app::App;
use crate::clock::DAY;
use crate::notify::Alarm;
use crate::notify::alert::Severity;
use crate::random::Derived;
use crate::{notify, payment, refund};

use super::{Step, StepError};

/// Brings back what stands further ahead than it can; tells the owner once a day.
pub(super) async fn step(app: &App) -> Result<Step, StepError> {
    let brought = payment::job::set_back(app).await?
        + refund::job::set_back(app).await?
        + notify::job::set_back(app).await?;
    if brought == 0 {
        return Ok(Step::Idle);
    }
    let now = app.clock.now();
    tracing::warn!(rows = brought, "the clock was set back");
    let (promises, seed): (_, [u8; 32]) = (app.promises(), (*app.random).bytes());
    app.store
        .write(move |db| {
            let alarm = Alarm {
                kind: "clock_set_back",
                cause: &format!("clock_set_back/{}", now / DAY),
                severity: Severity::Warning,
                body: "The clock of this machine was set back. What was due by the old time is \
                       done now; orders made before may be payable a little longer than they \
                       say. Keep the time synchronised in small steps."
                    .to_owned(),
            };
            promises.alarm(db, &Derived::from_seed(seed), alarm, now)
        })
        .await?;
    Ok(Step::Did)
}
