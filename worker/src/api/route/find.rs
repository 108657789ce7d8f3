//! From a path to its route.

use std::ops::Range;

use cuecard_prompt::{Code, Error};

use super::{ROUTES, Route};
use crate::api::http::{percent_decode, percent_encode};

/// A route, and the values of its placeholders, percent-decoded.
#[derive(Debug)]
pub(crate) struct Matched {
    pub(crate) route: &'static Route,
    /// `{slug}`.
    pub(crate) slug: String,
    /// The other placeholder.
    pub(crate) name: String,
}

/// No route, or none for this method, with the value of `Allow`.
#[derive(Debug)]
pub(crate) struct NoRoute {
    pub(crate) error: Error,
    pub(crate) allow: Option<String>,
}

impl From<Error> for NoRoute {
    fn from(error: Error) -> Self {
        Self { error, allow: None }
    }
}

impl Matched {
    /// The path of the same request, built from its parts, so that every reader of it finds the same route.
    pub(crate) fn path(&self) -> String {
        let mut path = String::with_capacity(self.route.path.len() + self.slug.len());
        for part in self.route.path.split('/').skip(1) {
            path.push('/');
            match part {
                "{slug}" => path.push_str(&percent_encode(&self.slug)),
                placeholder if placeholder.starts_with('{') => {
                    path.push_str(&percent_encode(&self.name));
                }
                literal => path.push_str(literal),
            }
        }
        path
    }
}

/// Finds the route of a request.
pub(crate) fn find(method: &str, path: &str) -> Result<Matched, NoRoute> {
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    if segments.iter().any(|segment| is_dots(segment)) {
        return Err(dots().into());
    }
    let fits = ROUTES
        .iter()
        .filter_map(|route| Some((route, bind(route.path, &segments)?)));
    let Some((best, bound)) = fits.max_by_key(|(route, _)| rank(route.path)) else {
        return Err(Error::new(Code::RouteNotFound, "there is nothing at this path").into());
    };
    let method = if method == "HEAD" { "GET" } else { method };
    let same_path = || ROUTES.iter().filter(|route| route.path == best.path);
    let Some(route) = same_path().find(|route| route.method.as_str() == method) else {
        let mut allow: Vec<&str> = same_path().map(|route| route.method.as_str()).collect();
        if allow.contains(&"GET") {
            allow.push("HEAD");
        }
        let allow = allow.join(", ");
        let error = Error::new(Code::MethodNotAllowed, format!("the route takes {allow}"));
        return Err(NoRoute {
            error,
            allow: Some(allow),
        });
    };
    let decode = |range: Range<usize>| {
        let raw = segments.get(range).unwrap_or_default().join("/");
        let detail = "the path is not percent-encoded UTF-8";
        let decoded = percent_decode(&raw).ok_or_else(|| Error::new(Code::SlugInvalid, detail))?;
        // Some proxies decode `%2F`, and some parsers take a backslash for a slash.
        if decoded.split(['/', '\\']).any(is_dots) {
            return Err(dots());
        }
        Ok(decoded)
    };
    Ok(Matched {
        route,
        slug: decode(bound.slug)?,
        name: decode(bound.name)?,
    })
}

/// The refusal of dot segments: a URL parser would remove them, so whatever reads the path next would see another
/// request.
fn dots() -> Error {
    Error::new(Code::SlugInvalid, "a segment of a path is not `.` or `..`")
}

/// Whether URL parsers treat a segment as `.` or `..` (RFC 3986 §5.2.4), however it is encoded.
fn is_dots(segment: &str) -> bool {
    let dots = segment.replace("%2e", ".").replace("%2E", ".");
    matches!(dots.as_str(), "." | "..")
}

/// The longest ending wins, then the fewest placeholders.
fn rank(pattern: &str) -> (usize, usize) {
    let segments = pattern.split('/').count();
    (segments, segments - pattern.matches('{').count())
}

/// The segments that `{slug}` and the other placeholder stand for.
#[derive(Debug, Default)]
struct Bound {
    slug: Range<usize>,
    name: Range<usize>,
}

/// Binds the placeholders of a pattern, if the path fits it.
fn bind(pattern: &str, segments: &[&str]) -> Option<Bound> {
    let parts = || pattern.split('/').skip(1);
    let extra = segments.len().checked_sub(parts().count())?;
    let mut bound = Bound::default();
    let (mut at, mut greedy) = (0, false);
    for part in parts() {
        let from = at;
        at += 1;
        match part {
            "{slug}" => {
                greedy = true;
                at += extra;
                bound.slug = from..at;
            }
            placeholder if placeholder.starts_with('{') => bound.name = from..at,
            literal => {
                if segments.get(from) != Some(&literal) {
                    return None;
                }
            }
        }
    }
    (greedy || extra == 0).then_some(bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::route::Operation;

    fn at(method: &str, path: &str) -> (Operation, String, String) {
        let found = find(method, path).unwrap();
        (found.route.operation, found.slug, found.name)
    }

    #[test]
    fn the_longest_ending_wins_and_an_encoded_slug_has_none() {
        use Operation::*;
        for (method, path, operation, slug, name) in [
            ("GET", "/v1/prompts", ListPrompts, "", ""),
            ("GET", "/v1/prompts/a", ResolvePrompt, "a", ""),
            ("HEAD", "/v1/prompts/a", ResolvePrompt, "a", ""),
            ("GET", "/v1/prompts/a/b/c", ResolvePrompt, "a/b/c", ""),
            ("GET", "/v1/prompts/a%2Fb", ResolvePrompt, "a/b", ""),
            ("GET", "/v1/prompts/versions", ResolvePrompt, "versions", ""),
            ("GET", "/v1/prompts/a/versions", ListVersions, "a", ""),
            (
                "GET",
                "/v1/prompts/a%2Fversions",
                ResolvePrompt,
                "a/versions",
                "",
            ),
            (
                "GET",
                "/v1/prompts/a%2Fversions/versions",
                ListVersions,
                "a/versions",
                "",
            ),
            (
                "GET",
                "/v1/prompts/a/%76ersions",
                ResolvePrompt,
                "a/versions",
                "",
            ),
            ("GET", "/v1/prompts/a/b/versions/7", GetVersion, "a/b", "7"),
            (
                "GET",
                "/v1/prompts/versions/versions",
                ListVersions,
                "versions",
                "",
            ),
            (
                "GET",
                "/v1/prompts/a/tags/versions",
                GetTag,
                "a",
                "versions",
            ),
            ("GET", "/v1/prompts/a/tags/history", GetTag, "a", "history"),
            ("GET", "/v1/prompts/a/tags/x/history", ListMoves, "a", "x"),
            (
                "POST",
                "/v1/prompts/a/tags/x/rollback",
                RollBackTag,
                "a",
                "x",
            ),
            ("POST", "/v1/prompts/a/draft/commit", CommitDraft, "a", ""),
            ("GET", "/v1/prompts/a%252Fb", ResolvePrompt, "a%2Fb", ""),
            ("GET", "/v1/prompts/a/", ResolvePrompt, "a/", ""),
            ("GET", "/v1/keys/self", GetSelf, "", ""),
            ("DELETE", "/v1/keys/k1", RevokeKey, "", "k1"),
        ] {
            let expected = (operation, slug.to_owned(), name.to_owned());
            assert_eq!(at(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn a_wrong_method_says_which_are_right() {
        let allow = |method, path| find(method, path).unwrap_err().allow;
        assert_eq!(
            allow("PUT", "/v1/prompts/a").as_deref(),
            Some("GET, PATCH, DELETE, HEAD")
        );
        assert_eq!(
            allow("GET", "/v1/prompts/a/render").as_deref(),
            Some("POST")
        );
        assert_eq!(allow("GET", "/v1/nothing"), None);
        assert_eq!(allow("GET", "/v1/keys/self/x"), None);
        assert_eq!(allow("GET", "/V1/prompts"), None);
    }

    #[test]
    fn a_path_from_its_parts_leads_to_the_same_route() {
        for path in [
            "/v1/prompts",
            "/v1/prompts/a/b/c",
            "/v1/prompts/a%2Fversions/versions",
            "/v1/prompts/%61/versions/7",
            "/v1/prompts/a/cases/Angry%20customer",
            "/v1/prompts/a//b",
            "/v1/prompts/a%5C%5Cb",
            "/v1/prompts/a\\..b",
            "/v1/prompts/a%2F%2Fb",
            "/v1/prompts/a%3Fb%23c%25",
        ] {
            let found = find("GET", path).unwrap();
            let again = find("GET", &found.path()).unwrap();
            assert_eq!(found.route.operation, again.route.operation, "{path}");
            assert_eq!((found.slug, found.name), (again.slug, again.name), "{path}");
        }
        let odd = find("GET", "/v1/prompts/a\\..b?#").unwrap().path();
        assert_eq!(odd, "/v1/prompts/a%5C..b%3F%23");
    }

    #[test]
    fn dot_segments_are_no_part_of_a_path() {
        for path in [
            "/v1/prompts/x/../c",
            "/v1/prompts/x/%2e%2e/c",
            "/v1/prompts/x/.%2E/c",
            "/v1/prompts/%2E/c",
            "/v1/prompts/%2e%2e/%2e%2e/other/service",
            "/..",
            "/v1/nothing/./x",
            "/v1/tags/%2e%2e",
            "/v1/prompts/..%2Fx",
            "/v1/prompts/x%2F%2e%2E%2Fc",
            "/v1/prompts/x%2f./c",
            "/v1/prompts/x%5c..%5cc",
            "/v1/prompts/x\\..\\c",
            "/v1/prompts/x/tags/..%2Fproduction",
        ] {
            let error = find("DELETE", path).unwrap_err().error;
            assert_eq!(error.code(), Code::SlugInvalid, "{path}");
        }
        assert!(find("GET", "/v1/prompts/a..b/.c/...%2F..d").is_ok());
    }
}
