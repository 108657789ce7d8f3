//! The prerequisites of suites and tasks: prepared once per run, with their paths.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::shell::{Cmd, cargo, root, step, target_dir};
use crate::wasm::Level;
use crate::{build, tools};

/// A prerequisite of a suite or a task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Need {
    /// The wasm target of the Rust toolchain.
    WasmTarget,
    /// The npm packages of this folder.
    Npm(&'static str),
    /// `pkg/dist`.
    Pkg,
    /// `worker/dist`, with workerd to run Workers in.
    Server,
    /// `worker/build` and `worker/studio/dist`, and the server to run them.
    Worker,
    /// The conformance tests' HTTP cache; the folder of its modules is in `HTTP_CACHE`.
    HttpCache,
    /// Debian's Chromium; its path is in `CHROMIUM`.
    Chromium,
    /// Python with `tests/requirements.txt`; its path is in `PYTHON`.
    Python,
    /// The example `render` of crates/prompt, JSON lines in and out; its path is in `RENDER`.
    Render,
}

/// The prerequisites that are ready.
#[derive(Default)]
pub struct Environment {
    ready: Vec<Need>,
    variables: Vec<(&'static str, PathBuf)>,
}

impl Environment {
    /// Prepares `needs`; ready ones cost nothing.
    pub fn prepare(&mut self, needs: &[Need]) -> Result<()> {
        for need in needs {
            if self.ready.contains(need) {
                continue;
            }
            match need {
                Need::WasmTarget => tools::wasm_target()?,
                Need::Npm(folder) => tools::npm(folder)?,
                Need::Pkg => build::pkg(Level::Full)?,
                Need::Server => build::server()?,
                Need::Worker => {
                    build::server()?;
                    build::worker(Level::Full)?;
                    build::studio(Level::Full)?;
                }
                Need::HttpCache => self.variables.push(("HTTP_CACHE", build::http_cache()?)),
                Need::Chromium => self.variables.push(("CHROMIUM", tools::chromium()?)),
                Need::Python => self.variables.push(("PYTHON", tools::python()?)),
                Need::Render => self.variables.push(("RENDER", render()?)),
            }
            self.ready.push(*need);
        }
        Ok(())
    }

    /// A command line of a table. A word `$NAME` stands for a path that `prepare` has found; a program with a
    /// slash lies in the repository.
    pub fn command(&self, line: &[&str]) -> Result<Cmd> {
        let [program, args @ ..] = line else {
            anyhow::bail!("a command line is empty");
        };
        let word = |word: &str| match word.strip_prefix('$') {
            Some(name) => {
                let found = self.variables.iter().find(|(known, _)| *known == name);
                found
                    .map(|(_, path)| path.clone())
                    .with_context(|| format!("nothing has prepared ${name}"))
            }
            None if word == *program && word.contains('/') => Ok(root().join(word)),
            None => Ok(PathBuf::from(word)),
        };
        let mut command = Cmd::new(word(program)?);
        for arg in args {
            command = command.arg(word(arg)?);
        }
        self.inform(command)
    }

    /// `command` with the paths that `prepare` has found, and this program's, in its environment.
    pub fn inform(&self, command: Cmd) -> Result<Cmd> {
        let program = std::env::current_exe().context("where is this program?")?;
        let command = command.env("XTASK", program);
        let variables = self.variables.iter();
        Ok(variables.fold(command, |command, (name, path)| command.env(name, path)))
    }
}

fn render() -> Result<PathBuf> {
    step("compile the example `render`", || {
        cargo()
            .args(["build", "--release", "--package", "cuecard-prompt"])
            .args(["--example", "render"])
            .run()
    })?;
    Ok(target_dir()?.join("release/examples/render"))
}
