//! Times of WeChat Pay: RFC 3339, printed in Beijing time, to the second.

use chrono::{DateTime, FixedOffset};

use crate::clock::Millis;

/// Beijing is eight hours ahead, all year.
const AHEAD: i32 = 8 * 3_600;

/// `2026-11-20T10:30:00+08:00`. `None` only for years that no calendar has.
pub(super) fn print(at: Millis) -> Option<String> {
    let zone = FixedOffset::east_opt(AHEAD)?;
    let local = DateTime::from_timestamp_millis(at)?.with_timezone(&zone);
    Some(local.format("%Y-%m-%dT%H:%M:%S+08:00").to_string())
}

/// A time with its own zone, as UTC.
pub(super) fn parse(text: &str) -> Option<Millis> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_in_beijing_and_read_from_anywhere() {
        let at = 1_795_141_800_000;
        assert_eq!(print(at).as_deref(), Some("2026-11-20T10:30:00+08:00"));
        assert_eq!(print(at + 999), print(at));
        assert_eq!(parse("2026-11-20T10:30:00+08:00"), Some(at));
        assert_eq!(parse("2026-11-20T02:30:00Z"), Some(at));
        for wrong in [
            "",
            "2026-11-20 10:30:00",
            "2026-13-20T10:30:00+08:00",
            "1795141800",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
