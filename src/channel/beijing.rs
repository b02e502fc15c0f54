//! Wall-clock times of Beijing, as the channels of the mainland write them: `2026-11-20 10:00:21`,
//! without a zone.

use chrono::{DateTime, NaiveDateTime};

use crate::clock::{HOUR, Millis};

/// Beijing is this far ahead of UTC, all the year.
const AHEAD: Millis = 8 * HOUR;

/// Reads a time, with or without a fraction of a second. `None` for anything else.
pub(super) fn read(text: &str) -> Option<Millis> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
    time.and_utc().timestamp_millis().checked_sub(AHEAD)
}

/// Writes a moment, cut to whole seconds.
pub(super) fn write(at: Millis) -> String {
    let local = DateTime::from_timestamp_millis(at.saturating_add(AHEAD)).unwrap_or_default();
    local.format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same_second() {
        for at in [0, 1_795_140_021_000, 1_795_140_021_999, 4_102_444_799_000] {
            assert_eq!(read(&write(at)), Some(at / 1_000 * 1_000), "{}", write(at));
        }
        assert_eq!(write(1_795_140_021_000), "2026-11-20 10:00:21");
        assert_eq!(read("2026-11-21 09:00:00.123"), Some(1_795_222_800_123));
        for wrong in [
            "",
            "2026-11-20",
            "2026-11-20T10:00:21",
            "2026-13-20 10:00:21",
            "now",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
