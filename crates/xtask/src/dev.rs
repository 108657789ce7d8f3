//! `cargo xtask dev`: the whole system on a laptop, built from this clone and served by `worker/server`.

use anyhow::{Context, Result};

use crate::shell::{Cmd, root};
use crate::wasm::Level;
use crate::{build, tools};

/// Builds the changed parts and serves them until it is stopped.
pub fn run(args: &[&str]) -> Result<()> {
    tools::node()?;
    build::server()?;
    // A wrong option or a taken port is reported before minutes of building.
    server()?.arg("--check").args(args).run_or_exit()?;
    build::worker(Level::Full)?;
    build::studio(Level::Full)?;
    server()?.args(args).replace()
}

/// Prints a new key.
pub fn key() -> Result<()> {
    build::server()?;
    Cmd::new("node").args(["worker/dist/main.js", "key"]).run()
}

/// The command `cuecard-server`, where the caller is; its store is this clone's unless another folder is named later.
fn server() -> Result<Cmd> {
    let here = std::env::current_dir().context("where is this?")?;
    Ok(Cmd::new("node")
        .arg(root().join("worker/dist/main.js"))
        .arg("--dir")
        .arg(root().join(".cuecard"))
        .dir(here))
}
