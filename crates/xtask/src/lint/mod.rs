//! `cargo xtask lint`: the house rules that no compiler checks.

mod circles;
mod crates;
mod deny;
mod files;
mod manifests;
mod names;

use std::fs;

use anyhow::{Context, Result};

use self::circles::circles;
use self::names::repeated;
use crate::docs;
use crate::shell::{Cmd, root};
use crate::tally::Tally;

/// Returns a line for each violation.
type Rule = fn() -> Result<Vec<String>>;

/// A file longer than this should be split; the output names it.
const LONG_FILE: usize = 400;

/// Checks every rule and prints the violations.
pub fn run() -> Result<Tally> {
    let rules: [(&str, Rule); 15] = [
        ("arrows between our crates", crates::arrows),
        ("pure crates", crates::pure),
        ("one file per foreign thing", files::foreign),
        ("numbers keep their size in wasm", files::sizes),
        ("no comment swallows code", files::open_comments),
        ("circles of files", no_circles),
        ("one meaning for a type's name", one_meaning),
        ("generated pages are current", docs::outdated),
        ("every error code is given somewhere", files::given_codes),
        (
            "no machine's paths or registries in files",
            files::no_traces,
        ),
        ("lock files in step", manifests::locks),
        ("one version everywhere", manifests::versions),
        ("metadata in every manifest", manifests::metadata),
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
