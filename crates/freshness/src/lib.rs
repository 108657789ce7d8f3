//! When a copy of a prompt may be served: policy, lookup, settle. Standard library only; time is an argument, in
//! milliseconds of any one clock.
//!
//! One [`Record`] per cache key, one [`ProjectFreshness`] per project, and two verbs around the network.
//! [`Record::lookup`] says what to do now; where it wants the origin asked it hands out an [`Attempt`], and an attempt
//! is the only way to [`Record::settle`]. The caller holds the copies themselves and does all I/O.
//!
//! ```
//! use cuecard_freshness::{Lookup, Outcome, Policy, ProjectFreshness, Record, EpochRevision, Settled};
//!
//! let policy = Policy::default(); // fresh 5 s, stale while revalidating 55 s more, stale on errors 7 days
//! let (mut record, mut project) = (Record::tag(), ProjectFreshness::default());
//!
//! let Lookup::Fetch(attempt) = record.lookup(&mut project, &policy, false, 0) else { panic!() };
//! let revision = EpochRevision { epoch: 0, number: 12 };
//! let settled = record.settle(attempt, Outcome::Modified { revision }, &mut project, &policy, 80);
//! assert_eq!(settled, Settled::Answer);
//!
//! assert!(matches!(record.lookup(&mut project, &policy, false, 4_999), Lookup::Fresh { age: 4_999 }));
//! let Lookup::Stale { age: 6_000, refresh: Some(attempt) } = record.lookup(&mut project, &policy, false, 6_000) else { panic!() };
//! let settled = record.settle(attempt, Outcome::Failed { retry_after: None }, &mut project, &policy, 7_500);
//! assert_eq!(settled, Settled::Stored { age: 7_500 });
//! ```

mod breaker;
mod clock_cache;
mod outcome;
mod policy;
mod project;
mod record;
mod revision;

pub use breaker::Breaker;
pub use clock_cache::ClockCache;
pub use outcome::{Outcome, Settled};
pub use policy::{Millis, Policy};
pub use project::ProjectFreshness;
pub use record::{Attempt, Held, Lookup, Record};
pub use revision::EpochRevision;
