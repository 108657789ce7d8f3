//! `cargo xtask docs`: the pages generated from tables in the code, by minijinja from `docs/templates/`.

use std::fs;

use anyhow::{Context, Result};
use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use serde_json::Value;

use crate::shell::{cargo, root};

/// Pages below `docs/`, each with a template of the same name.
const PAGES: [&str; 3] = ["costs.md", "errors.md", "limits.md"];

/// Writes every page.
pub fn write() -> Result<()> {
    for (path, text) in pages()? {
        fs::write(root().join(&path), text).with_context(|| format!("cannot write {path}"))?;
    }
    Ok(())
}

/// A line for each page that differs from what its template and the tables give.
pub fn outdated() -> Result<Vec<String>> {
    let mut outdated = Vec::new();
    for (path, text) in pages()? {
        if fs::read_to_string(root().join(&path)).ok() != Some(text) {
            outdated.push(format!("{path} is not current: run `cargo xtask docs`"));
        }
    }
    Ok(outdated)
}

fn pages() -> Result<Vec<(String, String)>> {
    let tables = cargo()
        .args([
            "run",
            "--quiet",
            "--package",
            "cuecard-prompt",
            "--example",
            "tables",
        ])
        .read()?;
    let tables: Value =
        serde_json::from_str(&tables).context("the example `tables` prints JSON")?;
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder()
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .build()?;
    environment.set_syntax(syntax);
    let page = |name: &&str| -> Result<(String, String)> {
        let template = fs::read_to_string(root().join("docs/templates").join(name))?;
        let text = environment.render_str(&template, Serde(&tables))?;
        Ok((format!("docs/{name}"), text))
    };
    PAGES.iter().map(page).collect()
}
