//! `cargo xtask`: build, run and test Cuecard.

mod build;
mod dev;
mod docs;
mod environment;
mod failures;
mod lint;
mod order;
mod shell;
mod suites;
mod tally;
mod test;
mod tools;
mod wasm;

use std::process::ExitCode;

use anyhow::{Result, bail};

use environment::Environment;
use suites::{SUITES, TASKS, Task};

const USAGE: &str = "\
usage: cargo xtask <command>

  dev [--port N] [--host HOST] [--dir DIR] [--origin URL]
      builds, and serves the Worker on http://localhost:8787 with its store in .cuecard/;
      with --origin it is an edge before another Cuecard and has no store
  test [suite]…
      runs all tests, or the named suites; ends with a table, and what failed
  docs
      the pages of docs/templates (errors, limits and costs), from the tables in the code
  lint
      the rules of the house that no compiler checks
  build [pkg|worker]… [--quick]
      pkg/dist and worker/build, both when none is named; --quick leaves out wasm-opt
  key
      prints a new key, for the Worker's secret BOOTSTRAP_KEY";

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
        ["dev", options @ ..] => dev::run(options),
        ["test", "help" | "--help" | "-h", ..] => {
            print_suites();
            Ok(())
        }
        ["test", suites @ ..] => test::run(suites),
        ["docs"] => docs::write(),
        ["lint"] => test::run(&["lint"]),
        ["key"] => dev::key(),
        [] | ["help" | "--help" | "-h", ..] => {
            println!("{USAGE}");
            for task in TASKS {
                println!("  {}\n      {}", task.name, task.about);
            }
            println!();
            print_suites();
            Ok(())
        }
        [name, ..] => {
            let named = TASKS.iter().filter(|task| args.starts_with(&words(task)));
            match named.max_by_key(|task| words(task).len()) {
                Some(task) => run_task(task, args.get(words(task).len()..).unwrap_or_default()),
                None => bail!("no command `{name}`: `cargo xtask help` lists them"),
            }
        }
    }
}

fn print_suites() {
    println!("suites of `cargo xtask test`:\n");
    for suite in SUITES {
        println!("  {:<12}  {}", suite.name, suite.about);
    }
}

fn words(task: &Task) -> Vec<&str> {
    task.name.split(' ').collect()
}

fn run_task(task: &Task, extra: &[&str]) -> Result<()> {
    // A misspelt part must not run the whole, which takes an hour.
    if let Some(word) = extra.first().filter(|word| !word.starts_with('-')) {
        bail!(
            "no command `{} {word}`: `cargo xtask help` lists them",
            task.name
        );
    }
    let mut environment = Environment::default();
    environment.prepare(task.needs)?;
    for (number, line) in task.commands.iter().enumerate() {
        let mut command = environment.command(line)?;
        if number + 1 == task.commands.len() {
            command = command.args(extra);
        }
        command.run()?;
    }
    Ok(())
}
