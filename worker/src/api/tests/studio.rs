//! The studio's editor completes the engine's names.

use cuecard_prompt::jinja::library::registry;

const LISTS: &str = include_str!("../../../studio/src/code/jinja.ts");

/// Aliases, which are not offered.
const FILTER_ALIASES: [&str; 2] = ["d", "e"];
const TEST_ALIASES: [&str; 3] = ["equalto", "greaterthan", "lessthan"];

#[test]
fn the_editor_completes_every_filter_and_test() {
    compare("FILTERS", registry::filter_names(), &FILTER_ALIASES);
    compare("TESTS", registry::test_names(), &TEST_ALIASES);
}

fn compare(list: &str, known: impl Iterator<Item = &'static str>, aliases: &[&str]) {
    let (_, rest) = LISTS.split_once(&format!("export const {list} ")).unwrap();
    let text = rest.split('`').nth(1).unwrap();
    let offered: Vec<&str> = text
        .lines()
        .map(|line| line.trim().split('(').next().unwrap())
        .collect();
    let is_word = |name: &&str| name.starts_with(|c: char| c.is_ascii_alphabetic());
    let expected: Vec<&str> = known
        .filter(is_word)
        .filter(|name| !aliases.contains(name))
        .collect();
    assert_eq!(
        offered, expected,
        "{list} of worker/studio/src/code/jinja.ts (left) and crates/jinja/src/library/registry.rs"
    );
}
