//! Names of types: one meaning each in all shipped code, so that a name can be searched for and read alone.
//!
//! A name is declared once in Rust and once in TypeScript, and in both only where the one room mirrors the other.

use std::collections::BTreeMap;

/// Each room of TypeScript, and the room whose types it has in its own form, under the same names.
const MIRRORS: &[(&str, &str)] = &[
    ("pkg/js/", "crates/prompt/"),
    ("pkg/js/", "pkg/src/"),
    ("pkg/js/plan/", "crates/jinja/"),
    ("pkg/js/freshness.ts", "crates/freshness/"),
    ("pkg/js/run.ts", "crates/run/"),
    ("pkg/js/model-events.ts", "crates/run/"),
    ("pkg/js/types.ts", "crates/store/"),
    // Generated from the API's description; `Role`s and such are the crates' own types.
    ("pkg/js/admin/", "crates/"),
    ("pkg/js/admin/", "worker/src/"),
    // What both entries of the package have, written for its readers.
    ("pkg/js/admin/api.ts", "pkg/js/types.ts"),
    ("pkg/js/admin/api.ts", "pkg/js/run.ts"),
    ("worker/js/", "worker/src/"),
    ("worker/studio/src/api/", "crates/store/"),
];

/// Names that say nothing without what they are of: each crate's error, and the client of each entry of the package.
const OF_ITS_ROOM: [&str; 3] = ["Error", "Result", "Cuecard"];

/// The names that are declared twice without mirroring each other, each with its files.
pub fn repeated(sources: &[(String, String)]) -> Vec<String> {
    let mut declared: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, text) in sources.iter().filter(|(path, _)| is_shipped(path)) {
        for name in declarations(path, text) {
            declared.entry(name).or_default().push(path);
        }
    }
    let clashes = |files: &[&str]| {
        files.iter().enumerate().any(|(index, one)| {
            let mut others = files.iter().skip(index + 1);
            others.any(|other| !mirror(one, other) && !mirror(other, one))
        })
    };
    declared
        .into_iter()
        .filter(|(name, files)| !OF_ITS_ROOM.contains(name) && clashes(files))
        .map(|(name, files)| format!("{name} is declared in {}", files.join(", ")))
        .collect()
}

fn mirror(one: &str, other: &str) -> bool {
    one != other
        && MIRRORS
            .iter()
            .any(|(room, mirrored)| one.starts_with(room) && other.starts_with(mirrored))
}

/// Shipped code: no tests, benchmarks, examples, or contracts, which name the things they compare.
fn is_shipped(path: &str) -> bool {
    const NOT: [&str; 6] = [
        "/tests",
        "/benches/",
        "/examples/",
        "/fuzz/",
        "/contract.",
        "crates/xtask/",
    ];
    ["crates/", "worker/", "pkg/"]
        .iter()
        .any(|room| path.starts_with(room))
        && !NOT.iter().any(|part| path.contains(part))
}

fn declarations<'s>(path: &str, text: &'s str) -> Vec<&'s str> {
    let (modifiers, kinds): (&[&str], &[&str]) = match path.ends_with(".rs") {
        true => (&["pub"], &["struct", "enum", "trait", "union", "type"]),
        false => (
            &["export", "default", "declare", "abstract"],
            &["interface", "type", "class", "enum"],
        ),
    };
    let is_rust = path.ends_with(".rs");
    let mut names = Vec::new();
    let mut before = "";
    for line in text.lines() {
        let extends = before.starts_with("declare module");
        before = line;
        let is_inner = line.starts_with(' ');
        let mut words = line.split_whitespace().skip_while(|word| {
            let word = word.split('(').next().unwrap_or_default();
            modifiers.contains(&word) || ends_scope(word)
        });
        let (Some(kind), Some(name)) = (words.next(), words.next()) else {
            continue;
        };
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (name, rest) = name.split_at(end.unwrap_or(name.len()));
        // An associated type has its trait's name for it; a name with a comma is one of an import.
        let is_associated = is_rust && kind == "type" && is_inner;
        let is_imported = rest.starts_with(',') || (kind == "type" && !line.contains('='));
        let is_type = name.starts_with(|c: char| c.is_uppercase());
        if kinds.contains(&kind) && is_type && !is_associated && !is_imported && !extends {
            names.push(name);
        }
    }
    names
}

/// The rest of `pub(in path)`.
fn ends_scope(word: &str) -> bool {
    word.ends_with(')') && !word.contains('{')
}

#[cfg(test)]
mod tests {
    use super::repeated;

    fn lines(files: &[(&str, &str)]) -> Vec<String> {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        repeated(&files.iter().map(own).collect::<Vec<_>>())
    }

    #[test]
    fn a_name_has_one_meaning() {
        let found = lines(&[
            ("crates/store/src/a.rs", "pub(crate) struct Role(u8);"),
            ("crates/prompt/src/b.rs", "enum Role {}"),
            ("worker/studio/src/c.ts", "  type Role = string;"),
        ]);
        assert_eq!(
            found,
            [
                "Role is declared in crates/store/src/a.rs, crates/prompt/src/b.rs, worker/studio/src/c.ts"
            ]
        );
        assert_eq!(
            lines(&[("pkg/js/a.ts", "class A<T> {\n  type A = 1;")]).len(),
            1
        );
    }

    #[test]
    fn mirrors_imports_and_tests_are_no_second_meaning() {
        let none = lines(&[
            (
                "crates/prompt/src/a.rs",
                "pub struct Issue {}\nimpl A for B {\n    type Item = u8;\n}",
            ),
            ("pkg/js/types.ts", "export interface Issue {}"),
            (
                "pkg/cli/a.ts",
                "import {\n  type Issue,\n  type Item,\n} from \"cuecard\";",
            ),
            ("crates/prompt/tests/a.rs", "struct Issue;"),
            (
                "pkg/cli/types.ts",
                "declare module \"cuecard\" {\n  interface Issue {}\n}",
            ),
        ]);
        assert!(none.is_empty(), "{none:?}");
    }
}
