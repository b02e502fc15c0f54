//! The staff: whether somebody can sign in.

use super::report::{Finding, ok, warn};
use crate::staff::{Staff, StaffState};

const AREA: &str = "staff";

/// Whether anybody can decide what the shop cannot decide alone.
pub(super) fn judge(all: &[Staff]) -> Finding {
    let on = all.iter().filter(|one| one.state == StaffState::On);
    match (on.count(), all.len()) {
        (0, 0) => warn(
            AREA,
            "nobody can sign in to the console: money that needs a decision waits, and buyers \
             get no answer",
            "`vendgate staff first` prints a link that makes the first administrator",
        ),
        (0, all) => warn(
            AREA,
            format!("nobody can sign in to the console: {all} of the staff, all turned off"),
            "see who works here with `vendgate staff list`",
        ),
        (1, _) => ok(AREA, "1 person can sign in to the console"),
        (n, _) => ok(AREA, format!("{n} people can sign in to the console")),
    }
}
