//! `cargo xtask lint`: the house rules that no compiler checks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::circles::circles;
use crate::names::repeated;
use crate::shell::{Cmd, cargo, root};
use crate::tally::Tally;
use crate::{deny, docs};

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

/// Each foreign thing, how source code names it, and the folders in each of which one file may do so.
const FOREIGN: &[(&str, &[&str], &[&str])] = &[
    ("serde-wasm-bindgen", &["serde_wasm_bindgen"], &["pkg/src"]),
    ("gloo-net", &["gloo_net"], &["worker/src"]),
    ("the Cache API", &["caches()"], &["worker/src"]),
    ("SqlStorage", &["SqlStorage"], &["worker/src"]),
    (
        "the clock",
        &[
            "Date::now",
            "Date::new_0",
            "SystemTime",
            "Instant::now",
            "performance.now",
            "Date.now",
        ],
        &["pkg/src", "pkg/js", "worker/src"],
    ),
];

/// Returns a line for each violation.
type Rule = fn() -> Result<Vec<String>>;

/// A file longer than this should be split; the output names it.
const LONG_FILE: usize = 400;

/// Checks every rule and prints the violations.
pub fn run() -> Result<Tally> {
    let rules: [(&str, Rule); 14] = [
        ("arrows between our crates", arrows),
        ("pure crates", pure),
        ("one file per foreign thing", foreign),
        ("numbers keep their size in wasm", sizes),
        ("circles of files", no_circles),
        ("one meaning for a type's name", one_meaning),
        ("generated pages are current", docs::outdated),
        ("every error code is given somewhere", given_codes),
        ("no machine's paths or registries in files", no_traces),
        ("lock files in step", locks),
        ("one version everywhere", versions),
        ("metadata in every manifest", metadata),
        ("dependencies that deny.toml allows", deny::denied),
        ("documented command is CI's", documented_command),
    ];
    let mut tally = Tally::default();
    for (name, rule) in rules {
        let broken = rule().with_context(|| name.to_owned())?;
        for line in &broken {
            eprintln!("  {name}: {line}");
        }
        tally += match broken.is_empty() {
            true => Tally::passed(),
            false => Tally::failed(name, broken),
        };
    }
    long_files()?;
    Ok(tally)
}

fn arrows() -> Result<Vec<String>> {
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
                "{name} is not in the table of crates/xtask/src/lint.rs"
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

fn pure() -> Result<Vec<String>> {
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

fn foreign() -> Result<Vec<String>> {
    let sources = sources(&["rs", "ts"])?;
    let mut broken = Vec::new();
    for (thing, spellings, folders) in FOREIGN {
        for folder in *folders {
            let naming: Vec<&str> = sources
                .iter()
                .filter(|(path, _)| path.starts_with(folder))
                .filter(|(_, text)| {
                    code_lines(text).any(|line| spellings.iter().any(|s| line.contains(s)))
                })
                .map(|(path, _)| path.as_str())
                .collect();
            if naming.len() > 1 {
                broken.push(format!("{thing} is named in {}", naming.join(", ")));
            }
        }
    }
    Ok(broken)
}

/// `usize` has 32 bits in wasm. Numbers are converted to it only in files that decide what happens to those that do not
/// fit: a conversion elsewhere would work natively and give another number in the package.
fn sizes() -> Result<Vec<String>> {
    const HERE: [&str; 3] = ["crates/jinja/src/", "crates/prompt/src/", "pkg/src/"];
    const CONVERSIONS: [&str; 4] = ["usize::try_from", "isize::try_from", "as usize", "isize"];
    let mut broken = Vec::new();
    for (path, text) in sources(&["rs"])? {
        let exempt = ["/size.rs", "/limits.rs", "/tests"];
        let own = exempt.iter().any(|part| path.contains(part));
        if own || !HERE.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let code = line.trim_start();
            if let Some(found) = CONVERSIONS.iter().find(|word| code.contains(*word))
                && !code.starts_with("//")
                && !code.contains(").ok()")
            {
                let line = number + 1;
                broken.push(format!(
                    "{path}:{line} has `{found}`: crates/jinja/src/size.rs has conversions"
                ));
            }
        }
    }
    Ok(broken)
}

/// No circle of files that import each other, unless a comment in one of them says why.
fn no_circles() -> Result<Vec<String>> {
    let (unexplained, explained) = circles(&sources(&["rs", "ts", "tsx", "js", "mjs"])?);
    eprintln!("  circles of files: {explained} explained");
    Ok(unexplained.iter().map(|files| files.join(" ↔ ")).collect())
}

/// The name of a type is declared once, unless a room mirrors another.
fn one_meaning() -> Result<Vec<String>> {
    Ok(repeated(&sources(&["rs", "ts", "tsx", "js", "mjs"])?))
}

/// Every code in the table of errors is produced somewhere.
fn given_codes() -> Result<Vec<String>> {
    const TABLE: &str = "crates/prompt/src/error.rs";
    const MAKERS: [&str; 6] = [
        "crates/prompt/src/",
        "crates/run/src/",
        "crates/store/src/",
        "worker/src/",
        "pkg/src/",
        "pkg/js/",
    ];
    let is_types = |path: &str| path.starts_with("pkg/js/contract") || path == "pkg/js/types.ts";
    let sources = sources(&["rs", "ts"])?;
    let makers: Vec<&str> = sources
        .iter()
        .filter(|(path, _)| MAKERS.iter().any(|folder| path.starts_with(folder)))
        .filter(|(path, _)| path != TABLE && !is_types(path) && !path.contains("/tests/"))
        .map(|(_, text)| text.as_str())
        .collect();
    let table = fs::read_to_string(root().join(TABLE))?;
    let codes = table.lines().filter_map(|line| {
        let (variant, rest) = line.strip_prefix("    ")?.split_once(" \"")?;
        let (code, rest) = rest.split_once("\" ")?;
        let status = rest.split(' ').next()?;
        status.parse::<u16>().is_ok().then_some((variant, code))
    });
    let mut count = 0;
    let mut broken: Vec<String> = codes
        .inspect(|_| count += 1)
        .filter(|(variant, code)| {
            let (rust, typescript) = (format!("Code::{variant}"), format!("\"{code}\""));
            !makers
                .iter()
                .any(|text| text.contains(&rust) || text.contains(&typescript))
        })
        .map(|(_, code)| format!("nothing gives `{code}`"))
        .collect();
    if count < 20 {
        broken.push(format!("{TABLE} has no table that can be read"));
    }
    Ok(broken)
}

/// Lines that are not comments.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with("//"))
}

fn no_traces() -> Result<Vec<String>> {
    // Written in pieces, as this file is checked as well.
    let traces: Vec<String> = [
        ["registry.npm", "js.org"],
        ["index.crates", ".io"],
        ["static.crates", ".io"],
        ["files.python", "hosted.org"],
        ["pypi.org/", "simple"],
        ["/root", "/"],
        ["/home", "/"],
        ["/wo", "rk/"],
        ["\"resolved\": ", "\"http"],
    ]
    .iter()
    .map(|pieces| pieces.concat())
    .collect();
    let mut broken = Vec::new();
    for line in Cmd::new("git")
        .args(["ls-files", "--stage"])
        .read()?
        .lines()
    {
        if let Some(link) = line.strip_prefix("120000 ") {
            let path = link.rsplit('\t').next().unwrap_or_default();
            broken.push(format!("{path} is a symbolic link"));
        }
    }
    for (path, text) in tracked()? {
        for (number, line) in text.lines().enumerate() {
            if let Some(trace) = traces.iter().find(|trace| line.contains(trace.as_str())) {
                broken.push(format!("{path}:{} has `{trace}`", number + 1));
            }
        }
    }
    Ok(broken)
}

fn locks() -> Result<Vec<String>> {
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
fn versions() -> Result<Vec<String>> {
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
fn metadata() -> Result<Vec<String>> {
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

fn documented_command() -> Result<Vec<String>> {
    const COMMAND: &str = "cargo xtask test";
    let mut broken = Vec::new();
    for path in ["README.md", ".ci/run"] {
        if !fs::read_to_string(root().join(path)).is_ok_and(|text| text.contains(COMMAND)) {
            broken.push(format!("{path} does not have `{COMMAND}`"));
        }
    }
    Ok(broken)
}

fn long_files() -> Result<()> {
    let sources = sources(&["rs", "ts", "js", "mjs", "css"])?;
    let mut long: Vec<(usize, &str)> = sources
        .iter()
        .map(|(path, text)| (text.lines().count(), path.as_str()))
        .filter(|(lines, _)| *lines > LONG_FILE)
        .collect();
    long.sort_unstable();
    for (lines, path) in long.iter().rev() {
        eprintln!("  {path} has {lines} lines");
    }
    Ok(())
}

fn sources(extensions: &[&str]) -> Result<Vec<(String, String)>> {
    let has_extension = |path: &str| {
        path.rsplit_once('.')
            .is_some_and(|(_, end)| extensions.contains(&end))
    };
    Ok(tracked()?
        .into_iter()
        .filter(|(path, _)| has_extension(path))
        .collect())
}

/// Every file that git tracks or would track, as text; what is not UTF-8 is left out.
fn tracked() -> Result<Vec<(String, String)>> {
    let list = Cmd::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .read()?;
    let read = |path: &str| Some((path.to_owned(), fs::read_to_string(root().join(path)).ok()?));
    Ok(list.lines().filter_map(read).collect())
}
