//! The tools that a build needs: checked, and installed where possible.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use crate::shell::{Cmd, root, step, target_dir};

/// The wasm target of the Rust toolchain in use, added through rustup when missing.
pub fn wasm_target() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let libs = Cmd::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .read()?;
    if Path::new(&libs).is_dir() {
        return Ok(());
    }
    step(&format!("add the Rust target {TARGET}"), || {
        Cmd::new("rustup")
            .args(["target", "add", TARGET])
            .run()
            .context("install Rust with rustup (https://rustup.rs), or add the target by hand")
    })
}

/// Whether the standard library can be built with these flags of rustc: its source is there (added through rustup when
/// missing), and rustc knows the flags, which are not stable. Says so where not: what is built is then larger, no
/// different.
pub fn std_source(flags: &[&str]) -> bool {
    let there = || -> Result<bool> {
        let root = Cmd::new("rustc").args(["--print", "sysroot"]).read()?;
        Ok(Path::new(&root)
            .join("lib/rustlib/src/rust/library/Cargo.lock")
            .is_file())
    };
    let ready = || -> Result<()> {
        if !there()? {
            step("add the source of Rust's standard library", || {
                Cmd::new("rustup")
                    .args(["component", "add", "rust-src"])
                    .run()
            })?;
        }
        Cmd::new("rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .args(flags)
            .args(["--print", "cfg", "--target", "wasm32-unknown-unknown"])
            .read()?;
        Ok(())
    };
    ready()
        .inspect_err(|error| {
            eprintln!("  larger wasm, with rustc's own standard library: {error:#}")
        })
        .is_ok()
}

/// Node.js 20 or newer.
pub fn node() -> Result<()> {
    const OLDEST: u32 = 20;
    let version = Cmd::new("node")
        .arg("--version")
        .read()
        .with_context(|| format!("install Node.js {OLDEST} or newer (https://nodejs.org)"))?;
    let major: Option<u32> = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|n| n.parse().ok());
    match major {
        Some(major) if major >= OLDEST => Ok(()),
        _ => bail!("Node.js {version} is too old: install {OLDEST} or newer (https://nodejs.org)"),
    }
}

/// The npm packages that `folder/package-lock.json` names, installed when it has changed.
pub fn npm(folder: &str) -> Result<()> {
    /// A folder is installed once, whoever else needs it at the same time.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    node()?;
    let folder_path = root().join(folder);
    let lock = folder_path.join("package-lock.json");
    let wanted =
        fs::read(&lock).with_context(|| format!("cannot read {folder}/package-lock.json"))?;
    let stamp = folder_path.join("node_modules/.cuecard-installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    step(&format!("install npm packages of {folder}/"), || {
        Cmd::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .dir(&folder_path)
            .run()
    })?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// A Chromium, installed from Debian's packages when there is none.
pub fn chromium() -> Result<PathBuf> {
    const NAMES: [&str; 4] = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    if let Some(found) = NAMES.into_iter().find_map(in_path) {
        return Ok(found);
    }
    apt("chromium")?;
    in_path("chromium").context("the package `chromium` has no program of that name")
}

/// A Python with the packages of `tests/requirements.txt`, in a virtual environment below the target directory.
pub fn python() -> Result<PathBuf> {
    let requirements = root().join("tests/requirements.txt");
    let wanted = fs::read(&requirements).context("cannot read tests/requirements.txt")?;
    let venv = target_dir()?.join("venv");
    let python = venv.join("bin/python");
    let stamp = venv.join(".cuecard-installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    step("install Python packages of tests/", || {
        let create = || {
            Cmd::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&venv)
                .read()
        };
        if create().is_err() {
            apt("python3-venv")?;
            create()?;
        }
        Cmd::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
            ])
            .arg(&requirements)
            .run()
    })?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

/// Installs a Debian package, as root or through sudo.
fn apt(package: &str) -> Result<()> {
    let help = || format!("install it by hand: apt-get install {package}");
    if in_path("apt-get").is_none() {
        bail!("`{package}` is missing and this is no Debian: {}", help());
    }
    let is_root = Cmd::new("id").arg("-u").read()? == "0";
    let apt_get = || match is_root {
        true => Cmd::new("apt-get"),
        false => Cmd::new("sudo").args(["--non-interactive", "apt-get"]),
    };
    step(&format!("install Debian's {package}"), || {
        apt_get()
            .args(["update", "-qq"])
            .read()
            .with_context(help)?;
        let install = [
            "install",
            "-qq",
            "--yes",
            "--no-install-recommends",
            package,
        ];
        apt_get()
            .args(install)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .read()
            .with_context(help)?;
        Ok(())
    })
}

fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
