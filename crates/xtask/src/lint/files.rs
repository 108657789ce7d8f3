//! What source files must not contain.

use std::fs;

use anyhow::Result;

use super::{sources, tracked};
use crate::shell::{Cmd, root};

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

pub(super) fn foreign() -> Result<Vec<String>> {
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
pub(super) fn sizes() -> Result<Vec<String>> {
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

/// No doc comment of TypeScript begins within another, whose end was lost: all between them would be a comment.
pub(super) fn open_comments() -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for (path, text) in sources(&["ts", "tsx", "js", "mjs"])? {
        let mut open = None;
        for (line, code) in (1..).zip(text.lines().map(str::trim_start)) {
            let begins = code.starts_with("/**");
            if begins && let Some(first) = open {
                broken.push(format!("{path}:{first} has no end before line {line}"));
            }
            if begins || code.starts_with('*') || open.is_some() {
                let is_over = code.contains("*/");
                open = if is_over { None } else { open.or(Some(line)) };
            }
        }
    }
    Ok(broken)
}

/// Every code in the table of errors is produced somewhere.
pub(super) fn given_codes() -> Result<Vec<String>> {
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

pub(super) fn no_traces() -> Result<Vec<String>> {
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
