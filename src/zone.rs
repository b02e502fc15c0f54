//! Times for people: UTC milliseconds in, text in a time zone out (ui.md §6).

use std::str::FromStr;

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::clock::Millis;

/// A time zone of the IANA list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl FromStr for Zone {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        name.parse()
            .map(Zone)
            .map_err(|_| "is not a time zone such as Asia/Shanghai")
    }
}

impl Zone {
    /// The zone of this name, or UTC.
    pub fn or_utc(name: &str) -> Self {
        name.parse().unwrap_or(Zone(Tz::UTC))
    }

    /// Date and time: `2026-11-22 18:42:10` in Chinese, `22 Nov 2026, 18:42` in English.
    pub fn date_time(self, at: Millis, chinese: bool) -> String {
        let form = if chinese {
            "%Y-%m-%d %H:%M:%S"
        } else {
            "%-d %b %Y, %H:%M"
        };
        self.local(at).format(form).to_string()
    }

    /// The time of day: `18:42`.
    pub fn time(self, at: Millis) -> String {
        self.local(at).format("%H:%M").to_string()
    }

    /// When the day began in which this moment lies.
    pub fn day_began(self, at: Millis) -> Millis {
        let midnight = self.local(at).date_naive().and_time(chrono::NaiveTime::MIN);
        // A night that skips midnight begins its day with the first hour there is.
        let began = (0..24).find_map(|hour| {
            let local = midnight.checked_add_signed(chrono::TimeDelta::hours(hour))?;
            self.0.from_local_datetime(&local).earliest()
        });
        began.map_or(at, |began| began.timestamp_millis())
    }

    /// The year, for a footer.
    pub fn year(self, at: Millis) -> i32 {
        use chrono::Datelike;
        self.local(at).year()
    }

    fn local(self, at: Millis) -> DateTime<Tz> {
        self.0.from_utc_datetime(&utc(at).naive_utc())
    }
}

/// For machines: `2026-11-22T10:42:10Z`.
pub fn iso(at: Millis) -> String {
    utc(at).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn utc(at: Millis) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_the_zone_of_the_shop() {
        let at = 1_795_343_330_000;
        let zone: Zone = "Asia/Shanghai".parse().expect("a zone");
        assert_eq!(zone.date_time(at, true), "2026-11-22 18:28:50");
        assert_eq!(zone.date_time(at, false), "22 Nov 2026, 18:28");
        assert_eq!(zone.time(at), "18:28");
        assert_eq!(iso(at), "2026-11-22T10:28:50Z");
        let midnight = zone.day_began(at);
        assert_eq!(zone.date_time(midnight, true), "2026-11-22 00:00:00");
        assert_eq!(zone.day_began(midnight), midnight);
        let skips: Zone = "Africa/Cairo".parse().expect("a zone");
        let noon = 1_777_021_200_000; // 2026-04-24, whose night skips midnight
        assert_eq!(
            skips.date_time(skips.day_began(noon), true),
            "2026-04-24 01:00:00"
        );
        assert!("Mars/Base".parse::<Zone>().is_err());
    }
}
