//! The tools a build needs: made sure of, and installed where that is ours to do.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell::{Cmd, root, step};

/// The wasm target of the Rust toolchain in use, added through rustup when missing.
pub fn wasm_target() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let libs = Cmd::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .read()?;
    if Path::new(&libs).is_dir() {
        return Ok(());
    }
    step(&format!("add the Rust target {TARGET}"), || {
        Cmd::new("rustup")
            .args(["target", "add", TARGET])
            .run()
            .context("install Rust with rustup (https://rustup.rs), or add the target by hand")
    })
}

/// Node.js 20 or newer.
pub fn node() -> Result<()> {
    const OLDEST: u32 = 20;
    let version = Cmd::new("node")
        .arg("--version")
        .read()
        .with_context(|| format!("install Node.js {OLDEST} or newer (https://nodejs.org)"))?;
    let major: Option<u32> = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|n| n.parse().ok());
    match major {
        Some(major) if major >= OLDEST => Ok(()),
        _ => bail!("Node.js {version} is too old: install {OLDEST} or newer (https://nodejs.org)"),
    }
}

/// The npm packages that `folder/package-lock.json` names, installed when it has changed.
pub fn npm(folder: &str) -> Result<()> {
    node()?;
    let folder_path = root().join(folder);
    let lock = folder_path.join("package-lock.json");
    let wanted =
        fs::read(&lock).with_context(|| format!("cannot read {folder}/package-lock.json"))?;
    let stamp = folder_path.join("node_modules/.cuecard-installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    step(&format!("install npm packages of {folder}/"), || {
        Cmd::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .dir(&folder_path)
            .run()
    })?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}
