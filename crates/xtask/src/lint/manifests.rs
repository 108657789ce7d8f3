//! Manifests and lock files.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::tracked;
use crate::shell::{cargo, root};

pub(super) fn locks() -> Result<Vec<String>> {
    let mut broken = Vec::new();
    if let Err(error) = cargo()
        .args(["metadata", "--format-version", "1", "--locked"])
        .read()
    {
        broken.push(format!("Cargo.lock: {error}"));
    }
    for (path, _) in tracked()?
        .into_iter()
        .filter(|(path, _)| path.ends_with("package.json"))
    {
        let lock = path.replace("package.json", "package-lock.json");
        let read = |path: &str| -> Result<Value> {
            let text = fs::read_to_string(root().join(path))
                .with_context(|| format!("cannot read {path}"))?;
            serde_json::from_str(&text).with_context(|| format!("{path} is not JSON"))
        };
        let package = read(&path)?;
        let fields = [
            "dependencies",
            "devDependencies",
            "optionalDependencies",
            "peerDependencies",
        ];
        if !Path::new(&root()).join(&lock).exists() {
            if fields.iter().any(|field| !package[field].is_null()) {
                broken.push(format!("{path} has no lock file"));
            }
            continue;
        }
        let locked = &read(&lock)?["packages"][""];
        for field in fields
            .iter()
            .filter(|field| package[field] != locked[field])
        {
            broken.push(format!(
                "{lock} has other {field} than {path}: run `npm install` there"
            ));
        }
    }
    Ok(broken)
}

/// Crates and packages are released together.
pub(super) fn versions() -> Result<Vec<String>> {
    let read = |path: &str| {
        fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))
    };
    let workspace = read("Cargo.toml")?;
    let wanted = workspace
        .split("[workspace.package]")
        .nth(1)
        .and_then(|section| section.split("version = \"").nth(1))
        .and_then(|rest| rest.split('"').next())
        .context("Cargo.toml has no version of the workspace")?;
    let mut broken = Vec::new();
    for folder in ["pkg", "worker"] {
        for file in ["package.json", "package-lock.json"] {
            let path = format!("{folder}/{file}");
            let manifest: Value = serde_json::from_str(&read(&path)?)
                .with_context(|| format!("{path} is not JSON"))?;
            if manifest["version"] != *wanted {
                broken.push(format!(
                    "{path} has version {}, Cargo.toml {wanted}",
                    manifest["version"]
                ));
            }
        }
    }
    for (path, text) in tracked()? {
        let inherits = !text.contains("[package]") || text.contains("version.workspace = true");
        if path.ends_with("/Cargo.toml") && !inherits && !path.contains("/fuzz/") {
            broken.push(format!("{path} has a version of its own"));
        }
    }
    Ok(broken)
}

/// Author, licence and repository: for people who see a package alone.
pub(super) fn metadata() -> Result<Vec<String>> {
    const CRATE: [&str; 5] = [
        "description = ",
        "license.workspace = true",
        "repository.workspace = true",
        "homepage.workspace = true",
        "publish.workspace = true",
    ];
    const PACKAGE: [&str; 7] = [
        "description",
        "license",
        "repository",
        "homepage",
        "bugs",
        "keywords",
        "engines",
    ];
    let mut broken = Vec::new();
    for (path, text) in tracked()? {
        let missing: Vec<&str> = if path.ends_with("Cargo.toml") && text.contains("[package]") {
            // The fuzzer's manifest belongs to a workspace of its own.
            let is_own = path.contains("/fuzz/");
            let fields = CRATE.iter().filter(|_| !is_own);
            fields
                .filter(|field| !text.contains(*field))
                .copied()
                .collect()
        } else if path.ends_with("package.json") {
            let manifest: Value = serde_json::from_str(&text)?;
            let is_private = manifest["private"] == true;
            let fields = PACKAGE.iter().take(if is_private { 1 } else { 7 });
            fields
                .filter(|field| manifest[**field].is_null())
                .copied()
                .collect()
        } else {
            continue;
        };
        broken.extend(
            missing
                .iter()
                .map(|field| format!("{path} has no `{field}`")),
        );
    }
    Ok(broken)
}
