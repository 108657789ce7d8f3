//! `cargo xtask test`: runs the suites of the table and counts.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::environment::{Environment, Need};
use crate::failures::{LINES, failures};
use crate::shell::{Cmd, root, target_dir};
use crate::suites::{Runner, SUITES, Suite};
use crate::tally::Tally;

/// A suite that takes longer than this counts as hanging.
const DEADLINE: Duration = Duration::from_secs(20 * 60);

/// Suites that run side by side. Each keeps half a processor busy, as tests wait for pages, answers and windows; so three
/// of them leave two processors little to wait for.
const LANES: usize = 3;

/// Runs the named suites, or all, and ends with a table and `N passed, N failed`.
pub fn run(names: &[&str]) -> Result<()> {
    let known: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        bail!("no suite `{unknown}`: there are {}", known.join(", "));
    }
    let chosen: Vec<&Suite> = SUITES
        .iter()
        .filter(|suite| names.is_empty() || names.contains(&suite.name))
        .collect();

    let started = Instant::now();
    let rows = side_by_side(&chosen);
    report(&rows, started.elapsed())
}

/// A suite's name, its tests, and how long it took with what it was first to need.
type Row = (&'static str, Tally, Duration);

/// Runs the suites on the lanes: each takes the next suite of the table, and builds or waits for what that needs.
fn side_by_side(suites: &[&Suite]) -> Vec<Row> {
    let environment = &Environment::default();
    let needs: Vec<Need> = suites
        .iter()
        .flat_map(|suite| suite.needs)
        .copied()
        .collect();
    let next = &AtomicUsize::new(0);
    let (done, rows) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| environment.install(&needs));
        for _ in 0..LANES {
            let done = done.clone();
            scope.spawn(move || {
                while let Some(suite) = suites.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let _sent = done.send(row(suite, environment));
                }
            });
        }
    });
    drop(done);
    let mut rows: Vec<Row> = rows.iter().collect();
    let place = |row: &Row| suites.iter().position(|suite| suite.name == row.0);
    rows.sort_by_key(place);
    rows
}

fn row(suite: &Suite, environment: &Environment) -> Row {
    let started = Instant::now();
    let tally = environment
        .prepare(suite.needs)
        .and_then(|()| execute(suite, environment));
    let tally = tally.unwrap_or_else(|error| {
        let message = format!("{error:#}");
        eprintln!("error: {}: {message}", suite.name);
        let lines = message.lines().take(LINES).map(str::to_owned);
        Tally::failed("(the suite)", lines.collect())
    });
    (suite.name, tally, started.elapsed())
}

fn report(rows: &[Row], whole: Duration) -> Result<()> {
    println!(
        "\n{:<12} {:>8} {:>8} {:>9}",
        "suite", "passed", "failed", "seconds"
    );
    let mut total = Tally::default();
    for (name, tally, elapsed) in rows {
        println!(
            "{name:<12} {:>8} {:>8} {:>9.1}",
            tally.passed,
            tally.failed,
            elapsed.as_secs_f64()
        );
        total += tally.clone();
    }
    println!(
        "{:<12} {:>8} {:>8} {:>9.1}",
        "all",
        total.passed,
        total.failed,
        whole.as_secs_f64()
    );
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        repeat(rows);
        bail!("{} failed", total.failed);
    }
    Ok(())
}

/// Repeats the failed tests at the very end, for those who keep only the last lines of a log.
fn repeat(rows: &[Row]) {
    const ALL: usize = 150;
    let named: usize = rows.iter().map(|(_, tally, _)| tally.failures.len()).sum();
    let each = (ALL / named.max(1)).clamp(2, LINES + 1) - 1;
    println!("\nfailed:");
    for (suite, tally, _) in rows.iter().filter(|(_, tally, _)| tally.failed > 0) {
        for failure in &tally.failures {
            println!("✗ {suite}: {}", failure.name);
            for line in failure.lines.iter().take(each) {
                println!("    {line}");
            }
        }
        let named = u32::try_from(tally.failures.len()).unwrap_or(u32::MAX);
        if let Some(more @ 1..) = tally.failed.checked_sub(named) {
            println!("✗ {suite}: {more} without a name");
        }
    }
}

fn execute(suite: &Suite, environment: &Environment) -> Result<Tally> {
    eprintln!("• test {}", suite.name);
    match suite.run {
        Runner::Own(run) => run(),
        Runner::Commands(lines) => {
            let mut tally = Tally::default();
            for (number, line) in lines.iter().enumerate() {
                let name = format!("{}-{number}", suite.name);
                tally += counted(environment.command(line)?, &name)?;
            }
            Ok(tally)
        }
        Runner::Node(folder) => {
            let files = test_files(folder)?;
            let command = Cmd::new("node")
                .args(["--test", "--test-reporter=tap", FILE_TIMEOUT])
                .args(files);
            counted(environment.inform(command)?, suite.name)
        }
    }
}

/// A file with failed tests may leave something open that keeps its process alive: 15 minutes, in milliseconds.
const FILE_TIMEOUT: &str = "--test-timeout=900000";

fn test_files(folder: &str) -> Result<Vec<PathBuf>> {
    let folder = root().join("tests").join(folder);
    let entries =
        fs::read_dir(&folder).with_context(|| format!("{} is missing", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("{} has no *.test.mjs", folder.display());
    }
    Ok(files)
}

/// Runs a command, keeps its output in a file, and shows it when something failed.
fn counted(command: Cmd, name: &str) -> Result<Tally> {
    let log = target_dir()?.join("xtask/test").join(format!("{name}.log"));
    fs::create_dir_all(log.parent().context("a log has a folder")?)?;
    let file = fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let shown = command.text().to_owned();
    let mut command = command.into_command();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .map_err(|error| anyhow!("`{shown}` cannot be started: {error}"))?;

    let started = Instant::now();
    let success = loop {
        if let Some(status) = child.try_wait()? {
            break status.success();
        }
        if started.elapsed() > DEADLINE {
            child.kill()?;
            child.wait()?;
            break false;
        }
        thread::sleep(Duration::from_millis(20));
    };

    let mut printed = Vec::new();
    fs::File::open(&log)?.read_to_end(&mut printed)?;
    let printed = String::from_utf8_lossy(&printed);
    let mut tally = count(&printed).unwrap_or(Tally {
        passed: u32::from(success),
        ..Tally::default()
    });
    if !success && tally.failed == 0 {
        tally.failed = 1;
    }
    if tally.failed > 0 {
        show(&printed, &log);
        tally.failures = failures(&printed, &shown);
    }
    Ok(tally)
}

/// The end of the output, where the failures are.
fn show(printed: &str, log: &std::path::Path) {
    const LINES: usize = 200;
    let lines: Vec<&str> = printed.lines().collect();
    let skipped = lines.len().saturating_sub(LINES);
    if skipped > 0 {
        eprintln!("… {skipped} lines before are in {}", log.display());
    }
    for line in &lines[skipped..] {
        eprintln!("{line}");
    }
}

/// Reads the counts out of what a test runner printed. Ignored, skipped and cancelled tests have failed.
fn count(printed: &str) -> Option<Tally> {
    let mut found = false;
    let mut tally = Tally::default();
    for line in printed.lines() {
        if let Some(summary) = line.trim_start().strip_prefix("test result: ") {
            let number = |label: &str| {
                let part = summary
                    .split(&[';', '.'][..])
                    .find_map(|part| part.trim().strip_suffix(label));
                part.and_then(|n| n.trim().parse::<u32>().ok()).unwrap_or(0)
            };
            tally += Tally {
                passed: number(" passed"),
                failed: number(" failed") + number(" ignored"),
                ..Tally::default()
            };
            found = true;
        } else if let Some((label, number)) = line
            .strip_prefix("# ")
            .and_then(|line| line.split_once(' '))
        {
            let Ok(number) = number.parse::<u32>() else {
                continue;
            };
            match label {
                "pass" => tally.passed += number,
                "fail" | "cancelled" | "skipped" | "todo" => tally.failed += number,
                _ => continue,
            }
            found = true;
        } else if let Some((passed, failed)) = line.trim().split_once(" passed, ")
            && let Ok(passed) = passed.parse::<u32>()
            && let Some(Ok(failed)) = failed.strip_suffix(" failed").map(str::parse::<u32>)
        {
            tally.passed += passed;
            tally.failed += failed;
            found = true;
        }
    }
    found.then_some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        let counts = |printed| count(printed).map(|tally| (tally.passed, tally.failed));
        let cargo = "running 3 tests\ntest result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 5 filtered out; finished in 0.00s\n\
                     test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(counts(cargo), Some((5, 2)));
        let node = "ok 1 - a\n# tests 9\n# suites 0\n# pass 5\n# fail 1\n# cancelled 1\n# skipped 2\n# todo 0\n# duration_ms 5.1";
        assert_eq!(counts(node), Some((5, 4)));
        assert_eq!(counts("so\n 12 passed, 3 failed\n"), Some((12, 3)));
        assert_eq!(counts("nothing to see"), None);
    }
}
