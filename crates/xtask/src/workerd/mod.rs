//! The Worker in the real workerd: its configuration, made from `worker/wrangler.jsonc`, the one list of
//! bindings and variables.

mod wrangler;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::shell::root;

/// How to run one Worker.
pub struct Options {
    /// Folder for its configuration and, below, its store.
    pub dir: PathBuf,
    /// TCP port on the loopback interface; 0 takes a free one.
    pub port: u16,
    /// Variables on top of those in wrangler.jsonc.
    pub vars: Map<String, Value>,
    /// What `wrangler secret` would hold.
    pub secrets: Map<String, Value>,
    /// What the Cache API's backend does in place of its work: `fail`, or answer with what no Worker of ours stored,
    /// `foreign`.
    pub cache: Option<String>,
    /// Whether time stands still until a test sets it: see `clock.js`.
    pub clock: bool,
    /// Whether there are two isolates, with one Cache API: see `isolates.js`. For a Worker with an `ORIGIN`, as each would
    /// have a store of its own.
    pub isolates: bool,
    /// Flags for V8, such as `--stack-size=200` (in KiB).
    pub v8_flags: Vec<String>,
}

/// `cargo xtask config JSON`: writes the configuration for a Worker and prints the command that runs it.
/// For the tests, which start Workers themselves.
pub fn print(options: &str) -> Result<()> {
    let mut given: Map<String, Value> =
        serde_json::from_str(options).context("options are a JSON object")?;
    let mut take = |name: &str| given.remove(name).unwrap_or(Value::Null);
    let object = |value: Value, name: &str| match value {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map),
        _ => bail!("`{name}` is an object"),
    };
    let options = Options {
        dir: take("dir").as_str().context("`dir` is a path")?.into(),
        port: take("port")
            .as_u64()
            .unwrap_or(0)
            .try_into()
            .context("`port` is at most 65535")?,
        vars: object(take("vars"), "vars")?,
        secrets: object(take("secrets"), "secrets")?,
        cache: take("cache").as_str().map(str::to_owned),
        clock: take("clock").as_bool().unwrap_or(false),
        isolates: take("isolates").as_bool().unwrap_or(false),
        v8_flags: list(&take("v8Flags"))
            .filter_map(|flag| flag.as_str().map(str::to_owned))
            .collect(),
    };
    if let Some(unknown) = given.keys().next() {
        bail!("no option `{unknown}`");
    }
    let config = options.write()?;
    println!(
        "{}",
        json!({ "program": program()?, "arguments": arguments(&config) })
    );
    Ok(())
}

/// workerd itself, as npm installed it: the binary, not its JavaScript launcher, so that a signal reaches it.
pub fn program() -> Result<PathBuf> {
    let scope = root().join("worker/node_modules/@cloudflare");
    let packages =
        fs::read_dir(&scope).with_context(|| format!("{} is missing", scope.display()))?;
    packages
        .filter_map(|entry| Some(entry.ok()?.path().join("bin/workerd")))
        .find(|binary| binary.exists())
        .context("npm has no workerd for this platform")
}

/// What workerd is started with.
pub fn arguments(config: &Path) -> Vec<String> {
    vec![
        "serve".to_owned(),
        "--import-path=/".to_owned(),
        config.display().to_string(),
    ]
}

impl Options {
    /// Writes `workerd.capnp` into the folder and returns its path.
    pub fn write(&self) -> Result<PathBuf> {
        let store = self.dir.join("store");
        fs::create_dir_all(&store).with_context(|| format!("cannot make {}", store.display()))?;
        let file = self.dir.join("workerd.capnp");
        fs::write(&file, self.config()?)
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }

    fn config(&self) -> Result<String> {
        let worker = root().join("worker");
        let wrangler = wrangler::read(&worker.join("wrangler.jsonc"))?;
        let date = wrangler["compatibility_date"]
            .as_str()
            .context("wrangler.jsonc has no compatibility_date")?;
        let flags: Vec<String> = list(&wrangler["compatibility_flags"])
            .filter_map(Value::as_str)
            .map(text)
            .collect();

        let v8_flags: Vec<String> = self.v8_flags.iter().map(|flag| text(flag)).collect();

        let mut bindings = Vec::new();
        let mut vars = wrangler["vars"].as_object().cloned().unwrap_or_default();
        vars.extend(self.vars.clone());
        vars.extend(self.secrets.clone());
        for (name, value) in &vars {
            bindings.push(match value {
                Value::String(value) => format!("(name = {}, text = {})", text(name), text(value)),
                value => format!(
                    "(name = {}, json = {})",
                    text(name),
                    text(&value.to_string())
                ),
            });
        }

        let mut classes = Vec::new();
        for binding in list(&wrangler["durable_objects"]["bindings"]) {
            let name = binding["name"]
                .as_str()
                .context("a durable object binding has no name")?;
            let class = binding["class_name"]
                .as_str()
                .context("a durable object binding has no class_name")?;
            bindings.push(format!(
                "(name = {}, durableObjectNamespace = {})",
                text(name),
                text(class)
            ));
            classes.push(class.to_owned());
        }

        let mut services = String::new();
        let assets = &wrangler["assets"];
        if let Some(directory) = assets["directory"].as_str() {
            // Otherwise Cloudflare would serve assets before it asks the Worker, which this configuration does not do.
            if assets["run_worker_first"] != Value::Bool(true) {
                bail!("wrangler.jsonc: assets.run_worker_first must be true");
            }
            let name = assets["binding"]
                .as_str()
                .context("wrangler.jsonc: assets has no binding")?;
            bindings.push(format!("(name = {}, service = \"assets\")", text(name)));
            // Not there when only the Worker has been built.
            let path = worker.join(directory);
            fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
            let _ = write!(
                services,
                r#"
    (name = "disk", disk = (path = {path})),
    (name = "assets", worker = (
      compatibilityDate = {date},
      modules = [(name = "assets.js", esModule = {script})],
      bindings = [(name = "DISK", service = "disk")],
    )),"#,
                path = text(&path.display().to_string()),
                date = text(date),
                script = text(include_str!("assets.js")),
            );
        }

        // The first module is the one that is asked.
        let clock = if self.clock {
            let script = text(include_str!("clock.js"));
            format!("\n        (name = \"clock.js\", esModule = {script}),")
        } else {
            String::new()
        };

        let script = text(&worker.join("build/index.js").display().to_string());
        let wasm = text(&worker.join("build/index.wasm").display().to_string());
        let isolate = |name: &str| {
            let classes: Vec<String> = classes
                .iter()
                .map(|class| {
                    let (class, key) = (text(class), text(&format!("{class}{name}")));
                    format!("(className = {class}, uniqueKey = {key}, enableSql = true)")
                })
                .collect();
            format!(
                r#"
    (name = "cuecard{name}", worker = (
      compatibilityDate = {date},
      compatibilityFlags = [{flags}],
      modules = [{clock}
        (name = "index.js", esModule = embed {script}),
        (name = "index.wasm", wasm = embed {wasm}),
      ],
      bindings = [
        {bindings}
      ],
      durableObjectNamespaces = [{classes}],
      durableObjectStorage = (localDisk = "store"),
      cacheApiOutbound = "cache",
      globalOutbound = "internet",
    )),"#,
                date = text(date),
                flags = flags.join(", "),
                bindings = bindings.join(",\n        "),
                classes = classes.join(", "),
            )
        };
        services.push_str(&isolate(""));
        if self.isolates {
            services.push_str(&isolate("-2"));
            let _ = write!(
                services,
                r#"
    (name = "isolates", worker = (
      compatibilityDate = {date},
      modules = [(name = "isolates.js", esModule = {script})],
      bindings = [(name = "FIRST", service = "cuecard"), (name = "SECOND", service = "cuecard-2")],
    )),"#,
                date = text(date),
                script = text(include_str!("isolates.js")),
            );
        }

        Ok(format!(
            r#"# Made by cargo xtask from worker/wrangler.jsonc; changes are lost.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = [{v8_flags}],
  sockets = [(name = "http", address = "localhost:{port}", http = (), service = {entry})],
  services = [
    (name = "store", disk = (path = {store}, writable = true)),
    (name = "internet", network = (allow = ["public", "local"], tlsOptions = (trustBrowserCas = true))),
    (name = "cache", worker = (
      compatibilityDate = {date},
      modules = [(name = "cache.js", esModule = {cache})],
      bindings = [(name = "INSTEAD", text = {instead})],
    )),{services}
  ],
);
"#,
            port = self.port,
            v8_flags = v8_flags.join(", "),
            entry = text(if self.isolates { "isolates" } else { "cuecard" }),
            date = text(date),
            store = text(&self.dir.join("store").display().to_string()),
            cache = text(include_str!("cache.js")),
            instead = text(self.cache.as_deref().unwrap_or_default()),
        ))
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A string literal of capnp's text format, whose escapes are C's.
fn text(value: &str) -> String {
    let mut literal = String::from('"');
    for c in value.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(text("a\"b\\c\n"), r#""a\"b\\c\n""#);
    }
}
