//! Moments of time, and their text form.

use std::fmt;
use std::num::NonZeroU8;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::format_description::well_known::iso8601::{Config, EncodedConfig, TimePrecision};
use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{OffsetDateTime, UtcDateTime};

/// A moment: milliseconds since 1970-01-01T00:00:00Z, from the year 0001 to 9999.
/// Written as RFC 3339, UTC, with milliseconds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

/// The milliseconds of a second, in three digits.
const FORMAT: EncodedConfig = Config::DEFAULT
    .set_time_precision(TimePrecision::Second {
        decimal_digits: NonZeroU8::new(3),
    })
    .encode();

impl Timestamp {
    /// The earliest moment.
    pub const MIN: Self = Self(-62_135_596_800_000);
    /// The latest moment.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// A moment from milliseconds since the epoch; values outside the range become its ends.
    pub fn from_ms(ms: i64) -> Self {
        Self(ms.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Milliseconds since the epoch.
    pub fn as_ms(self) -> i64 {
        self.0
    }

    /// Parses a date and a time of RFC 3339, with any offset; digits below a millisecond are cut off.
    pub fn parse(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let ms = at.unix_timestamp() * 1000 + i64::from(at.millisecond());
        Self::try_from(ms).ok()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = i128::from(self.0) * 1_000_000;
        let at = UtcDateTime::from_unix_timestamp_nanos(nanoseconds).map_err(|_| fmt::Error)?;
        at.format(&Iso8601::<FORMAT>)
            .map_err(|_| fmt::Error)?
            .fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not an RFC 3339 time"))
    }
}

impl TryFrom<i64> for Timestamp {
    type Error = ();

    fn try_from(ms: i64) -> Result<Self, ()> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&ms)
            .then_some(Self(ms))
            .ok_or(())
    }
}

impl From<Timestamp> for crate::sql::SqlValue {
    fn from(at: Timestamp) -> Self {
        Self::Integer(at.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(ms in Timestamp::MIN.0..=Timestamp::MAX.0) {
            let at = Timestamp::from_ms(ms);
            prop_assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
        }
    }

    #[test]
    fn known_moments() {
        for (text, ms) in [
            ("1970-01-01T00:00:00.000Z", 0),
            ("2000-02-29T12:34:56.789Z", 951_827_696_789),
            ("1969-12-31T23:59:59.999Z", -1),
        ] {
            assert_eq!(Timestamp::from_ms(ms).to_string(), text);
            assert_eq!(Timestamp::parse(text), Some(Timestamp::from_ms(ms)));
        }
        let same = Timestamp::parse("2026-11-21T08:00:00.123456Z");
        assert_eq!(same, Timestamp::parse("2026-11-21T09:30:00.123+01:30"));
        assert!(same.is_some());
    }

    #[test]
    fn what_is_not_a_moment() {
        for text in [
            "",
            "now",
            "2026-11-21",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T08:00:00",
            "2026-11-21T08:00:00.Z",
            "2026-11-21T08:00:00+1:00",
            "+026-11-21T08:00:00Z",
            "2026-11-21-01T08:00:00Z",
            "2026-11-21T08:00:00Zé",
            "0001-01-01T00:00:00+01:00",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
