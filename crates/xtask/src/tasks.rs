//! The table of tasks: what takes long, or measures. A new task is a new row.

use crate::environment::Need::{self, Chromium, Npm, Pkg, Python, Render, Worker};
use crate::suites::JOBS;

/// Commands that run on their own, as `cargo xtask <name>`: they take long, or they measure.
pub struct Task {
    /// The command's name, of one word or two: `bench edge` is what measures the edge alone.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Its prerequisites.
    pub needs: &'static [Need],
    /// Command lines, one after the other; arguments of the task are added to the last.
    pub commands: &'static [&'static [&'static str]],
}

const OUTAGE: &[&str] = &[
    "env",
    "OUTAGE_SECONDS=600",
    "OUTAGE_READS=2000",
    "node",
    "--test",
    "tests/faults/outage.test.mjs",
];

const INPUTS: &[&str] = &[
    "env",
    "SEED=random",
    "SOAK=1000000",
    "PLAN_RUNS=20000",
    "node",
    "--test",
    "tests/runtimes/wall.test.mjs",
    "tests/runtimes/plan.test.mjs",
];

const ENGINES: &[&str] = &["node", "tests/bench/engines.mjs"];
const WITHOUT_EVAL: &[&str] = &[
    "node",
    "--disallow-code-generation-from-strings",
    "tests/bench/engines.mjs",
];
const CHAT: &[&str] = &["node", "tests/bench/chat.mjs"];
const PACKAGE: &[&str] = &["node", "tests/bench/package.mjs"];
const STORE: &[&str] = &[
    "cargo",
    "run",
    "--quiet",
    "--release",
    "--package",
    "cuecard-store",
    "--example",
    "scale",
];
const OBJECT: &[&str] = &["node", "tests/bench/store.mjs"];
const EDGE: &[&str] = &["node", "tests/bench/edge.mjs"];

/// All tasks.
pub const TASKS: &[Task] = &[
    Task {
        name: "bench",
        about: "all numbers: engines, package, store, edge (takes `wrk`)",
        needs: &[Worker, Pkg, Npm("tests")],
        commands: &[ENGINES, WITHOUT_EVAL, CHAT, PACKAGE, STORE, OBJECT, EDGE],
    },
    Task {
        name: "bench engines",
        about: "rendering beside other engines, with and without the right to make code of strings",
        needs: &[Pkg, Npm("tests")],
        commands: &[ENGINES, WITHOUT_EVAL, CHAT],
    },
    Task {
        name: "bench package",
        about: "what the package costs to download and to start",
        needs: &[Pkg, Npm("tests")],
        commands: &[PACKAGE],
    },
    Task {
        name: "bench store",
        about: "what readers and writers wait for at 100, 1,000 and 10,000 prompts: natively, and in a Durable Object",
        needs: &[Worker],
        commands: &[STORE, OBJECT],
    },
    Task {
        name: "bench edge",
        about: "a hit, and a hit that is rendered, beside a hello-world Worker in the same workerd (takes `wrk`)",
        needs: &[Worker],
        commands: &[EDGE],
    },
    Task {
        name: "compare",
        about: "25,000 random documents, each with 4 inputs, through `cuecard/client`, the full entry and the engine: the same bytes and issues",
        needs: &[Pkg, Npm("tests")],
        commands: &[&["node", "tests/runtimes/compare.mjs", "25000"]],
    },
    Task {
        name: "parity",
        about: "1,000,000 generated renders, natively and through the package, compared with Jinja2",
        needs: &[Render, Python, Pkg, Npm("tests")],
        commands: &[&[
            "$PYTHON",
            "tests/conformance/parity.py",
            "$RENDER",
            "--cases",
            "1000000",
        ]],
    },
    Task {
        name: "parity runtimes",
        about: "10,000 generated renders in every runtime: one hash over all answers; once per release",
        needs: &[Render, Python, Pkg, Npm("tests"), Chromium],
        commands: &[
            &[
                "$PYTHON",
                "tests/conformance/parity.py",
                "$RENDER",
                "--cases",
                "25000",
                "--processes",
                "1",
                "--write",
                JOBS,
            ],
            &["node", "tests/conformance/runtimes.mjs", JOBS, "$RENDER"],
        ],
    },
    Task {
        name: "soak",
        about: "what the tests do for seconds, for an hour: inputs, outage, cold bursts, tenants, fuzzing, kills",
        needs: &[Worker, Pkg, Npm("tests"), Python],
        commands: &[
            INPUTS,
            OUTAGE,
            &[
                "env",
                "COLD_READS=10000",
                "TENANT_READS=100000",
                "node",
                "--test",
                "tests/edge/reads.test.mjs",
            ],
            &[
                "env",
                "FLOOD=100000",
                "node",
                "--test",
                "tests/edge/floods.test.mjs",
            ],
            &[
                "env",
                "NEIGHBOUR_SECONDS=10",
                "node",
                "--test",
                "tests/faults/neighbours.test.mjs",
            ],
            &[
                "env",
                "SEED=random",
                "node",
                "tests/schemathesis/run.mjs",
                "350",
            ],
            &["node", "tests/faults/kill.mjs", "1000"],
        ],
    },
    Task {
        name: "soak inputs",
        about: "1,000,000 random values at the package's wall, 20,000 random templates by plan and by engine",
        needs: &[Pkg, Npm("tests")],
        commands: &[INPUTS],
    },
    Task {
        name: "soak outage",
        about: "2,000 reads a second for 10 minutes with the origin dead",
        needs: &[Worker, Npm("tests")],
        commands: &[OUTAGE],
    },
    Task {
        name: "soak server",
        about: "cuecard-server for 30 minutes, or as many as SOAK_MINUTES says: what it takes at rest",
        needs: &[Worker],
        commands: &[&["node", "tests/whole/soak.mjs"]],
    },
];
