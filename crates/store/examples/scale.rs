//! How the store grows: `cargo run --release -p cuecard-store --example scale [directory] [prompts…]`.
//!
//! Fills a database file with prompts of 20 versions each and measures, at every size, what readers and writers wait
//! for. Writers wait for the disk: each change is one synced transaction. An existing file is measured again.
//!
//! `scale fill FILE KEY PROMPTS` only fills, for the admin key of the organisation that the file is of: how
//! `tests/bench/store.mjs` gets a large Durable Object.

use std::path::Path;
use std::process::ExitCode;

use cuecard_prompt::{Document, Error, Selector, Slug, Tag, VersionNumber};
use cuecard_store::{
    Commit, Context, Entropy, Expect, Key, Limit, Native, OrganizationId, Principal, PromptFilter,
    PromptPatch, Revision, Store, Timestamp,
};
use serde_json::json;

const VERSIONS: u32 = 20;
const READS: u32 = 2_000;
const WRITES: u32 = 300;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|first| first == "fill").is_some() {
        let arguments: Vec<String> = arguments.collect();
        return ended(match arguments.as_slice() {
            [file, key, prompts] => fill(Path::new(file), key, prompts),
            _ => Err("fill takes a file, a key and a number of prompts".into()),
        });
    }
    let directory = arguments
        .next()
        .unwrap_or_else(|| "target/scale".to_owned());
    let sizes: Result<Vec<u32>, _> = arguments.map(|size| size.parse()).collect();
    let outcome = sizes
        .map_err(Into::into)
        .map(|sizes| {
            if sizes.is_empty() {
                vec![100, 1_000, 10_000]
            } else {
                sizes
            }
        })
        .and_then(|sizes| run(Path::new(&directory), &sizes));
    ended(outcome)
}

fn ended(outcome: Outcome<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scale: {error}");
            ExitCode::FAILURE
        }
    }
}

fn fill(file: &Path, key: &str, prompts: &str) -> Outcome<()> {
    let bench = Bench::open(file, &Key::parse(key)?, "OFF")?;
    bench.fill(prompts.parse()?)?;
    Ok(bench.long()?)
}

fn run(directory: &Path, sizes: &[u32]) -> Outcome<()> {
    eprintln!(
        "prompts  versions  file MB  resolve p50/p99 µs  pointer p99  commits/s  tag moves/s  \
        list first/middle µs  by tag  history first/deep µs  log first/deep µs"
    );
    let organization = OrganizationId::parse("scale0000000")?;
    let key = Key::generate(&organization, &Entropy::new([1; 32]));
    for size in sizes {
        std::fs::create_dir_all(directory)?;
        let file = directory.join(format!("{size}.sqlite"));
        if !file.exists() {
            Bench::open(&file, &key, "OFF")?.fill(*size)?;
        }
        let bench = Bench::open(&file, &key, "FULL")?;
        let bytes = std::fs::metadata(&file)?.len();
        bench.measure(*size, bytes)?;
    }
    Ok(())
}

struct Bench {
    store: Store<Native>,
    actor: Principal,
    seed: std::cell::Cell<u64>,
}

impl Bench {
    fn open(file: &Path, key: &Key, synchronous: &str) -> Outcome<Self> {
        let now = Timestamp::from_ms(0);
        let sql = Native::open(file)?;
        cuecard_store::Sql::exec(&sql, &format!("PRAGMA synchronous = {synchronous}"), &[])?;
        let store = Store::open(sql, now)?;
        store.bootstrap(key, now)?;
        let actor = store.verify(key, now)?;
        // Every run on the same file gets other ids.
        let seed = std::cell::Cell::new(std::fs::metadata(file)?.len());
        Ok(Self { store, actor, seed })
    }

    fn fill(&self, prompts: u32) -> Outcome<()> {
        for prompt in 0..prompts {
            for version in 1..=VERSIONS {
                self.commit(&slug(prompt)?, version, version == VERSIONS)?;
            }
        }
        Ok(())
    }

    /// One prompt with a long history.
    fn long(&self) -> Result<(), Error> {
        let long = slug_of_long()?;
        if self.store.prompt(&self.actor, &long).is_ok() {
            return Ok(());
        }
        (0..2_000).try_for_each(|version| self.commit(&long, version, false))
    }

    fn context(&self) -> Context<'_> {
        let mut entropy = [0; 32];
        for byte in &mut entropy {
            *byte = self.random(256) as u8;
        }
        Context {
            actor: &self.actor,
            now: Timestamp::from_ms(0),
            entropy: Entropy::new(entropy),
            request_id: None,
            idempotency: None,
        }
    }

    /// Knuth's MMIX generator.
    fn random(&self, below: u32) -> u32 {
        let next = self.seed.get().wrapping_mul(6_364_136_223_846_793_005);
        self.seed.set(next.wrapping_add(1_442_695_040_888_963_407));
        ((self.seed.get() >> 33) % u64::from(below)) as u32
    }

    fn commit(&self, slug: &Slug, version: u32, release: bool) -> Result<(), Error> {
        let text = "You answer customers of a shop, kindly and briefly. ".repeat(10);
        let document = Document::from_value(json!({
            "messages": [
                { "role": "system", "content": format!("{text}{version}") },
                { "role": "user", "content": "{{ customer }} writes: {{ question }}" },
            ],
            "inputs": [{ "name": "customer", "type": "str" }, { "name": "question", "type": "str" }],
            "model": "openai/gpt-4o-mini",
            "parameters": { "temperature": 0.2 },
        }))?;
        let commit = Commit {
            slug,
            document: &document,
            message: Some(format!("version {version}")),
            author: None,
            tags: if release {
                vec![Tag::parse("production")?]
            } else {
                vec![]
            },
            always: false,
            anew: false,
            beside: false,
            about: PromptPatch::default(),
            expect: Expect::Anything,
        };
        self.store.commit(&self.context(), commit).map(drop)
    }

    fn measure(&self, prompts: u32, bytes: u64) -> Outcome<()> {
        let production = Tag::parse("production")?;
        let selector = Selector::Tag(production.clone());
        let (store, actor, limit) = (&self.store, &self.actor, Limit::default());
        let any = || slug(self.random(prompts));

        times(READS, || store.pointer(actor, &any()?, &selector).map(drop))?;
        let resolve = times(READS, || store.resolve(actor, &any()?, &selector).map(drop))?;
        let pointer = times(READS, || store.pointer(actor, &any()?, &selector).map(drop))?;
        let mut version = self.random(1 << 30);
        let commit = times(WRITES, || {
            version += 1;
            self.commit(&any()?, version, false)
        })?;
        let moves = times(WRITES, || {
            let to = VersionNumber::new(1 + self.random(VERSIONS)).unwrap_or(VersionNumber::MIN);
            let ctx = self.context();
            store
                .set_tag(&ctx, &any()?, &production, to, Expect::Anything)
                .map(drop)
        })?;

        let list = |tag, after: Option<Slug>| {
            let filter = PromptFilter {
                tag,
                ..PromptFilter::default()
            };
            times(200, || {
                store
                    .prompts(actor, &filter, after.as_ref(), limit)
                    .map(drop)
            })
        };
        let deep = Slug::parse("team-10/a")?;
        let (first, last) = (list(None, None)?, list(None, Some(deep.clone()))?);
        let tagged = list(Some(&production), Some(deep))?;

        self.long()?;
        let long = slug_of_long()?;
        let history = |before| times(200, || store.history(actor, &long, before, limit).map(drop));
        let (newest, oldest) = (history(None)?, history(VersionNumber::new(51))?);

        let log = |after| times(200, || store.events(actor, after, limit).map(drop));
        let all = store.revision(actor)?.get();
        let (begin, end) = (
            log(Revision::ZERO)?,
            log(Revision::new(all - 60).unwrap_or_default())?,
        );

        eprintln!(
            "{prompts:7}  {:8}  {:7.1}  {:10.0} /{:6.0}  {:11.0}  {:9.0}  {:11.0}  {:10.0} /{:6.0}  {:6.0}  {:13.0} /{:6.0}  {:9.0} /{:6.0}",
            prompts * VERSIONS,
            bytes as f64 / 1e6,
            at(&resolve, 50),
            at(&resolve, 99),
            at(&pointer, 99),
            per_second(&commit),
            per_second(&moves),
            at(&first, 50),
            at(&last, 50),
            at(&tagged, 50),
            at(&newest, 50),
            at(&oldest, 50),
            at(&begin, 50),
            at(&end, 50),
        );
        Ok(())
    }
}

fn slug(number: u32) -> Result<Slug, Error> {
    Slug::parse(format!("team-{:02}/prompt-{number:05}", number % 20))
}

fn slug_of_long() -> Result<Slug, Error> {
    Slug::parse("long/past")
}

/// Microseconds of each call, sorted.
fn times(calls: u32, mut call: impl FnMut() -> Result<(), Error>) -> Result<Vec<f64>, Error> {
    let mut times = Vec::new();
    for _ in 0..calls {
        #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
        let start = std::time::Instant::now();
        call()?;
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_unstable_by(f64::total_cmp);
    Ok(times)
}

fn at(times: &[f64], percentile: usize) -> f64 {
    let index = (times.len() * percentile / 100).min(times.len().saturating_sub(1));
    times.get(index).copied().unwrap_or_default()
}

fn per_second(times: &[f64]) -> f64 {
    times.len() as f64 / times.iter().sum::<f64>() * 1e6
}
