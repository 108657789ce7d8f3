//! What dependencies `deny.toml` allows: by cargo-deny where it is installed, else its licences and sources by cargo's
//! metadata, so that no test run has to install it.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::{cargo, root};

/// A line for each dependency that is not allowed.
pub fn denied() -> Result<Vec<String>> {
    if cargo().args(["deny", "--version"]).read().is_ok() {
        let check = [
            "deny",
            "--offline",
            "--locked",
            "check",
            "bans",
            "licenses",
            "sources",
        ];
        return Ok(match cargo().args(check).read() {
            Ok(_) => Vec::new(),
            Err(error) => format!("{error:#}").lines().map(str::to_owned).collect(),
        });
    }
    let rules = fs::read_to_string(root().join("deny.toml")).context("deny.toml")?;
    let allowed = allowed_licences(&rules).context("deny.toml has no list of licences")?;
    let arguments = ["metadata", "--format-version", "1", "--locked"];
    let metadata: Value = serde_json::from_str(&cargo().args(arguments).read()?)?;
    let packages = metadata["packages"].as_array();
    let packages = packages.context("cargo metadata lists no packages")?;
    let mut broken = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let source = package["source"].as_str();
        if source.is_some_and(|source| !source.starts_with("registry+")) {
            broken.push(format!("{name} does not come from the registry"));
        }
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_allowed(&licence.replace('/', " OR "), &allowed) {
            broken.push(format!("{name} has the licence `{licence}`"));
        }
    }
    Ok(broken)
}

/// The strings of `allow = [ … ]`.
fn allowed_licences(rules: &str) -> Option<BTreeSet<&str>> {
    let list = rules.split_once("\nallow = [")?.1.split_once(']')?.0;
    Some(list.split('"').skip(1).step_by(2).collect())
}

/// An SPDX expression; AND binds more tightly than OR.
fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let expression = expression.trim();
    if let [_, _, ..] = parts(expression, " OR ")[..] {
        let mut parts = parts(expression, " OR ").into_iter();
        return parts.any(|part| is_allowed(part, allowed));
    }
    if let [_, _, ..] = parts(expression, " AND ")[..] {
        let mut parts = parts(expression, " AND ").into_iter();
        return parts.all(|part| is_allowed(part, allowed));
    }
    match expression
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        Some(inner) => is_allowed(inner, allowed),
        None => allowed.contains(expression),
    }
}

/// The parts between separators that stand in no parentheses.
fn parts<'e>(expression: &'e str, separator: &str) -> Vec<&'e str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, c) in expression.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 && at >= start && expression[at..].starts_with(separator) => {
                parts.push(&expression[start..at]);
                start = at + separator.len();
            }
            _ => {}
        }
    }
    parts.push(&expression[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licence_expressions() {
        let rules = "[licenses]\nallow = [\n    \"MIT\",\n    \"Unicode-3.0\",\n]\n";
        let allowed = allowed_licences(rules).unwrap();
        for expression in [
            "MIT",
            "MIT OR GPL-3.0",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "GPL-3.0 OR MIT AND Unicode-3.0",
        ] {
            assert!(is_allowed(expression, &allowed), "{expression}");
        }
        for expression in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR Unicode-3.0) AND GPL-3.0",
        ] {
            assert!(!is_allowed(expression, &allowed), "{expression}");
        }
    }
}
