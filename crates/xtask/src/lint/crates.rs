//! Which crates may depend on which.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::cargo;

/// The crates that each crate may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("cuecard-freshness", &[]),
    ("cuecard-http-cache", &["cuecard-freshness"]),
    ("cuecard-jinja", &[]),
    ("cuecard-prompt", &["cuecard-jinja"]),
    ("cuecard-run", &["cuecard-prompt"]),
    ("cuecard-store", &["cuecard-prompt", "cuecard-run"]),
    ("cuecard-pkg", &["cuecard-jinja", "cuecard-prompt"]),
    (
        "cuecard-worker",
        &[
            "cuecard-freshness",
            "cuecard-prompt",
            "cuecard-run",
            "cuecard-store",
        ],
    ),
    ("xtask", &[]),
];

/// Crates that behave the same everywhere, given the same arguments.
const PURE: [&str; 5] = [
    "cuecard-freshness",
    "cuecard-jinja",
    "cuecard-prompt",
    "cuecard-run",
    "cuecard-store",
];

/// Names that would bring JavaScript, the network, a clock or randomness into a pure crate. A trailing `*` matches all.
const IMPURE: &[&str] = &[
    "chrono",
    "console_error_panic_hook",
    "fastrand",
    "getrandom",
    "gloo*",
    "hyper*",
    "instant",
    "js-sys",
    "mio",
    "rand",
    "rand_core",
    "reqwest",
    "rusqlite",
    "serde-wasm-bindgen",
    "socket2",
    "tokio*",
    "ureq",
    "uuid",
    "wasm-bindgen*",
    "web-sys",
    "web-time",
    "worker*",
];

pub(super) fn arrows() -> Result<Vec<String>> {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let metadata = cargo()
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .read()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata lists no packages")?;
    let names: BTreeSet<&str> = packages
        .iter()
        .filter_map(|package| package["name"].as_str())
        .collect();
    let mut broken = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(targets) = allowed.get(name) else {
            broken.push(format!(
                "{name} is not in the table of crates/xtask/src/lint/crates.rs"
            ));
            continue;
        };
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        let ours = dependencies
            .filter(|d| d["kind"].is_null())
            .filter_map(|d| d["name"].as_str());
        for dependency in ours.filter(|name| names.contains(name)) {
            if !targets.contains(&dependency) {
                broken.push(format!("{name} must not depend on {dependency}"));
            }
        }
    }
    Ok(broken)
}

pub(super) fn pure() -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for package in PURE {
        let tree = [
            "tree",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--target",
            "all",
            "--package",
            package,
        ];
        for line in cargo().args(tree).read()?.lines() {
            let dependency = line.split(' ').next().unwrap_or_default();
            let is_impure = |name: &&&str| match name.strip_suffix('*') {
                Some(start) => dependency.starts_with(start),
                None => dependency == **name,
            };
            if IMPURE.iter().any(|name| is_impure(&name)) {
                broken.push(format!("{package} pulls in {dependency}"));
            }
        }
    }
    Ok(broken)
}
