//! The table of test suites. A new suite is a new row.

use anyhow::Result;

use crate::environment::Need;
use crate::lint;
use crate::tally::Tally;

/// How a suite runs and how its tests are counted.
#[derive(Clone, Copy)]
pub enum Runner {
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
    /// Its name for `cargo xtask test <name>`.
    pub name: &'static str,
    /// What it tests, and where its tests are.
    pub about: &'static str,
    /// Its prerequisites.
    pub needs: &'static [Need],
    /// Its commands.
    pub run: Runner,
}

use Need::{Chromium, HttpCache, Npm, Pkg, Python, Render, Server, WasmTarget, Worker};
use Runner::{Commands, Node, Own};

/// Clippy's command for one of the package's wasm modules, which are built with one feature each. With the Worker beside
/// it, dependencies have the features of the command before, and are not checked again.
macro_rules! clippy_of_module {
    ($feature:literal) => {
        &[
            "cargo",
            "clippy",
            "--quiet",
            "--package",
            "cuecard-pkg",
            "--package",
            "cuecard-worker",
            "--no-default-features",
            "--features",
            concat!("cuecard-pkg/", $feature),
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ]
    };
}

/// In the order in which they begin, some side by side: what needs no build first, and `rust` late after `clippy`, as
/// cargo lets one of them compile at a time; then the longest, so that all lanes end at about the same time.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "fmt",
        about: "Rust is formatted (`cargo fmt --all`)",
        needs: &[],
        run: Commands(&[&["cargo", "fmt", "--all", "--check"]]),
    },
    Suite {
        name: "style",
        about: "TypeScript, JavaScript and CSS are formatted (`tests/node_modules/.bin/biome format --write .`)",
        needs: &[Npm("tests")],
        run: Commands(&[&["tests/node_modules/.bin/biome", "format", "."]]),
    },
    Suite {
        name: "lint",
        about: "the rules of the house that no compiler checks",
        needs: &[],
        run: Own(lint::run),
    },
    Suite {
        name: "clippy",
        about: "no warning of clippy, natively, for wasm, and for each wasm module of the package",
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
            clippy_of_module!("engine"),
            clippy_of_module!("payloads"),
            clippy_of_module!("readers"),
        ]),
    },
    Suite {
        name: "types",
        about: "TypeScript of the package, the command line, the studio and the server compiles",
        needs: &[Pkg, Server, Npm("worker/studio")],
        run: Commands(&[
            &["pkg/node_modules/.bin/tsc", "--noEmit", "--project", "pkg"],
            &["pkg/node_modules/.bin/tsc", "--project", "pkg/cli"],
            &[
                "pkg/node_modules/.bin/tsc",
                "--noEmit",
                "--project",
                "worker/studio",
            ],
            &[
                "pkg/node_modules/.bin/tsc",
                "--noEmit",
                "--project",
                "worker/server",
            ],
        ]),
    },
    Suite {
        name: "rust",
        about: "the tests of all crates",
        needs: &[],
        run: Commands(&[&[
            "env",
            // Each run has the same generated cases; `cargo test` alone has new ones.
            "PROPTEST_RNG_SEED=20261127",
            "cargo",
            "test",
            "--quiet",
            "--workspace",
            "--no-fail-fast",
        ]]),
    },
    Suite {
        name: "page",
        about: "the studio in a browser: tests/browser",
        needs: &[Worker, Npm("tests"), Chromium],
        run: Node("browser"),
    },
    Suite {
        name: "cli",
        about: "the command line: tests/cli",
        needs: &[Worker, Pkg, Npm("tests")],
        run: Node("cli"),
    },
    Suite {
        name: "faults",
        about: "outages, kills and slow origins: tests/faults",
        needs: &[Worker, Npm("tests")],
        run: Node("faults"),
    },
    Suite {
        name: "package",
        about: "the npm package in Node, Deno, Bun, Workers and a browser: tests/runtimes",
        needs: &[Pkg, Npm("tests"), Chromium],
        run: Node("runtimes"),
    },
    Suite {
        name: "edge",
        about: "copies, their age and their end in the built Worker: tests/edge",
        needs: &[Worker, Npm("tests")],
        run: Node("edge"),
    },
    Suite {
        name: "parity",
        about: "generated templates beside Jinja2, natively and in every runtime: tests/conformance",
        needs: &[Render, Python, Pkg, Npm("tests"), Chromium],
        run: Commands(&[
            &[
                "$PYTHON",
                "tests/conformance/parity.py",
                "$RENDER",
                "--cases",
                "5000",
                "--write",
                JOBS,
            ],
            &["node", "tests/conformance/runtimes.mjs", JOBS, "$RENDER"],
        ]),
    },
    Suite {
        name: "api",
        about: "the HTTP API of the built Worker: tests/api",
        needs: &[Worker, Pkg],
        run: Node("api"),
    },
    Suite {
        name: "facades",
        about: "other systems' clients against the facades: tests/facades",
        needs: &[Worker, Python, Npm("tests/facades")],
        run: Node("facades"),
    },
    Suite {
        name: "schemathesis",
        about: "generated requests against `/openapi.json`: tests/schemathesis",
        needs: &[Worker, Python],
        run: Node("schemathesis"),
    },
    Suite {
        name: "http-cache",
        about: "the freshness policy as a shared HTTP cache: tests/conformance/http-cache",
        needs: &[HttpCache, Server, Npm("tests")],
        run: Node("conformance/http-cache"),
    },
    Suite {
        name: "run",
        about: "runs and executions: tests/run",
        needs: &[Worker, Python, Npm("tests"), Npm("tests/run")],
        run: Node("run"),
    },
    Suite {
        name: "whole",
        about: "the main job end to end, `cargo xtask dev`, and what README and docs say: tests/whole",
        needs: &[Worker, Pkg, Npm("tests"), Chromium],
        run: Node("whole"),
    },
    Suite {
        name: "sdks",
        about: "the package with the SDKs that it hands prompts to: tests/sdks",
        needs: &[Pkg, Npm("tests")],
        run: Node("sdks"),
    },
    Suite {
        name: "payloads",
        about: "recorded request bodies have the types of the model APIs' own SDKs: tests/conformance/payloads",
        needs: &[Npm("tests")],
        run: Node("conformance/payloads"),
    },
    Suite {
        name: "deploy",
        about: "what `wrangler deploy` would upload: tests/deploy",
        needs: &[Worker, Npm("tests")],
        run: Node("deploy"),
    },
];

/// The jobs of the package in a parity run, for the other runtimes.
pub const JOBS: &str = "target/parity-jobs.jsonl";
