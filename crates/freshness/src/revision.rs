//! Which of two answers is newer.

use std::fmt;
use std::str::FromStr;

/// A project's revision: it grows with every change that a reader could see. Ordered by epoch, then number.
///
/// Written `12`, or `3.12` where the epoch is not 0.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EpochRevision {
    /// Grows when a store is restored to an earlier state, so that its lower numbers are taken for newer.
    pub epoch: u64,
    /// Grows with every change.
    pub number: u64,
}

/// The largest number of an epoch or a change: 2⁵³.
const MAX: u64 = 1 << 53;

impl FromStr for EpochRevision {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        // No store counts further, so that numbers survive JavaScript: a larger one would block the project for ever.
        let digits = |text: &str| {
            let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let number = text.parse().ok().filter(|number| *number <= MAX);
            number.filter(|_| plain).ok_or(())
        };
        let (epoch, number) = text.split_once('.').unwrap_or(("0", text));
        Ok(Self {
            epoch: digits(epoch)?,
            number: digits(number)?,
        })
    }
}

impl fmt::Display for EpochRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.epoch {
            0 => write!(f, "{}", self.number),
            epoch => write!(f, "{epoch}.{}", self.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_prints_as_it_was_written() {
        for text in ["0", "12", "3.12", "9007199254740992"] {
            assert_eq!(text.parse::<EpochRevision>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "-1",
            "+1",
            "1.",
            ".1",
            "1.2.3",
            "a",
            "9007199254740993",
            "1.18446744073709551615",
            "18446744073709551616",
        ] {
            assert!(text.parse::<EpochRevision>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_restored_store_is_newer_than_what_it_lost() {
        let lost: EpochRevision = "90".parse().unwrap();
        let restored: EpochRevision = "1.40".parse().unwrap();
        assert!(restored > lost);
    }
}
