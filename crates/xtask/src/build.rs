//! `cargo xtask build`: the npm package, the Worker and the studio.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell::{Cmd, root, step};
use crate::tools;
use crate::wasm::{self, Level, Stamp, scratch};

/// Builds the named parts, or all. `--quick` leaves out wasm-opt: larger and slower code, built sooner.
pub fn run(args: &[&str]) -> Result<()> {
    let (flags, parts): (Vec<&str>, Vec<&str>) = args.iter().partition(|arg| arg.starts_with("--"));
    let level = match flags.as_slice() {
        [] => Level::Full,
        ["--quick"] => Level::Quick,
        _ => bail!("build takes one option, `--quick`"),
    };
    if let Some(unknown) = parts
        .iter()
        .find(|part| !["pkg", "worker", "studio", "server"].contains(part))
    {
        bail!("no part `{unknown}`: build takes `pkg`, `worker`, `studio` and `server`");
    }
    let wants = |part| parts.is_empty() || parts.contains(&part);
    if wants("pkg") {
        pkg(level)?;
    }
    if wants("worker") {
        worker(level)?;
    }
    if wants("studio") {
        studio(level)?;
    }
    if wants("server") {
        server()?;
    }
    Ok(())
}

/// Code that runs once per model call: small rather than fast.
const SMALLEST: [&str; 2] = [
    "--config=profile.release.package.cuecard-prompt.opt-level='z'",
    "--config=profile.release.package.cuecard-pkg.opt-level='z'",
];

/// `pkg/dist`: three wasm modules and their glue from Rust, then `pkg/build.mjs` for all that is TypeScript.
pub fn pkg(level: Level) -> Result<()> {
    let folder = root().join("pkg");
    tools::npm("pkg")?;
    tools::wasm_target()?;
    let engine = wasm::compile_small("cuecard-pkg", "cuecard", "engine", &[])?;
    let payloads = wasm::compile_small("cuecard-pkg", "cuecard", "payloads", &SMALLEST)?;
    let readers = wasm::compile_small("cuecard-pkg", "cuecard", "readers", &SMALLEST)?;

    let script = folder.join("build.mjs");
    let inputs = [
        engine.clone(),
        payloads.clone(),
        readers.clone(),
        script,
        folder.join("cli"),
        folder.join("js"),
        folder.join("package.json"),
        folder.join("package-lock.json"),
    ];
    let stamp = Stamp::of("pkg", level, &inputs)?;
    if stamp.is_current(&[folder.join("dist")]) {
        return Ok(());
    }
    let out = scratch("pkg")?;
    let modules = [
        (&engine, "cuecard"),
        (&payloads, "payloads"),
        (&readers, "readers"),
    ];
    for (raw, name) in modules {
        wasm::bindgen(raw, &out, name, |bindgen| {
            bindgen
                .web(true)?
                .typescript(true)
                .remove_name_section(true)
                .remove_producers_section(true);
            Ok(())
        })?;
        wasm::optimise_small(&out.join(format!("{name}_bg.wasm")), level)?;
    }
    step("build the npm package (pkg/build.mjs)", || {
        Cmd::new("node").arg("pkg/build.mjs").arg(&out).run()
    })?;
    stamp.write()
}

/// `worker/build/index.js` and `index.wasm`.
pub fn worker(level: Level) -> Result<()> {
    let folder = root().join("worker");
    tools::npm("pkg")?;
    tools::wasm_target()?;
    let raw = wasm::compile("cuecard-worker", "cuecard_worker")?;

    let entry = folder.join("js/entry.js");
    let outputs = [
        folder.join("build/index.js"),
        folder.join("build/index.wasm"),
    ];
    let stamp = Stamp::of(
        "worker",
        level,
        &[
            raw.clone(),
            folder.join("js"),
            root().join("pkg/package-lock.json"),
        ],
    )?;
    if stamp.is_current(&outputs) {
        return Ok(());
    }
    let out = scratch("worker")?;
    wasm::bindgen(&raw, &out, "index", |bindgen| {
        bindgen
            .module(true)?
            .typescript(false)
            .force_enable_abort_handler(true);
        Ok(())
    })?;
    wasm::optimise(&out.join("index_bg.wasm"), level)?;
    step("bundle (esbuild)", || {
        let glue = out.join("index.js");
        plain_import(&glue, "index")?;
        Cmd::new(root().join("pkg/node_modules/.bin/esbuild"))
            .arg(&entry)
            .args([
                "--bundle",
                "--format=esm",
                "--target=es2022",
                "--log-level=warning",
            ])
            .args(["--external:./index.wasm", "--external:cloudflare:*"])
            .arg(format!("--alias:cuecard-worker={}", glue.display()))
            .arg(format!("--outfile={}", out.join("bundle.js").display()))
            .run()
    })?;
    fs::create_dir_all(folder.join("build"))?;
    fs::copy(out.join("bundle.js"), &outputs[0]).context("cannot write worker/build/index.js")?;
    fs::copy(out.join("index_bg.wasm"), &outputs[1])
        .context("cannot write worker/build/index.wasm")?;
    stamp.write()
}

/// `worker/dist`: the JavaScript that starts the Worker in workerd, and the command `cuecard-server`.
pub fn server() -> Result<()> {
    tools::npm("pkg")?;
    tools::npm("worker")?;
    let folder = root().join("worker");
    let inputs = [
        folder.join("server"),
        folder.join("package-lock.json"),
        root().join("pkg/package-lock.json"),
    ];
    let stamp = Stamp::of("server", Level::Full, &inputs)?;
    if stamp.is_current(&[folder.join("dist/main.js"), folder.join("dist/index.d.ts")]) {
        return Ok(());
    }
    step("build the server (worker/server/build.mjs)", || {
        Cmd::new("node").arg("worker/server/build.mjs").run()
    })?;
    stamp.write()
}

/// A folder with the conformance tests' HTTP cache, as modules for workerd: `worker.js`, `cache.js` and `cache.wasm`.
/// It is no part of what is shipped.
pub fn http_cache() -> Result<PathBuf> {
    tools::wasm_target()?;
    let raw = wasm::compile("cuecard-http-cache", "cuecard_http_cache")?;
    let out = scratch("http-cache")?;
    wasm::bindgen(&raw, &out, "cache", |bindgen| {
        bindgen.module(true)?.typescript(false);
        Ok(())
    })?;
    plain_import(&out.join("cache.js"), "cache")?;
    fs::rename(out.join("cache_bg.wasm"), out.join("cache.wasm"))?;
    let script = root().join("tests/conformance/http-cache/worker.js");
    fs::copy(&script, out.join("worker.js")).context("cannot copy worker.js")?;
    Ok(out)
}

/// workerd takes a plain import of a wasm module; `import source` is not in esbuild's grammar.
fn plain_import(glue: &Path, name: &str) -> Result<()> {
    let text = fs::read_to_string(glue).context("cannot read the glue")?;
    let text = text
        .replace("import source ", "import ")
        .replace(&format!("./{name}_bg.wasm"), &format!("./{name}.wasm"));
    fs::write(glue, text).context("cannot write the glue")
}

/// `worker/studio/dist`: the page, with the built npm package in it. `worker/studio/build.mjs` says how.
pub fn studio(level: Level) -> Result<()> {
    pkg(level)?;
    tools::npm("worker/studio")?;
    let folder = root().join("worker/studio");
    let mut inputs = vec![root().join("pkg/dist")];
    inputs.extend(
        [
            "build.mjs",
            "icon.svg",
            "index.html",
            "package-lock.json",
            "src",
            "style",
        ]
        .map(|name| folder.join(name)),
    );
    let stamp = Stamp::of("studio", level, &inputs)?;
    if stamp.is_current(&[folder.join("dist/index.html")]) {
        return Ok(());
    }
    step("bundle the studio (worker/studio/build.mjs)", || {
        Cmd::new("node").arg("worker/studio/build.mjs").run()
    })?;
    stamp.write()
}
