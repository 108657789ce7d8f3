//! Cache keys: tuples that begin with the organisation, so that no two tenants share one.

use std::rc::Rc;

use cuecard_prompt::Slug;

/// Joins the parts of a cache key, each with its length before it.
pub(super) fn key(parts: &[&str]) -> String {
    let mut key = String::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        key.push_str(&part.len().to_string());
        key.push(':');
        key.push_str(part);
    }
    key
}

/// The prefix of the cache keys of one prompt's selectors.
pub(super) fn prompt_prefix(organization: &str, project: &str, slug: &Slug) -> String {
    key(&["prompt1", organization, project, slug.as_str()])
}

/// The cache key of the last invalidation of the prompt whose cache keys begin with `prefix`.
pub(super) fn change_of_prompt(prefix: &str) -> Rc<str> {
    // No selector is empty, so this is the key of no prompt.
    let mut place = prefix.to_owned();
    place.push_str(&key(&["", "changed"]));
    place.into()
}

/// The cache key of the last invalidation of an organisation's versions.
pub(super) fn change_of_names(organization: &str) -> Rc<str> {
    key(&["bindings1", organization]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tuples_share_a_key() {
        let parts = ["", "a", "b", "ab", "1:a", "a1:b", "0:", "a/b", "2:ab"];
        let mut keys = std::collections::HashMap::new();
        for x in parts {
            for y in parts {
                for z in parts {
                    assert_eq!(keys.insert(key(&[x, y, z]), (x, y, z)), None);
                }
                assert_eq!(keys.insert(key(&[x, y]), (x, y, "none")), None);
            }
        }
    }
}
