//! Points in time on the wire.

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, which travels as seconds since 1970 with at most three decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub DateTime<Utc>);

impl Timestamp {
    /// The point in time this many seconds after 1970, rounded to milliseconds.
    pub(crate) fn from_seconds(seconds: f64) -> Option<Self> {
        let millis = (seconds * 1000.0).round();
        // The cast saturates, and chrono refuses what it cannot represent.
        DateTime::from_timestamp_millis(millis as i64).map(Self)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(time: Timestamp) -> Self {
        time.0
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = self.0.timestamp_millis();
        if millis % 1000 == 0 {
            serializer.serialize_i64(millis / 1000)
        } else {
            // Division rounds to the double nearest to the decimal, and that is printed with its own three digits.
            serializer.serialize_f64(millis as f64 / 1000.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Self::from_seconds(seconds).ok_or_else(|| D::Error::custom("out of range"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(millis: i64) -> String {
        serde_json::to_string(&Timestamp(DateTime::from_timestamp_millis(millis).unwrap())).unwrap()
    }

    #[test]
    fn times_travel_as_seconds_with_at_most_three_decimals() {
        assert_eq!(json(1_547_833_345_777), "1547833345.777");
        assert_eq!(json(1_547_833_345_070), "1547833345.07");
        assert_eq!(json(1_547_833_345_000), "1547833345");
        assert_eq!(json(-1), "-0.001");
        let finer = DateTime::from_timestamp(1, 999_999).unwrap();
        assert_eq!(serde_json::to_string(&Timestamp(finer)).unwrap(), "1");
    }

    #[test]
    fn times_are_read_from_any_number() {
        for (text, millis) in [("1547833345.777", 1_547_833_345_777), ("0", 0), ("12", 12_000)] {
            assert_eq!(serde_json::from_str::<Timestamp>(text).unwrap().0.timestamp_millis(), millis);
        }
        assert!(serde_json::from_str::<Timestamp>("1e300").is_err());
        assert!(serde_json::from_str::<Timestamp>(r#""2020-01-01""#).is_err());
    }
}
