//! The failed tests in a test runner's output: `cargo test`, `node --test --test-reporter=tap`, any other command.

use crate::tally::FailedTest;

/// The most lines of a test that are repeated.
pub const LINES: usize = 15;

/// Longer lines are cut.
const COLUMNS: usize = 240;

/// Words by which a command that names no failed test reports a problem.
const TELLING: [&str; 8] = [
    "error",
    "failed",
    "FAIL",
    "panicked",
    "Traceback",
    "Diff in",
    "✗",
    "--- case",
];

/// The failed tests, in the order in which they failed. A command that names none has one: itself.
pub fn failures(printed: &str, command: &str) -> Vec<FailedTest> {
    let lines: Vec<&str> = printed.lines().collect();
    let mut found = cargo(&lines);
    found.extend(node(&lines));
    if found.is_empty() {
        let is_telling = |line: &&str| TELLING.iter().any(|word| line.contains(word));
        let start = lines.iter().position(is_telling);
        let start = start.unwrap_or(lines.len().saturating_sub(LINES));
        found.push(failure(command, lines.iter().skip(start).copied()));
    }
    found
}

/// Sections `---- name stdout ----`, and test programs that ended without any.
fn cargo(lines: &[&str]) -> Vec<FailedTest> {
    let mut found = Vec::new();
    let (mut start, mut named) = (0, false);
    for (at, line) in lines.iter().enumerate() {
        if let Some(name) = section(line) {
            let own = lines.iter().skip(at + 1).copied();
            let own = own.take_while(|line| section(line).is_none() && *line != "failures:");
            found.push(failure(name, own));
            named = true;
        } else if let Some(target) = line.strip_prefix("error: test failed, to rerun pass ") {
            if !named {
                let ends = lines.iter().skip(at + 1).take_while(|line| {
                    line.is_empty() || line.starts_with("Caused by") || line.starts_with(' ')
                });
                let last = at.saturating_sub(LINES / 2).max(start);
                let said = lines.iter().take(at).skip(last).chain(ends);
                found.push(failure(target.trim_matches('`'), said.copied()));
            }
            (start, named) = (at + 1, false);
        }
    }
    found
}

fn section(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

/// `not ok` lines and what follows them. A test of tests has failed only where one of them did, which is named itself.
fn node(lines: &[&str]) -> Vec<FailedTest> {
    let mut found = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut printed: Vec<&str> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let text = line.trim_start();
        let depth = (line.len() - text.len()) / 4;
        if let Some(name) = text.strip_prefix("# Subtest: ") {
            names.truncate(depth);
            names.push(name);
        } else if let Some(comment) = text.strip_prefix("# ") {
            printed.push(comment);
        } else if let Some(result) = result(text) {
            let name = match names.get(..=depth) {
                Some(names) => names.join(" > "),
                None => result.to_owned(),
            };
            let indent = line.len() - text.len();
            let about = lines
                .iter()
                .skip(at + 2)
                .take_while(|line| line.trim() != "...")
                .filter_map(|line| line.get(indent + 2..))
                .filter(|line| !line.starts_with("duration_ms:") && !line.starts_with("type:"));
            let about: Vec<&str> = about.collect();
            if about.iter().any(|line| line.contains("subtestsFailed")) {
                continue;
            }
            // A file that cannot be loaded prints the reason.
            let is_file = about.iter().any(|line| line.starts_with("exitCode:"));
            let said = printed.iter().skip(printed.len().saturating_sub(LINES));
            let said = said.take(if is_file { LINES } else { 0 });
            found.push(failure(&name, said.copied().chain(about)));
            printed.clear();
        }
    }
    found
}

/// What a line of TAP says about a failed test.
fn result(line: &str) -> Option<&str> {
    let is_left_out =
        line.ends_with("# SKIP") || line.contains("# SKIP ") || line.contains("# TODO");
    match line.strip_prefix("not ok ") {
        Some(rest) => Some(rest),
        None => line.strip_prefix("ok ").filter(|_| is_left_out),
    }
}

fn failure<'l>(name: &str, lines: impl Iterator<Item = &'l str>) -> FailedTest {
    let told = lines.filter(|line| !line.trim().is_empty()).take(LINES);
    FailedTest {
        name: name.to_owned(),
        lines: told
            .map(|line| line.chars().take(COLUMNS).collect())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(printed: &str) -> Vec<(String, String)> {
        let found = failures(printed, "the command").into_iter();
        found
            .map(|failure| (failure.name, failure.lines.join("|")))
            .collect()
    }

    #[test]
    fn tests_of_cargo() {
        let printed = "running 3 tests\n.F.\nfailures:\n\n---- a::one stdout ----\n\nthread 'a::one' panicked at x.rs:1:2:\nwrong\n\
                       ---- a::two stdout ----\nError: no\n\n\nfailures:\n    a::one\n    a::two\n\ntest result: FAILED. 1 passed; 2 failed\n\n\
                       error: test failed, to rerun pass `-p x --lib`\n\nrunning 1 test\nthread 'main' has overflowed its stack\n\
                       error: test failed, to rerun pass `-p y --test z`\n\nCaused by:\n  process didn't exit successfully (signal: 6)\n\
                       error: 2 targets failed:\n    `-p x --lib`\n";
        let found = told(printed);
        assert_eq!(
            found[0],
            (
                "a::one".into(),
                "thread 'a::one' panicked at x.rs:1:2:|wrong".into()
            )
        );
        assert_eq!(found[1], ("a::two".into(), "Error: no".into()));
        assert_eq!(found[2].0, "-p y --test z");
        assert!(found[2].1.contains("overflowed its stack"), "{found:?}");
        assert!(found[2].1.contains("signal: 6"), "{found:?}");
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn tests_of_node() {
        let printed = "TAP version 13\n# Subtest: suite\n    # Subtest: inner\n    not ok 1 - inner\n      ---\n      duration_ms: 11\n      \
                       location: 'a.mjs:2:27'\n      error: |-\n        boom\n          deep\n      ...\n    # Subtest: left\n    ok 2 - left # SKIP\n      \
                       ---\n      ...\n    1..2\nnot ok 1 - suite\n  ---\n  type: 'suite'\n  failureType: 'subtestsFailed'\n  ...\n\
                       # Error: no package\n#     at x.js\n# Subtest: b.mjs\nnot ok 2 - b.mjs\n  ---\n  duration_ms: 2\n  exitCode: 1\n  ...\n\
                       ok 3 - fine\n# pass 1\n# fail 2\n";
        let expected = [
            (
                "suite > inner",
                "location: 'a.mjs:2:27'|error: |-|  boom|    deep",
            ),
            ("suite > left", ""),
            ("b.mjs", "Error: no package|    at x.js|exitCode: 1"),
        ];
        let expected = expected.map(|(name, lines)| (name.to_owned(), lines.to_owned()));
        assert_eq!(told(printed), expected);
    }

    #[test]
    fn other_commands() {
        let lines = (0..40).map(|n| format!("line {n}")).collect::<Vec<_>>();
        let found = told(&lines.join("\n"));
        assert_eq!(found[0].0, "the command");
        assert!(found[0].1.starts_with("line 25|") && found[0].1.ends_with("line 39"));
        let found = told("checking\nsrc/a.ts(1,2): error TS1: no\nend");
        assert_eq!(found[0].1, "src/a.ts(1,2): error TS1: no|end");
        assert_eq!(told("").len(), 1);
    }
}
