//! Runs other programs, and prints what runs and how long it took.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

/// The repository that cargo runs this program in. A program that came with a copy of another repository's target
/// directory, and is not compiled again, was compiled in that other one.
pub fn root() -> PathBuf {
    let told = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = told
        .filter(|folder| folder.ends_with("crates/xtask"))
        .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    here.ancestors().nth(2).unwrap_or(&here).to_path_buf()
}

/// Cargo's target directory: this program lies in `<target>/debug`.
pub fn target_dir() -> Result<PathBuf> {
    let exe = std::env::current_exe().context("where is this program?")?;
    let target = exe
        .ancestors()
        .nth(2)
        .context("where is the target directory?")?;
    Ok(target.to_path_buf())
}

/// Cargo itself, the one that runs this program where there is one.
pub fn cargo() -> Cmd {
    Cmd::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs `work`, announces it first and prints its duration afterwards.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("• {what}");
    let started = Instant::now();
    let result = work().with_context(|| what.to_owned())?;
    eprintln!("  {what}: {:.1} s", started.elapsed().as_secs_f64());
    Ok(result)
}

/// A command line to run in the repository.
pub struct Cmd {
    command: Command,
    text: String,
}

impl Cmd {
    /// `program`, looked up in `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let name = Path::new(program).file_name().unwrap_or(program);
        let mut command = Command::new(program);
        command.current_dir(root());
        Self {
            command,
            text: name.to_string_lossy().into_owned(),
        }
    }

    /// One more argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.text.push(' ');
        self.text.push_str(&arg.as_ref().to_string_lossy());
        self.command.arg(arg);
        self
    }

    /// Several more arguments.
    pub fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// The folder to run in.
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// An environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The command line, for people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The command, for callers that handle its pipes themselves.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Runs it with this program's output. Anything but exit code 0 is an error.
    pub fn run(mut self) -> Result<()> {
        let status = self.command.status().map_err(|e| self.not_started(&e))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.text);
        }
        Ok(())
    }

    /// Runs it; if it fails it has printed why, and this program ends with the same code.
    pub fn run_or_exit(mut self) -> Result<()> {
        let status = self.command.status().map_err(|e| self.not_started(&e))?;
        if !status.success() {
            std::process::exit(status.code().unwrap_or(1));
        }
        Ok(())
    }

    /// Runs it in place of this program, so that it gets the signals.
    #[cfg(unix)]
    pub fn replace(mut self) -> Result<()> {
        let error = std::os::unix::process::CommandExt::exec(&mut self.command);
        Err(self.not_started(&error))
    }

    /// Runs it until it ends; a console's Ctrl-C reaches it by itself.
    #[cfg(not(unix))]
    pub fn replace(self) -> Result<()> {
        self.run_or_exit()
    }

    /// Runs it silently and returns its output. Its error output is part of the error.
    pub fn read(mut self) -> Result<String> {
        self.command.stdin(Stdio::null());
        let output = self.command.output().map_err(|e| self.not_started(&e))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!(
                "`{}` failed ({})\n{}",
                self.text,
                output.status,
                said.trim()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn not_started(&self, error: &std::io::Error) -> anyhow::Error {
        let name = self.text.split(' ').next().unwrap_or_default();
        match error.kind() {
            ErrorKind::NotFound => anyhow!("`{name}` is not installed or not in PATH"),
            _ => anyhow!("`{name}` cannot be started: {error}"),
        }
    }
}
