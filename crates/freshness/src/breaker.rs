//! Whether an origin should be asked at all.

use crate::policy::Millis;

/// A circuit breaker for one origin: opens after [`Breaker::FAILURES`] failures in a row within [`Breaker::WINDOW`],
/// then lets one request through every [`Breaker::PROBE`]; any success closes it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Breaker {
    failures: u32,
    first: Millis,
    probe_at: Option<Millis>,
}

impl Breaker {
    /// Failures in a row that open it: 5.
    pub const FAILURES: u32 = 5;
    /// The span in which they must occur: 10 s.
    pub const WINDOW: Millis = 10_000;
    /// Time between probes while it is open: 5 s.
    pub const PROBE: Millis = 5_000;

    /// Whether the origin counts as down.
    pub fn is_open(&self) -> bool {
        self.probe_at.is_some()
    }

    /// Whether it is open, and was probed lately: while nobody asks, the origin may have come back.
    pub fn is_sure(&self, now: Millis) -> bool {
        let overdue = |at: Millis| at.saturating_add(Self::PROBE) <= now;
        self.probe_at.is_some_and(|at| !overdue(at))
    }

    /// Whether its last request failed, and recently: a reader with a copy need not wait to find out the same.
    pub fn doubts(&self, now: Millis) -> bool {
        self.failures > 0 && self.first <= now && now - self.first <= Self::WINDOW
    }

    /// Whether a request may go out now. While the breaker is open, `true` is the right to the next probe, and uses it.
    pub fn admit(&mut self, now: Millis) -> bool {
        match &mut self.probe_at {
            None => true,
            Some(at) if *at <= now || *at > now.saturating_add(Self::PROBE) => {
                *at = now.saturating_add(Self::PROBE);
                true
            }
            Some(_) => false,
        }
    }

    /// How long until the next probe, in milliseconds; 0 while closed.
    pub fn retry_after(&self, now: Millis) -> Millis {
        self.probe_at
            .unwrap_or(0)
            .saturating_sub(now)
            .min(Self::PROBE)
    }

    /// Notes that the origin answered like an origin, whatever it said.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Notes that the origin did not answer, not in time, or with a server error.
    pub fn failed(&mut self, now: Millis) {
        if self.failures == 0 || now.saturating_sub(self.first) > Self::WINDOW || now < self.first {
            self.first = now;
            self.failures = 0;
        }
        self.failures += 1;
        if self.failures >= Self::FAILURES && self.probe_at.is_none() {
            self.probe_at = Some(now.saturating_add(Self::PROBE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(now: Millis) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..Breaker::FAILURES {
            breaker.failed(now);
        }
        breaker
    }

    #[test]
    fn without_a_probe_it_is_sure_for_twice_the_time_between_probes() {
        let mut breaker = opened(1_000);
        assert!(breaker.is_sure(10_999) && !breaker.is_sure(11_000));
        assert!(breaker.is_open());
        assert!(breaker.admit(11_000) && breaker.is_sure(20_999));
        breaker.succeeded();
        assert!(!breaker.is_sure(21_000));
    }

    #[test]
    fn one_failure_is_doubted_for_a_while_or_until_a_success() {
        let mut breaker = Breaker::default();
        assert!(!breaker.doubts(0));
        breaker.failed(1_000);
        assert!(breaker.doubts(1_000) && breaker.doubts(11_000) && !breaker.doubts(11_001));
        assert!(!breaker.doubts(999), "the clock was set back");
        breaker.succeeded();
        assert!(!breaker.doubts(1_000));
    }

    #[test]
    fn five_failures_open_it_and_one_success_closes_it() {
        let mut breaker = opened(1_000);
        assert!(breaker.is_open());
        assert!(!breaker.admit(1_001));
        assert_eq!(breaker.retry_after(2_000), 4_000);
        breaker.succeeded();
        assert!(breaker.admit(1_002) && !breaker.is_open());
    }

    #[test]
    fn while_open_one_probe_per_interval() {
        let mut breaker = opened(0);
        let admitted = (0..20_000).filter(|&now| breaker.admit(now)).count();
        assert_eq!(admitted, 3);
    }

    #[test]
    fn failures_far_apart_do_not_open_it() {
        let mut breaker = Breaker::default();
        for now in (0..100_000).step_by(3_000) {
            breaker.failed(now);
        }
        assert!(!breaker.is_open());
    }

    #[test]
    fn a_clock_that_goes_back_does_not_keep_it_shut() {
        let mut breaker = opened(10_000_000);
        assert!(breaker.admit(0));
        assert!(!breaker.admit(1));
        assert!(breaker.admit(Breaker::PROBE));
    }
}
