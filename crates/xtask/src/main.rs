//! `cargo xtask`: build, run and test Cuecard.

mod build;
mod shell;
mod tools;
mod wasm;
mod workerd;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask <command>

  build [pkg|worker]… [--quick]   pkg/dist and worker/build (both when none is named)";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<()> {
    match args {
        ["build", parts @ ..] => build::run(parts),
        ["config", options] => workerd::print(options),
        [] | ["help" | "--help" | "-h", ..] => {
            println!("{USAGE}");
            Ok(())
        }
        [other, ..] => bail!("no command `{other}`\n\n{USAGE}"),
    }
}
