//! The prerequisites of suites and tasks: prepared once per run, with their paths.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// The prerequisites that are ready, for any number of threads.
#[derive(Default)]
pub struct Environment {
    ready: Mutex<Vec<Need>>,
    variables: Mutex<Vec<(&'static str, PathBuf)>>,
    /// Taken while something is built: builds share folders.
    builds: Mutex<()>,
    /// Taken while something is installed: package managers lock their folders, and fail where they find a lock.
    installs: Mutex<()>,
}

impl Need {
    /// Whether it is fetched and not compiled, so that it leaves processors to others.
    fn is_installed(self) -> bool {
        matches!(self, Self::Npm(_) | Self::Chromium | Self::Python)
    }
}

impl Environment {
    /// Installs those of `needs` that are not compiled, ahead of the suites that wait for them. What fails here fails
    /// again in such a suite, which tells of it.
    pub fn install(&self, needs: &[Need]) {
        for need in needs.iter().filter(|need| need.is_installed()) {
            let _told = self.prepare(&[*need]);
        }
    }

    /// Prepares `needs`; ready ones cost nothing.
    pub fn prepare(&self, needs: &[Need]) -> Result<()> {
        for need in needs {
            if self.is_ready(*need) {
                continue;
            }
            let turn = if need.is_installed() {
                &self.installs
            } else {
                &self.builds
            };
            let _turn = locked(turn);
            // Another thread may have prepared it meanwhile.
            if self.is_ready(*need) {
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
                Need::HttpCache => self.found("HTTP_CACHE", build::http_cache()?),
                Need::Chromium => self.found("CHROMIUM", tools::chromium()?),
                Need::Python => self.found("PYTHON", tools::python()?),
                Need::Render => self.found("RENDER", render()?),
            }
            locked(&self.ready).push(*need);
        }
        Ok(())
    }

    fn is_ready(&self, need: Need) -> bool {
        locked(&self.ready).contains(&need)
    }

    fn found(&self, name: &'static str, path: PathBuf) {
        locked(&self.variables).push((name, path));
    }

    /// A command line of a table. A word `$NAME` stands for a path that `prepare` has found; a program with a
    /// slash lies in the repository.
    pub fn command(&self, line: &[&str]) -> Result<Cmd> {
        let [program, args @ ..] = line else {
            anyhow::bail!("a command line is empty");
        };
        let variables = locked(&self.variables).clone();
        let word = |word: &str| match word.strip_prefix('$') {
            Some(name) => {
                let found = variables.iter().find(|(known, _)| *known == name);
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
        let variables = locked(&self.variables).clone();
        let with = |command: Cmd, (name, path): &(&str, PathBuf)| command.env(name, path);
        Ok(variables.iter().fold(command, with))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Not a release build: that takes 100 s of a processor to compile, and renders the suite's 5,000 cases only 4 s sooner.
/// Of the workspace, not of the package: so it is what the suite `rust` has compiled.
fn render() -> Result<PathBuf> {
    step("compile the example `render`", || {
        cargo()
            .args(["build", "--workspace", "--example", "render"])
            .run()
    })?;
    Ok(target_dir()?.join("debug/examples/render"))
}
