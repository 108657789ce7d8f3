//! A count of tests, with the failed ones.

use std::ops::AddAssign;

/// How many tests passed and failed. One that did not run has failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
    /// The failed tests that have a name.
    pub failures: Vec<FailedTest>,
}

/// A test that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct FailedTest {
    pub name: String,
    /// The start of what it said.
    pub lines: Vec<String>,
}

impl Tally {
    /// One test that passed.
    pub fn passed() -> Self {
        Self {
            passed: 1,
            ..Self::default()
        }
    }

    /// One test that failed, and what it said.
    pub fn failed(name: impl Into<String>, lines: Vec<String>) -> Self {
        let name = name.into();
        Self {
            failed: 1,
            failures: vec![FailedTest { name, lines }],
            ..Self::default()
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
    }
}
