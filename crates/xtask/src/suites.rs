//! The one table of test suites. A new suite is a new row.

use anyhow::Result;

use crate::lint;
use crate::test::Tally;

/// Something that must be there before a suite can run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Need {
    /// The wasm target of the Rust toolchain.
    WasmTarget,
    /// The npm packages of this folder.
    Npm(&'static str),
    /// `pkg/dist`.
    Pkg,
    /// `worker/build` and `worker/page/dist`, with workerd to run them.
    Worker,
    /// Debian's Chromium; its path is in `CHROMIUM`.
    Chromium,
    /// Python with `tests/requirements.txt`; its path is in `PYTHON`.
    Python,
}

/// How a suite runs and how its tests are counted.
#[derive(Clone, Copy)]
pub enum Run {
    /// Command lines, one after the other. Counted by what they print: cargo test's `test result:` lines,
    /// `node --test`'s summary, a line `N passed, N failed`; a command that prints none of these is one test.
    Commands(&'static [&'static [&'static str]]),
    /// `node --test` over every `*.test.mjs` of a folder below `tests/`.
    Node(&'static str),
    /// A function of this program.
    Own(fn() -> Result<Tally>),
}

/// One row.
pub struct Suite {
    /// What `cargo xtask test <name>` takes.
    pub name: &'static str,
    /// What is made sure of before.
    pub needs: &'static [Need],
    /// What runs.
    pub run: Run,
}

use Need::{Chromium, Npm, Pkg, Python, WasmTarget, Worker};
use Run::{Commands, Node, Own};

/// Cheap ones first.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "fmt",
        needs: &[],
        run: Commands(&[&["cargo", "fmt", "--all", "--check"]]),
    },
    Suite {
        name: "lint",
        needs: &[],
        run: Own(lint::run),
    },
    Suite {
        name: "clippy",
        needs: &[WasmTarget],
        run: Commands(&[
            &[
                "cargo",
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
            &[
                "cargo",
                "clippy",
                "--quiet",
                "--package",
                "cuecard-pkg",
                "--package",
                "cuecard-worker",
                "--target",
                "wasm32-unknown-unknown",
                "--",
                "-D",
                "warnings",
            ],
        ]),
    },
    Suite {
        name: "rust",
        needs: &[],
        run: Commands(&[&["cargo", "test", "--quiet", "--workspace", "--no-fail-fast"]]),
    },
    Suite {
        name: "types",
        needs: &[Pkg],
        run: Commands(&[
            &["pkg/node_modules/.bin/tsc", "--noEmit", "--project", "pkg"],
            &[
                "pkg/node_modules/.bin/tsc",
                "--noEmit",
                "--project",
                "worker/page",
            ],
        ]),
    },
    Suite {
        name: "payloads",
        needs: &[Npm("tests")],
        run: Node("conformance/payloads"),
    },
    Suite {
        name: "package",
        needs: &[Pkg, Npm("tests"), Chromium],
        run: Node("runtimes"),
    },
    Suite {
        name: "api",
        needs: &[Worker],
        run: Node("api"),
    },
    Suite {
        name: "schemathesis",
        needs: &[Worker, Python],
        run: Node("schemathesis"),
    },
    Suite {
        name: "worker",
        needs: &[Worker, Pkg, Npm("tests")],
        run: Node("edge"),
    },
    Suite {
        name: "page",
        needs: &[Worker, Npm("tests"), Chromium],
        run: Node("browser"),
    },
    Suite {
        name: "faults",
        needs: &[Worker, Npm("tests")],
        run: Node("faults"),
    },
    Suite {
        name: "whole",
        needs: &[Worker, Pkg, Npm("tests"), Chromium, Python],
        run: Node("whole"),
    },
];
