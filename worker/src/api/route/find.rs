//! From a path to its route.

use cuecard_prompt::{Code, Error};

use super::{ROUTES, Route};
use crate::api::http::percent_decode;

/// A route and what stands in its placeholders, percent-decoded.
#[derive(Debug)]
pub(crate) struct Matched {
    pub(crate) route: &'static Route,
    /// `{slug}`.
    pub(crate) slug: String,
    /// The other placeholder.
    pub(crate) name: String,
}

/// No route, or none for this method: then with the value of `Allow`.
#[derive(Debug)]
pub(crate) struct NoRoute {
    pub(crate) error: Error,
    pub(crate) allow: Option<String>,
}

/// Finds the route of a request.
pub(crate) fn find(method: &str, path: &str) -> Result<Matched, NoRoute> {
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    let fits = |route: &&Route| bind(route.path, &segments).is_some();
    let Some(best) = ROUTES.iter().filter(fits).max_by_key(|r| rank(r.path)) else {
        let error = Error::new(Code::RouteNotFound, "there is nothing at this path");
        return Err(NoRoute { error, allow: None });
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
    let (slug, name) = bind(route.path, &segments).unwrap_or_default();
    let decode = |raw: &str| {
        percent_decode(raw).ok_or_else(|| NoRoute {
            error: Error::new(Code::SlugInvalid, "the path is not percent-encoded UTF-8"),
            allow: None,
        })
    };
    Ok(Matched {
        route,
        slug: decode(&slug)?,
        name: decode(&name)?,
    })
}

/// The longest ending wins, then the fewest placeholders.
fn rank(pattern: &str) -> (usize, usize) {
    let segments = pattern.split('/').count();
    (segments, segments - pattern.matches('{').count())
}

/// What `{slug}` and the other placeholder stand for, where the path fits the pattern.
fn bind(pattern: &str, segments: &[&str]) -> Option<(String, String)> {
    let pattern: Vec<&str> = pattern.split('/').skip(1).collect();
    let extra = segments.len().checked_sub(pattern.len())?;
    let mut segments = segments.iter().copied();
    let (mut slug, mut name) = (String::new(), String::new());
    let mut greedy = false;
    for part in pattern {
        match part {
            "{slug}" => {
                greedy = true;
                slug = segments
                    .by_ref()
                    .take(extra + 1)
                    .collect::<Vec<_>>()
                    .join("/");
            }
            placeholder if placeholder.starts_with('{') => name = segments.next()?.to_owned(),
            literal => {
                if segments.next() != Some(literal) {
                    return None;
                }
            }
        }
    }
    (greedy || extra == 0).then_some((slug, name))
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
}
