//! Circles of files that import each other: none of them can be read, tested or moved alone.
//!
//! What counts is what a file names: `use` of an item leads to the file that defines it, also through `pub use` on the
//! way, and a `pub use` by itself is a signpost, not an import.

use std::collections::{BTreeMap, BTreeSet};

/// A file in a circle says why with this in a comment.
const REASON: &str = "Circle: ";

/// A file's path and text.
type SourceFile = (String, String);
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The circles that no comment explains, each as its files, and the number of the others.
pub fn circles(sources: &[SourceFile]) -> (Vec<Vec<String>>, usize) {
    let mut graph = rust(sources);
    graph.extend(scripts(sources));
    let texts: BTreeMap<&str, &str> = sources
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let explained = |files: &Vec<String>| {
        let mut texts = files.iter().filter_map(|file| texts.get(file.as_str()));
        texts.any(|text| text.contains(REASON))
    };
    let (explained, unexplained): (Vec<_>, Vec<_>) =
        strong(&graph).into_iter().partition(explained);
    (unexplained, explained.len())
}

/// Rust's files by crate and module: `crates/store/src` and `change::events`.
fn rust(sources: &[SourceFile]) -> Graph {
    let mut modules = BTreeMap::new();
    for (path, text) in sources {
        let is_test = path.ends_with("/tests.rs") || path.contains("/tests/");
        if let Some((root, rest)) = path.split_once("/src/")
            && let Some(rest) = rest.strip_suffix(".rs")
            && !is_test
        {
            let mut module: Vec<&str> = rest.split('/').collect();
            if matches!(module.last(), Some(&("mod" | "lib" | "main"))) {
                module.pop();
            }
            modules.insert((root, module), (path.as_str(), NamedPaths::of(text)));
        }
    }
    let mut graph = Graph::new();
    for ((root, module), (path, names)) in &modules {
        let edges = names.used.iter().filter_map(|used| {
            let target = resolve(&modules, root, module, used, 8)?;
            (target != *path).then(|| target.to_owned())
        });
        graph.insert((*path).to_owned(), edges.collect());
    }
    graph
}

type Modules<'s> = BTreeMap<(&'s str, Vec<&'s str>), (&'s str, NamedPaths)>;

/// The file that a path leads to.
fn resolve<'m>(
    modules: &'m Modules<'_>,
    root: &str,
    from: &[&str],
    path: &[String],
    steps: u32,
) -> Option<&'m str> {
    let mut place: Vec<&str> = from.to_vec();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => {
            place.clear();
            rest = path.get(1..)?;
        }
        "self" => rest = path.get(1..)?,
        "super" => {
            while rest.first().is_some_and(|segment| segment == "super") {
                place.pop();
                rest = rest.get(1..)?;
            }
        }
        child => {
            place.push(child);
            modules.get(&(root, place.clone()))?;
            place.pop();
        }
    }
    while let Some(segment) = rest.first() {
        place.push(segment);
        if !modules.contains_key(&(root, place.clone())) {
            place.pop();
            break;
        }
        rest = rest.get(1..)?;
    }
    let (file, names) = modules.get(&(root, place.clone()))?;
    if let Some(item) = rest.first()
        && steps > 0
    {
        let passed = names.passed.iter().filter(|(name, _)| name == item);
        for (_, target) in passed {
            if let Some(found) = resolve(modules, root, &place, target, steps - 1) {
                return Some(found);
            }
        }
    }
    Some(file)
}

/// The paths that a file of Rust names.
#[derive(Default)]
struct NamedPaths {
    used: Vec<Vec<String>>,
    /// The names that `pub use` re-exports.
    passed: Vec<(String, Vec<String>)>,
}

impl NamedPaths {
    fn of(text: &str) -> Self {
        let mut names = Self::default();
        let text = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let code: String = text
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default())
            .flat_map(|line| [line, "\n"])
            .collect();
        let mut inline = String::new();
        for statement in code.split_inclusive(';') {
            let start = statement
                .rfind("\nuse ")
                .or_else(|| statement.rfind("\npub use "))
                .or_else(|| {
                    statement
                        .rfind("\npub(")
                        .filter(|at| statement[*at..].contains(") use "))
                })
                .or_else(|| statement.starts_with("use ").then_some(0))
                .or_else(|| statement.starts_with("pub use ").then_some(0));
            match start {
                Some(start) => {
                    inline.push_str(&statement[..start]);
                    names.statement(statement[start..].trim());
                }
                None => inline.push_str(statement),
            }
        }
        for (at, _) in inline.match_indices("::") {
            names.inline(&inline, at);
        }
        names
    }

    fn statement(&mut self, statement: &str) {
        let is_public = statement.starts_with("pub");
        let Some((_, tree)) = statement.split_once("use ") else {
            return;
        };
        let mut paths = Vec::new();
        flatten(tree.trim_end_matches(';').trim(), &[], &mut paths);
        for (name, path) in paths {
            if is_public {
                self.passed.push((name, path));
            } else {
                self.used.push(path);
            }
        }
    }

    /// A path within code that starts with `crate`, `super` or `self`.
    fn inline(&mut self, code: &str, at: usize) {
        let starts = ["crate", "super"].into_iter().find(|start| {
            let before = code[..at].strip_suffix(start);
            before.is_some_and(|before| {
                !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            })
        });
        let Some(start) = starts else { return };
        let rest = &code[at..];
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
            .unwrap_or(rest.len());
        let segments = rest[..end]
            .split("::")
            .filter(|segment| !segment.is_empty());
        let path = [start].into_iter().chain(segments).map(str::to_owned);
        self.used.push(path.collect());
    }
}

/// The paths of a tree of `use`, each with the name that it has here.
fn flatten(tree: &str, before: &[String], paths: &mut Vec<(String, Vec<String>)>) {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let mut before = before.to_vec();
        before.extend(
            head.split("::")
                .map(str::trim)
                .filter(|s| !s.is_empty())
                .map(str::to_owned),
        );
        let group = group.strip_suffix('}').unwrap_or(group);
        let (mut depth, mut start) = (0, 0);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    flatten(&group[start..at], &before, paths);
                    start = at + 1;
                }
                _ => {}
            }
        }
        return flatten(&group[start..], &before, paths);
    }
    if tree.is_empty() {
        return;
    }
    let (path, name) = match tree.split_once(" as ") {
        Some((path, name)) => (path, Some(name.trim())),
        None => (tree, None),
    };
    let mut whole = before.to_vec();
    whole.extend(path.split("::").map(|segment| segment.trim().to_owned()));
    if whole.len() > 1 && whole.last().is_some_and(|last| last == "self") {
        whole.pop();
    }
    let name = name.map(str::to_owned).or_else(|| whole.last().cloned());
    paths.push((name.unwrap_or_default(), whole));
}

/// TypeScript and JavaScript: what is imported by a relative path.
fn scripts(sources: &[SourceFile]) -> Graph {
    let is_script = |path: &str| {
        [".ts", ".tsx", ".mjs", ".js"]
            .iter()
            .any(|end| path.ends_with(end))
    };
    let files: BTreeSet<&str> = sources
        .iter()
        .map(|(path, _)| path.as_str())
        .filter(|path| is_script(path))
        .collect();
    let mut graph = Graph::new();
    for (path, text) in sources.iter().filter(|(path, _)| is_script(path)) {
        let folder: Vec<&str> = path.split('/').rev().skip(1).collect();
        let mut edges = BTreeSet::new();
        for piece in text
            .split(['"', '\''])
            .skip(1)
            .step_by(2)
            .filter(|piece| piece.starts_with('.'))
        {
            let mut place: Vec<&str> = folder.iter().rev().copied().collect();
            for segment in piece.split('/') {
                match segment {
                    "." => {}
                    ".." => drop(place.pop()),
                    name => place.push(name),
                }
            }
            let target = place.join("/");
            let source = target.strip_suffix(".js").map(|stem| format!("{stem}.ts"));
            let found = [Some(target), source]
                .into_iter()
                .flatten()
                .find(|file| files.contains(file.as_str()));
            edges.extend(found.filter(|file| file != path));
        }
        graph.insert(path.clone(), edges);
    }
    graph
}

/// Sets of more than one node in which each reaches every other.
fn strong(graph: &Graph) -> Vec<Vec<String>> {
    let reach = |from: &str| {
        let (mut seen, mut left) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(node) = left.pop() {
            for next in graph.get(&node).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    left.push(next.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<String>> = graph
        .keys()
        .map(|node| (node.as_str(), reach(node)))
        .collect();
    let mut circles = BTreeSet::new();
    for (node, nodes) in &reached {
        if nodes.contains(*node) {
            let back = nodes.iter().filter(|other| {
                reached
                    .get(other.as_str())
                    .is_some_and(|reached| reached.contains(*node))
            });
            circles.insert(back.cloned().collect::<Vec<_>>());
        }
    }
    circles
        .into_iter()
        .filter(|files| files.len() > 1)
        .collect()
}
