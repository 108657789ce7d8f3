//! From a crate to an optimised wasm module with its JavaScript glue.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::order;
use crate::shell::{Cmd, cargo, root, step, target_dir};
use crate::tools;

/// What rustc and wasm-bindgen emit for wasm32-unknown-unknown. Named one by one so that a newer
/// binaryen does not emit an encoding that an engine we support has not learnt yet.
const FEATURES: [&str; 8] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-simd",
    "--enable-exception-handling",
];

const FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// Only what is small itself is inlined, and loops stay as they are written: with LLVM's own ways (thresholds of 225
/// and 325, unrolling, strength reduction, rotation) the module is a fifth larger and no faster. LLVM's bonus for a
/// function that is called at one place only cannot be set, so what it is weighed against is set at twenty times LLVM's
/// measure (5 and 25, with thresholds of 25 and 60): such functions stay functions, and an engine that compiles what it
/// runs compiles less of it, 2 ms less for a first render. Vectors make the module smaller too, and no engine that has
/// `String.prototype.isWellFormed`, which the package needs, is without.
const COMPACT: [&str; 9] = [
    "-Ctarget-feature=+simd128",
    "-Cllvm-args=-inline-instr-cost=100",
    "-Cllvm-args=-inline-call-penalty=500",
    "-Cllvm-args=-inline-threshold=500",
    "-Cllvm-args=-inlinehint-threshold=1200",
    "-Cllvm-args=-unroll-threshold=0",
    "-Cllvm-args=-unroll-runtime=false",
    "-Cllvm-args=-disable-lsr",
    "-Cllvm-args=-rotation-max-header-size=2",
];

/// A panic traps at once, without a message: input cannot cause one. `Debug` of our types says only their name: nothing
/// that users see depends on it.
const TERSE: [&str; 4] = [
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    "-Zfmt-debug=shallow",
];

/// Compiles the library of `package` in release mode and returns the path of the raw module. In a folder of its own, as
/// cargo lets only one command at a time compile in a folder: tests are compiled meanwhile.
pub fn compile(package: &str, lib: &str) -> Result<PathBuf> {
    build(package, lib, &target_dir()?.join("wasm"), |cargo| cargo)
}

/// [`compile`] for a module that people download: one `feature` of the package alone, with cargo's `config` on top, and
/// where the toolchain can, with a standard library built for it.
pub fn compile_small(package: &str, lib: &str, feature: &str, config: &[&str]) -> Result<PathBuf> {
    let with_std = tools::std_source(&TERSE);
    // A folder of its own: build scripts run again whenever `RUSTC_BOOTSTRAP` comes or goes, and all that needs them.
    let folder = target_dir()?.join("small");
    let built = build(package, lib, &folder, |cargo| {
        let cargo = cargo
            .args(["--no-default-features", "--features", feature])
            .args(config);
        if !with_std {
            return cargo.env(FLAGS, COMPACT.join(" "));
        }
        cargo
            .env("RUSTC_BOOTSTRAP", "1")
            .env(FLAGS, [&TERSE[..], &COMPACT].concat().join(" "))
            .args([
                "-Zbuild-std=std,panic_abort",
                "-Zbuild-std-features=optimize_for_size",
                // All that a render makes is allocated: `alloc` is 2 % of its time for 0.4 KB.
                "--config=profile.release.package.dlmalloc.opt-level=3",
                "--config=profile.release.package.alloc.opt-level=2",
            ])
    })?;
    // The next feature's module is built in the same place.
    let module = built.with_file_name(format!("{lib}-{feature}.wasm"));
    fs::copy(&built, &module).context("cannot copy the module")?;
    Ok(module)
}

fn build(
    package: &str,
    lib: &str,
    folder: &Path,
    configure: impl FnOnce(Cmd) -> Cmd,
) -> Result<PathBuf> {
    step(&format!("compile {package}"), || {
        let build = cargo().args([
            "build",
            "--release",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
        ]);
        configure(build)
            .args(["--package", package, "--target-dir"])
            .arg(folder)
            .run()
    })?;
    Ok(folder.join(format!("wasm32-unknown-unknown/release/{lib}.wasm")))
}

/// An empty folder for intermediate files of `name`.
pub fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target_dir()?.join("xtask").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Writes `<name>.js`, `<name>_bg.wasm` and, when asked for, `<name>.d.ts` into `out`.
pub fn bindgen(
    raw: &Path,
    out: &Path,
    name: &str,
    configure: impl FnOnce(&mut Bindgen) -> Result<()>,
) -> Result<()> {
    step("generate the glue (wasm-bindgen)", || {
        let mut bindgen = Bindgen::new();
        bindgen
            .input_path(raw)
            .out_name(name)
            .reset_state_function(true);
        configure(&mut bindgen)?;
        bindgen.generate(out)
    })
}

/// The effort of optimising.
#[derive(Clone, Copy, Hash, PartialEq)]
pub enum Level {
    /// As in a release.
    Full,
    /// None.
    Quick,
}

/// Optimises `module` in place with npm's binaryen. Of its levels, -O2 to -Oz make the same speed (a render takes 13 %
/// less time than without) and the same size under brotli; -O2 takes the least time to build.
pub fn optimise(module: &Path, level: Level) -> Result<()> {
    if level == Level::Quick {
        return Ok(());
    }
    step("optimise (wasm-opt -O2)", || wasm_opt(module, &PASSES))
}

/// A function that is called at one place only stays a function where it is not small: that compresses better, and an
/// engine that compiles what it runs compiles less of it. With binaryen's own way the Worker has two functions of 150 KB
/// each, and lists take twice the processor time while V8 compiles them.
const PASSES: [&str; 2] = ["-O2", "--one-caller-inline-max-function-size=30"];

/// [`optimise`] for a module that people download. Like stands by like, which is smaller under brotli.
pub fn optimise_small(module: &Path, level: Level) -> Result<()> {
    if level == Level::Quick {
        return Ok(());
    }
    step("optimise (wasm-opt -O2, and order)", || {
        wasm_opt(module, &PASSES)?;
        let named = order::name_by_likeness(&fs::read(module).context("cannot read the module")?)?;
        fs::write(module, named).context("cannot write the module")?;
        wasm_opt(module, &["--reorder-functions-by-name"])
    })
}

fn wasm_opt(module: &Path, passes: &[&str]) -> Result<()> {
    let optimised = module.with_extension("opt.wasm");
    Cmd::new(root().join("pkg/node_modules/.bin/wasm-opt"))
        .arg(module)
        .arg("-o")
        .arg(&optimised)
        .args(passes)
        .args(FEATURES)
        .run()?;
    fs::rename(&optimised, module).context("cannot replace the module")
}

/// Remembers the inputs of an output, to skip making it again.
pub struct Stamp {
    file: PathBuf,
    hash: String,
}

impl Stamp {
    /// Over the content of `inputs` (files, and folders with all below them) and of this build itself.
    pub fn of(name: &str, level: Level, inputs: &[PathBuf]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        (
            level,
            include_str!("build.rs"),
            include_str!("order.rs"),
            include_str!("wasm.rs"),
        )
            .hash(&mut hasher);
        for input in inputs {
            hash_path(input, &mut hasher)?;
        }
        let file = target_dir()?.join("xtask").join(format!("{name}.stamp"));
        Ok(Self {
            file,
            hash: format!("{:016x}", hasher.finish()),
        })
    }

    /// Whether `outputs` are all there and were made from the same inputs.
    pub fn is_current(&self, outputs: &[PathBuf]) -> bool {
        outputs.iter().all(|output| output.exists())
            && fs::read_to_string(&self.file).is_ok_and(|made_from| made_from == self.hash)
    }

    /// Call when the outputs are complete.
    pub fn write(&self) -> Result<()> {
        let folder = self.file.parent().context("a stamp has a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&self.file, &self.hash)
            .with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn hash_path(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)?
            .map(|e| e.map(|e| e.path()))
            .collect::<Result<_, _>>()?;
        entries.sort();
        return entries
            .iter()
            .try_for_each(|entry| hash_path(entry, hasher));
    }
    path.hash(hasher);
    fs::read(path)
        .with_context(|| format!("cannot read {}", path.display()))?
        .hash(hasher);
    Ok(())
}
