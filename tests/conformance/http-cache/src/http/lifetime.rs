//! The lifetime and the age of a response (RFC 9111 4.2).

use cuecard_freshness::{Millis, Policy};

use crate::http::directives::Directives;
use crate::http::{Request, Response, date, fields, store};

/// The cache's own values for a response that does not state them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Defaults {
    /// How long a copy may replace the answer of a failing origin. Default 7 days, as everywhere in Cuecard.
    pub(crate) stale_if_error: Millis,
    /// The longest lifetime that `Last-Modified` alone may give. Default 1 day.
    pub(crate) heuristic: Millis,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            stale_if_error: Policy::default().stale_if_error,
            heuristic: 24 * 3_600_000,
        }
    }
}

/// The windows of a response that arrived at `now`.
pub(crate) fn policy(
    response: &Response,
    said: &Directives,
    targeted: bool,
    defaults: &Defaults,
    now: Millis,
) -> Policy {
    let explicit = said.lifetime();
    let expires = || (!targeted).then(|| expires(response, now)).flatten();
    let fresh = explicit.or_else(expires);
    let fresh = fresh.unwrap_or_else(|| heuristic(response, said, defaults, now));
    let stale = !said.forbids_stale();
    // A stored error must not replace another error.
    let stands_in = stale && response.status < 500;
    let unless = |allowed: bool, span: Millis| if allowed { span } else { 0 };
    Policy {
        fresh: unless(!said.no_cache, fresh),
        stale_while_revalidate: unless(stale, said.stale_while_revalidate.unwrap_or(0)),
        stale_if_error: unless(
            stands_in,
            said.stale_if_error.unwrap_or(defaults.stale_if_error),
        ),
    }
}

/// The policy for one request, which may want a fresher or accept a staler response (RFC 9111 5.2.1).
pub(crate) fn for_request(policy: &Policy, may_be_stale: bool, request: &Request) -> Policy {
    let wants = Directives::of(&request.fields);
    let mut fresh = policy.fresh;
    if may_be_stale && let Some(more) = wants.max_stale {
        fresh = fresh.saturating_add(more);
    }
    if let Some(less) = wants.min_fresh {
        fresh = fresh.saturating_sub(less);
    }
    if let Some(most) = wants.max_age {
        fresh = fresh.min(most);
    }
    if wants.no_cache {
        // No copy may be served before the origin's answer or in place of it.
        return Policy {
            fresh: 0,
            stale_while_revalidate: 0,
            stale_if_error: 0,
        };
    }
    // A request for a fresher response does not accept a stale one.
    let stale_while_revalidate = match fresh < policy.fresh {
        true => 0,
        false => policy.stale_while_revalidate,
    };
    Policy {
        fresh,
        stale_while_revalidate,
        ..*policy
    }
}

/// `corrected_initial_age` of a response to a request sent at `asked`, which arrived at `now` (RFC 9111 4.2.3).
pub(crate) fn initial_age(response: &Response, asked: Millis, now: Millis) -> Millis {
    let date = date_of(response, now);
    // The first of several values counts; an invalid number is ignored (RFC 9111 5.1).
    let age = response.fields.get("age").unwrap_or_default();
    let first = fields::members(&age).next().and_then(fields::delta_seconds);
    let corrected = first.unwrap_or(0).saturating_add(now.saturating_sub(asked));
    now.saturating_sub(date).max(corrected)
}

/// The value of `Date`, or the time of arrival.
pub(crate) fn date_of(response: &Response, now: Millis) -> Millis {
    let date = response.fields.get("date");
    date.and_then(|text| date::parse(&text, now)).unwrap_or(now)
}

/// The lifetime by `Expires`. An invalid date such as `0` is in the past (RFC 9111 5.3).
fn expires(response: &Response, now: Millis) -> Option<Millis> {
    let text = response.fields.get("expires")?;
    let expires = date::parse(&text, now).unwrap_or(0);
    Some(expires.saturating_sub(date_of(response, now)))
}

/// A tenth of the time since `Last-Modified` (RFC 9111 4.2.2).
fn heuristic(response: &Response, said: &Directives, defaults: &Defaults, now: Millis) -> Millis {
    if !store::heuristic(response) && !said.public {
        return 0;
    }
    let modified = response.fields.get("last-modified");
    let modified = modified.and_then(|text| date::parse(&text, now));
    let unchanged = modified.map_or(0, |modified| {
        date_of(response, now).saturating_sub(modified)
    });
    (unchanged / 10).min(defaults.heuristic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Fields;

    const NOW: Millis = 1_784_000_000_000;
    const SECOND: Millis = 1_000;

    fn response(lines: &[(&str, &str)]) -> Response {
        Response {
            status: 200,
            fields: Fields::new(lines.iter().copied()),
        }
    }

    fn windows(lines: &[(&str, &str)]) -> (Millis, Millis, Millis) {
        let response = response(lines);
        let targeted = Directives::targeted(&response.fields);
        let said = targeted
            .clone()
            .unwrap_or_else(|| Directives::of(&response.fields));
        let defaults = Defaults {
            stale_if_error: 9,
            heuristic: 1_000_000,
        };
        let policy = policy(&response, &said, targeted.is_some(), &defaults, NOW);
        (
            policy.fresh,
            policy.stale_while_revalidate,
            policy.stale_if_error,
        )
    }

    #[test]
    fn the_more_specific_lifetime_counts() {
        let (past, soon) = (date::format(NOW - 9_000), date::format(NOW + 9_000));
        let date = ("Date", &*date::format(NOW));
        for (lines, fresh) in [
            (
                vec![
                    ("Cache-Control", "max-age=1, s-maxage=5"),
                    ("Expires", &past),
                    date,
                ],
                5_000,
            ),
            (
                vec![("Cache-Control", "max-age=0"), ("Expires", &soon), date],
                0,
            ),
            (vec![("Expires", &soon), date], 9_000),
            (vec![("Expires", &soon)], 9_000),
            (vec![("Expires", &soon), ("Date", "foo")], 9_000),
            (vec![("Expires", &past), date], 0),
            (vec![("Expires", "0"), ("Last-Modified", &past), date], 0),
            (vec![("Last-Modified", &past), date], 900),
            (
                vec![("Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT"), date],
                1_000_000,
            ),
            (
                vec![
                    ("CDN-Cache-Control", "max-age=7"),
                    ("Cache-Control", "max-age=1"),
                    ("Expires", &past),
                ],
                7_000,
            ),
            (
                vec![
                    ("CDN-Cache-Control", "foo"),
                    ("Cache-Control", "max-age=1"),
                    ("Expires", &soon),
                ],
                0,
            ),
            (
                vec![
                    ("CDN-Cache-Control", "max-age=\"7\""),
                    ("Cache-Control", "max-age=1"),
                ],
                1_000,
            ),
            (vec![("Cache-Control", "max-age=7, no-cache")], 0),
        ] {
            assert_eq!(windows(&lines).0, fresh, "{lines:?}");
        }
    }

    #[test]
    fn stale_copies_serve_unless_forbidden() {
        for (text, swr, sie) in [
            ("max-age=1", 0, 9),
            (
                "max-age=1, stale-while-revalidate=2, stale-if-error=3",
                2_000,
                3_000,
            ),
            ("max-age=1, stale-while-revalidate=2, must-revalidate", 0, 0),
            ("max-age=1, proxy-revalidate", 0, 0),
            ("s-maxage=1", 0, 0),
            ("no-cache", 0, 0),
        ] {
            let (_, while_revalidating, if_error) = windows(&[("Cache-Control", text)]);
            assert_eq!((while_revalidating, if_error), (swr, sie), "{text}");
        }
    }

    #[test]
    fn age_is_the_larger_of_what_is_said_and_what_is_seen() {
        let date = |at: Millis| date::format(at);
        for (lines, age) in [
            (vec![], 2 * SECOND),
            (vec![("Age", "30".to_owned())], 32 * SECOND),
            (vec![("Age", "30, 7200".to_owned())], 32 * SECOND),
            (vec![("Age", "-7200".to_owned())], 2 * SECOND),
            (vec![("Age", "7200.0".to_owned())], 2 * SECOND),
            (
                vec![("Date", date(NOW - 60_000)), ("Age", "30".to_owned())],
                60 * SECOND,
            ),
            (vec![("Date", date(NOW + 60_000))], 2 * SECOND),
        ] {
            let lines: Vec<(&str, &str)> = lines
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            assert_eq!(
                initial_age(&response(&lines), NOW - 2 * SECOND, NOW),
                age,
                "{lines:?}"
            );
        }
    }

    #[test]
    fn a_request_narrows_the_windows_or_widens_them() {
        let policy = Policy {
            fresh: 60_000,
            stale_while_revalidate: 5_000,
            stale_if_error: 9_000,
        };
        for (text, stale, expected) in [
            ("max-age=10", true, (10_000, 0, 9_000)),
            ("max-age=100", true, (60_000, 5_000, 9_000)),
            ("min-fresh=10", true, (50_000, 0, 9_000)),
            ("max-stale=10", true, (70_000, 5_000, 9_000)),
            ("max-stale=10", false, (60_000, 5_000, 9_000)),
            ("no-cache", true, (0, 0, 0)),
            ("nothing-to-see-here", true, (60_000, 5_000, 9_000)),
        ] {
            let request = Request {
                fields: Fields::new([("Cache-Control", text)]),
                ..Request::default()
            };
            let narrowed = for_request(&policy, stale, &request);
            assert_eq!(
                (
                    narrowed.fresh,
                    narrowed.stale_while_revalidate,
                    narrowed.stale_if_error
                ),
                expected,
                "{text}"
            );
        }
    }
}
