//! Generates `docs/routes.md` from the table of routes, and checks that it is current.
//! `UPDATE_CONTRACT=1 cargo test -p cuecard-worker api` writes the page; without, the test compares.

use std::fmt::Write;
use std::fs;

use crate::api::{Access, ROUTES};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/routes.md");

const HEAD: &str = "\
# Routes

Written by `UPDATE_CONTRACT=1 cargo test -p cuecard-worker api` from the table that dispatches requests
(`worker/src/api/route/table.rs`). `GET /openapi.json` has their parameters, bodies, answers and errors; [api.md](api.md) has
examples. `{slug}` stands for one or more segments. Each role may also do what those before it may: read, run, write, admin.

| method | path | role | what it does |
| --- | --- | --- | --- |
";

#[test]
fn the_page_of_routes_is_current() {
    let mut page = HEAD.to_owned();
    for route in ROUTES {
        let role = match route.access {
            Access::Public => "none".to_owned(),
            Access::Key(role) => role.to_string(),
        };
        let (method, path) = (route.method.as_str(), route.path);
        writeln!(page, "| {method} | `{path}` | {role} | {} |", route.summary).unwrap();
    }
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(FILE, &page).unwrap();
    }
    let found = fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        found == page,
        "docs/routes.md is not current: `UPDATE_CONTRACT=1 cargo test -p cuecard-worker api` writes it"
    );
}
