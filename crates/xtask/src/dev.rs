//! `cargo xtask dev`: the whole system on a laptop.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value, json};

use crate::shell::{Cmd, root, step};
use crate::wasm::Level;
use crate::workerd::{self, Options};
use crate::{build, key, tools};

/// Prompts that a new store starts with.
const SEEDS: [&str; 3] = [
    include_str!("../seeds/sales-email.json"),
    include_str!("../seeds/ticket-summary.json"),
    include_str!("../seeds/support-bot.json"),
];

struct Settings {
    port: u16,
    dir: PathBuf,
    /// Another Cuecard to stand before, rather than a store of its own.
    origin: Option<String>,
}

/// Builds what has changed, serves it, and returns when it is told to stop.
pub fn run(args: &[&str]) -> Result<()> {
    let settings = Settings::parse(args)?;
    settings.port_is_free()?;
    tools::npm("worker")?;
    build::worker(Level::Full)?;
    build::studio(Level::Full)?;
    fs::create_dir_all(&settings.dir)
        .with_context(|| format!("cannot make {}", settings.dir.display()))?;
    let key = bootstrap_key(&settings.dir)?;

    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || asked.store(true, Ordering::Relaxed))
        .context("cannot listen for Ctrl-C")?;

    let mut server = Server::start(&settings, &key)?;
    let url = format!("http://localhost:{}", settings.port);
    server.wait_until_ready(&url, &stop)?;
    if settings.origin.is_none() && !stop.load(Ordering::Relaxed) {
        seed(&url, &key, &settings.dir)?;
    }
    settings.greet(&url, &key);
    server.watch(&stop)
}

impl Settings {
    fn parse(args: &[&str]) -> Result<Self> {
        let mut settings = Self {
            port: 8787,
            dir: root().join(".cuecard"),
            origin: None,
        };
        let mut args = args.iter();
        while let Some(name) = args.next() {
            let mut value = || args.next().with_context(|| format!("{name} takes a value"));
            match *name {
                "--port" => {
                    settings.port = value()?
                        .parse()
                        .context("--port takes a number from 1 to 65535")?
                }
                "--dir" => {
                    settings.dir = std::path::absolute(value()?).context("--dir takes a folder")?
                }
                "--origin" => settings.origin = Some((*value()?).to_owned()),
                other => {
                    bail!("no option `{other}`: dev takes --port N, --dir DIR and --origin URL")
                }
            }
        }
        if let Some(origin) = &settings.origin
            && !["http://", "https://"]
                .iter()
                .any(|scheme| origin.starts_with(scheme))
        {
            bail!("--origin takes the URL of another Cuecard, such as https://cue.example.com");
        }
        if settings.port == 0 {
            bail!("--port takes a number from 1 to 65535");
        }
        Ok(settings)
    }

    /// workerd itself would take the port without an error when another workerd already has it.
    fn port_is_free(&self) -> Result<()> {
        let port = self.port;
        TcpListener::bind(("127.0.0.1", port)).map(drop).map_err(|error| {
            anyhow!("port {port} is taken ({error}): stop what listens there, or choose another with --port")
        })
    }

    fn greet(&self, url: &str, key: &str) {
        println!("\n  Cuecard is ready: {url}\n");
        if let Some(origin) = &self.origin {
            println!(
                "  It stands before {origin}; the keys are those of that store.\n\n  Ctrl-C stops it."
            );
            return;
        }
        println!("  page   {url}/#key={key}");
        println!("  key    {key}");
        println!("  store  {}\n", self.dir.display());
        println!("  Render a prompt:\n");
        println!(
            "  curl -s '{url}/v1/prompts/sales/email/render?tag=production' -H 'Authorization: Bearer {key}' \
             -H 'Content-Type: application/json' -d '{{\"inputs\": {{\"name\": \"Ada\", \"company\": \"Analytical Engines\"}}}}'\n"
        );
        println!("  Ctrl-C stops it; the store stays.");
    }
}

/// The admin key of this folder's store, made on the first start.
fn bootstrap_key(dir: &Path) -> Result<String> {
    let file = dir.join("key");
    if let Ok(key) = fs::read_to_string(&file) {
        return Ok(key.trim().to_owned());
    }
    let key = key::generate()?;
    fs::write(&file, &key).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(key)
}

struct Server {
    child: Child,
    /// What it has complained about so far, for when it ends too early.
    complaints: Arc<Mutex<String>>,
}

impl Server {
    fn start(settings: &Settings, key: &str) -> Result<Self> {
        let text = |value: &str| Value::String(value.to_owned());
        let mut vars = Map::new();
        let mut secrets = Map::new();
        match &settings.origin {
            Some(origin) => vars.insert("ORIGIN".to_owned(), text(origin)),
            None => secrets.insert("BOOTSTRAP_KEY".to_owned(), text(key)),
        };
        let options = Options {
            dir: settings.dir.clone(),
            port: settings.port,
            vars,
            secrets,
            cache: None,
            clock: false,
            isolates: false,
            v8_flags: Vec::new(),
        };
        let config = options.write()?;
        let mut child = Cmd::new(workerd::program()?)
            .args(workerd::arguments(&config))
            .into_command()
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("workerd cannot be started")?;
        let complaints = Arc::new(Mutex::new(String::new()));
        if let Some(stderr) = child.stderr.take() {
            let complaints = Arc::clone(&complaints);
            thread::spawn(move || pass_on(stderr, &complaints));
        }
        Ok(Self { child, complaints })
    }

    fn wait_until_ready(&mut self, url: &str, stop: &AtomicBool) -> Result<()> {
        let started = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            if let Some(status) = self.child.try_wait()? {
                thread::sleep(Duration::from_millis(50));
                let said = self
                    .complaints
                    .lock()
                    .map(|text| text.trim().to_owned())
                    .unwrap_or_default();
                bail!("workerd ended ({status}) before it was ready\n{said}");
            }
            if ureq::get(format!("{url}/healthz")).call().is_ok() {
                return Ok(());
            }
            if started.elapsed() > Duration::from_secs(20) {
                bail!("{url}/healthz does not answer after 20 s");
            }
            thread::sleep(Duration::from_millis(30));
        }
        Ok(())
    }

    fn watch(mut self, stop: &AtomicBool) -> Result<()> {
        while !stop.load(Ordering::Relaxed) {
            if let Some(status) = self.child.try_wait()? {
                // A terminal's Ctrl-C reaches workerd itself, too.
                thread::sleep(Duration::from_millis(100));
                if stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
                bail!("workerd ended ({status})");
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Server {
    /// Not by asking first: workerd would wait for requests under way, which may never end.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pass_on(mut stderr: impl Read, complaints: &Mutex<String>) {
    const KEPT: usize = 10_000;
    let mut buffer = [0u8; 4096];
    while let Ok(length @ 1..) = stderr.read(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..length]);
        eprint!("{text}");
        if let Ok(mut kept) = complaints.lock()
            && kept.len() < KEPT
        {
            kept.push_str(&text);
        }
    }
}

/// Fills a new store with a few real prompts, once.
fn seed(url: &str, key: &str, dir: &Path) -> Result<()> {
    let done = dir.join("seeded");
    if done.exists() {
        return Ok(());
    }
    step("fill the new store with prompts", || {
        for text in SEEDS {
            let seed: Value = serde_json::from_str(text)?;
            let slug = seed["slug"].as_str().context("a seed has no slug")?;
            let prompt = format!("{url}/v1/prompts/{slug}");
            for version in seed["versions"]
                .as_array()
                .context("a seed has no versions")?
            {
                send(ureq::post(format!("{prompt}/versions")), key, version)?;
            }
            send(
                ureq::patch(&prompt),
                key,
                &json!({ "description": seed["description"] }),
            )?;
        }
        Ok(())
    })?;
    fs::write(&done, "").with_context(|| format!("cannot write {}", done.display()))
}

fn send(
    request: ureq::RequestBuilder<ureq::typestate::WithBody>,
    key: &str,
    body: &Value,
) -> Result<()> {
    let mut response = request
        .config()
        .http_status_as_error(false)
        .build()
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .send(body.to_string())
        .context("the Worker does not answer")?;
    if !response.status().is_success() {
        let problem = response.body_mut().read_to_string().unwrap_or_default();
        bail!("the Worker refused it ({}): {problem}", response.status());
    }
    Ok(())
}
