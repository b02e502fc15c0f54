//! The machine's clock against others, and against what the shop has written.

use super::report::{Finding, bad, ok, warn};
use crate::clock::{MINUTE, Millis, SECOND, SKEW};

const AREA: &str = "clock";
/// Signatures are refused beyond five minutes; a clock this far off is on its way there.
const FAR: Millis = MINUTE;
const NEAR: Millis = 5 * SECOND;
const TODO: &str = "keep the machine's clock by NTP (timedatectl set-ntp true)";

/// Somebody else's clock: who, what it says, and how exactly its word is known.
pub(super) fn against(who: &str, theirs: Millis, ours: Millis, exact_to: Millis) -> Finding {
    let off = ours - theirs;
    let found = match off.abs() <= exact_to {
        true => format!("as {who} says"),
        false => {
            let way = if off > 0 { "ahead of" } else { "behind" };
            format!("{} s {way} {who}", off.abs() / SECOND)
        }
    };
    match off.abs() {
        off if off <= NEAR + exact_to => ok(AREA, found),
        off if off <= FAR => warn(AREA, found, TODO),
        _ => bad(AREA, found, TODO),
    }
}

/// The newest row of the shop: none can lie ahead.
pub(super) fn newest_row(newest: Option<Millis>, now: Millis) -> Option<Finding> {
    let ahead = newest? - now;
    Some(match ahead {
        ahead if ahead <= SKEW => ok(AREA, "no row of the shop lies ahead of it"),
        _ => bad(
            AREA,
            format!(
                "the shop's newest row lies {} s ahead: it was set back",
                ahead / SECOND
            ),
            "set it right; what is due waits at most as long as it was set back",
        ),
    })
}

/// The time an HTTP `Date` header tells, to the second.
pub(super) fn of_date_header(text: &str) -> Option<Millis> {
    let at = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    Some(at.timestamp_millis())
}
