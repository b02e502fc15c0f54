//! How often something may be done: a burst, and how fast it comes back.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::text_enum;

text_enum! {
    /// The time in which a count comes back.
    pub enum Per {
        /// A second.
        Second = "s",
        /// A minute.
        Minute = "min",
        /// An hour.
        Hour = "h",
    }
}

impl Per {
    fn seconds(self) -> u64 {
        match self {
            Per::Second => 1,
            Per::Minute => 60,
            Per::Hour => 3_600,
        }
    }
}

/// The largest number of a limit.
const MOST: u32 = 1_000_000;
/// A burst that is spent is whole again within a day: a longer one would lock out, not limit.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);
/// What is said of everything that is no limit.
const FORM: &str = "is a burst and a rate such as \"20, 60/min\" (per s, min or h; numbers from 1 \
    to 1000000; a burst that is spent comes back within a day)";

/// `20, 60/min`: twenty at once, and sixty come back in a minute. It cannot be nothing, and it
/// cannot be so slow that it never comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Limit {
    burst: NonZeroU32,
    count: NonZeroU32,
    per: Per,
}

impl Limit {
    /// `burst` at once, `count` come back per `per`; `None` is what [`Limit`] promises not to be.
    pub fn new(burst: u32, count: u32, per: Per) -> Option<Self> {
        let limit = Limit {
            burst: NonZeroU32::new(burst)?,
            count: NonZeroU32::new(count)?,
            per,
        };
        let sound = burst <= MOST && count <= MOST && limit.whole_again() <= LONGEST;
        sound.then_some(limit)
    }

    /// How many are let through at once.
    pub fn burst(&self) -> NonZeroU32 {
        self.burst
    }

    /// The time in which one comes back: at least a microsecond.
    pub fn gap(&self) -> Duration {
        Duration::from_micros(self.per.seconds() * 1_000_000 / u64::from(self.count.get()))
    }

    /// The time in which a burst that is spent comes back.
    fn whole_again(&self) -> Duration {
        self.gap().saturating_mul(self.burst.get())
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}/{}", self.burst, self.count, self.per.as_str())
    }
}

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |text: &str| {
            let text = text.trim();
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten()
        };
        let read = || {
            let (burst, rate) = text.split_once(',')?;
            let (count, per) = rate.split_once('/')?;
            Limit::new(plain(burst)?, plain(count)?, Per::parse(per.trim())?)
        };
        read().ok_or(FORM)
    }
}

impl TryFrom<String> for Limit {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        limit.to_string()
    }
}

/// A limit that is written in the code; one that is none does not compile.
pub(super) const fn of(burst: u32, count: u32, per: Per) -> Limit {
    match (NonZeroU32::new(burst), NonZeroU32::new(count)) {
        (Some(burst), Some(count)) => Limit { burst, count, per },
        _ => panic!("a limit of nothing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_reads_back_as_it_was_written() {
        for (text, micros) in [
            ("20, 60/min", 1_000_000),
            ("200, 50/s", 20_000),
            ("3, 6/h", 600_000_000),
            ("1, 1/h", 3_600_000_000),
            ("1000000, 1000000/s", 1),
        ] {
            let limit: Limit = text.parse().unwrap();
            assert_eq!(limit.to_string(), text);
            assert_eq!(limit.gap(), Duration::from_micros(micros), "{text}");
            let json = serde_json::to_string(&limit).unwrap();
            assert_eq!(json, format!("{text:?}"));
            assert_eq!(serde_json::from_str::<Limit>(&json).unwrap(), limit);
        }
        assert_eq!(
            "5,10/min".parse::<Limit>().unwrap().to_string(),
            "5, 10/min"
        );
    }

    #[test]
    fn nonsense_is_no_limit() {
        for wrong in [
            "",
            "20",
            "20,",
            ", 60/min",
            "20, 60",
            "0, 60/min",
            "20, 0/min",
            "-1, 60/min",
            "+1, 60/min",
            "1e3, 1/s",
            "20, 60/day",
            "20, 60/MIN",
            "20, 60/min, 5",
            "1000001, 1/s",
            "1, 1000001/s",
            "25, 1/h",
            "4294967297, 1/s",
            "２0, 60/min",
        ] {
            let told = wrong.parse::<Limit>();
            assert_eq!(told, Err(FORM), "{wrong:?}");
        }
        assert!("24, 1/h".parse::<Limit>().is_ok());
    }
}
