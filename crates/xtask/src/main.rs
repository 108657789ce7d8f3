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
mod tasks;
mod test;
mod tools;
mod wasm;

use std::process::ExitCode;

use anyhow::{Result, bail};

use environment::Environment;
use suites::SUITES;
use tasks::{TASKS, Task};

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
    if let Some(help) = help(args) {
        println!("{help}");
        return Ok(());
    }
    match args {
        ["build", parts @ ..] => build::run(parts),
        ["dev", options @ ..] => dev::run(options),
        ["test", suites @ ..] => test::run(suites),
        ["docs"] => docs::write(),
        ["lint"] => test::run(&["lint"]),
        ["key"] => dev::key(),
        _ => match task(args) {
            Some(task) => run_task(task, args.get(words(task).len()..).unwrap_or_default()),
            None => {
                let name = args.join(" ");
                bail!("no command `{name}`: `cargo xtask help` lists them")
            }
        },
    }
}

/// The help text, if any argument asks for it: a task may take an hour.
fn help(args: &[&str]) -> Option<String> {
    let asks = |word: &&str| matches!(*word, "help" | "--help" | "-h");
    if !args.is_empty() && !args.iter().any(asks) {
        return None;
    }
    let named: Vec<&str> = args.iter().copied().filter(|word| !asks(word)).collect();
    Some(match named.as_slice() {
        ["test", ..] => suites(),
        [] => format!("{USAGE}\n{}\n{}", tasks(""), suites()),
        [name, ..] => match task(&named) {
            Some(_) => format!("usage: cargo xtask <command>\n\n{}", tasks(name)),
            None => USAGE.to_owned(),
        },
    })
}

/// The tasks whose names begin with `prefix`.
fn tasks(prefix: &str) -> String {
    let named = TASKS.iter().filter(|task| task.name.starts_with(prefix));
    named
        .map(|task| format!("  {}\n      {}\n", task.name, task.about))
        .collect()
}

fn suites() -> String {
    let lines = SUITES
        .iter()
        .map(|suite| format!("  {:<12}  {}", suite.name, suite.about));
    let lines: Vec<String> = lines.collect();
    format!("suites of `cargo xtask test`:\n\n{}", lines.join("\n"))
}

/// The task with the longest name that the words begin with.
fn task(args: &[&str]) -> Option<&'static Task> {
    let named = TASKS.iter().filter(|task| args.starts_with(&words(task)));
    named.max_by_key(|task| words(task).len())
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
    let environment = Environment::default();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_told_wherever_it_is_asked_for() {
        let told = |args: &[&str]| help(args).unwrap_or_default();
        for args in [&[][..], &["help"], &["--help"], &["-h"]] {
            assert!(
                told(args).contains("cargo xtask <command>") && told(args).contains("soak outage")
            );
        }
        for args in [
            &["soak", "--help"][..],
            &["soak", "outage", "-h"],
            &["soak", "help"],
        ] {
            let help = told(args);
            assert!(
                help.contains("soak outage") && !help.contains("bench"),
                "{help}"
            );
        }
        assert!(told(&["test", "--help"]).contains("clippy"));
        assert!(told(&["dev", "--help"]).contains("--origin URL"));
        assert_eq!(help(&["soak"]), None);
    }
}
