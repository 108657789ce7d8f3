//! The Worker's variables, read once per isolate.

use std::cell::OnceCell;
use std::rc::Rc;

use cuecard_freshness::{Millis, Policy};
use cuecard_prompt::json::sha256_hex;
use worker::Env;

use crate::origin::Origin;
use crate::wire;

/// The operator's settings.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) origin: Result<Rc<Origin>, String>,
    /// The prefix of this origin's copies in the Cache API.
    pub(super) cache: Rc<str>,
    /// The limit of work for a render.
    pub(super) work: Option<u64>,
    /// For tags.
    pub(super) prompts: Policy,
    /// For grants: at most [`KEY_SECONDS`] until a revoked key is refused.
    pub(super) keys: Policy,
}

/// How long a key may still be accepted after it was revoked, at most, while the origin answers.
const KEY_SECONDS: u64 = 60;

thread_local! {
    static CONFIG: OnceCell<Rc<Config>> = const { OnceCell::new() };
}

impl Config {
    /// The variables of this isolate.
    pub(super) fn of(env: &Env) -> Rc<Self> {
        CONFIG.with(|config| {
            config
                .get_or_init(|| Rc::new(Self::read(&|name| wire::setting(env, name))))
                .clone()
        })
    }

    fn read(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let seconds = |name: &str, default: Millis| {
            let value = variable(name).and_then(|text| text.trim().parse::<f64>().ok());
            value
                .filter(|seconds| (0.0..=1e9).contains(seconds))
                .map_or(default, |seconds| (seconds * 1_000.0) as Millis)
        };
        let default = Policy::default();
        let stale_if_error = seconds("STALE_IF_ERROR_SECONDS", default.stale_if_error);
        let key = seconds("KEY_SECONDS", KEY_SECONDS * 1_000).min(KEY_SECONDS * 1_000);
        let origin = variable("ORIGIN").unwrap_or_else(|| "embedded".to_owned());
        Self {
            cache: sha256_hex(origin.as_bytes())
                .chars()
                .take(32)
                .collect::<String>()
                .into(),
            origin: Origin::parse(&origin).map(Rc::new),
            work: variable("RENDER_WORK").and_then(|text| text.trim().parse().ok()),
            prompts: Policy {
                fresh: seconds("FRESH_SECONDS", default.fresh),
                stale_while_revalidate: seconds(
                    "STALE_WHILE_REVALIDATE_SECONDS",
                    default.stale_while_revalidate,
                ),
                stale_if_error,
            },
            keys: Policy {
                fresh: key / 2,
                stale_while_revalidate: key - key / 2,
                stale_if_error,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use cuecard_prompt::RenderOptions;
    use serde_json::{Map, Value};

    use super::*;

    fn config(set: &[(&str, &str)]) -> Config {
        Config::read(&|name| {
            let found = set.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_variables_the_defaults_hold() {
        let config = config(&[]);
        assert_eq!(config.origin, Ok(Rc::new(Origin::Embedded)));
        assert_eq!(config.prompts, Policy::default());
        assert_eq!(
            config.keys.fresh + config.keys.stale_while_revalidate,
            60_000
        );
    }

    #[test]
    fn seconds_may_have_a_fraction_and_nonsense_changes_nothing() {
        let config = config(&[
            ("FRESH_SECONDS", "0.5"),
            ("STALE_WHILE_REVALIDATE_SECONDS", "soon"),
            ("STALE_IF_ERROR_SECONDS", "-1"),
            ("KEY_SECONDS", "3600"),
        ]);
        assert_eq!(config.prompts.fresh, 500);
        assert_eq!(config.prompts.stale_while_revalidate, 55_000);
        assert_eq!(config.prompts.stale_if_error, 7 * 24 * 3_600_000);
        assert_eq!(config.keys.fresh, 30_000);
    }

    /// What `cuecard-server --var` takes.
    fn table() -> Map<String, Value> {
        serde_json::from_str(include_str!("../../server/variables.json")).unwrap()
    }

    /// The least and the most that the table lets a variable have.
    fn range(name: &str, kind: &str) -> (f64, f64) {
        let range = &table()[name][kind];
        (range[0].as_f64().unwrap(), range[1].as_f64().unwrap())
    }

    #[test]
    fn what_the_command_line_takes_is_what_is_read() {
        let read = |name: &str, seconds: f64| {
            let config = config(&[(name, &seconds.to_string())]);
            match name {
                "FRESH_SECONDS" => config.prompts.fresh,
                "STALE_WHILE_REVALIDATE_SECONDS" => config.prompts.stale_while_revalidate,
                "STALE_IF_ERROR_SECONDS" => config.prompts.stale_if_error,
                _ => config.keys.fresh + config.keys.stale_while_revalidate,
            }
        };
        for name in [
            "FRESH_SECONDS",
            "STALE_WHILE_REVALIDATE_SECONDS",
            "STALE_IF_ERROR_SECONDS",
            "KEY_SECONDS",
        ] {
            let (least, most) = range(name, "seconds");
            for seconds in [least, most] {
                assert_eq!(read(name, seconds), (seconds * 1_000.0) as Millis, "{name}");
            }
            assert_ne!(read(name, most + 1.0), ((most + 1.0) * 1_000.0) as Millis);
        }
        let (least, most) = range("RENDER_WORK", "whole");
        assert_eq!((least, most as u64), (1.0, RenderOptions::MAX_WORK));
        // The most that a number of JSON says exactly, as the store's epoch is told in one.
        let (least, most) = range("EPOCH", "whole");
        assert_eq!((least, most as u64), (0.0, (1 << 53) - 1));
    }

    #[test]
    fn the_command_line_takes_every_variable_that_is_read_and_no_other() {
        let sources: String = ["src", "js"]
            .map(|folder| sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)))
            .concat()
            .split_whitespace()
            .collect();
        let reads = [
            "variable(\"",
            "setting(env,\"",
            "setting(&self.env,\"",
            "seconds(\"",
            "variable:\"",
            "env.",
        ];
        let mut read: BTreeSet<&str> = reads
            .iter()
            .flat_map(|before| sources.split(before).skip(1).filter_map(name_at))
            .collect();
        // Those have options or files of their own, or are bindings.
        for own in ["ORIGIN", "BOOTSTRAP_KEY", "ASSETS"] {
            read.remove(own);
        }
        let table = table();
        let taken: BTreeSet<&str> = table.keys().map(String::as_str).collect();
        assert_eq!(taken, read);
    }

    fn sources(folder: &Path) -> String {
        let mut all = String::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => all += &sources(&path),
                false => all += &fs::read_to_string(&path).unwrap(),
            }
        }
        all
    }

    /// The variable's name at the start of a text.
    fn name_at(text: &str) -> Option<&str> {
        let (name, _) = text.split_once(|c: char| !c.is_ascii_uppercase() && c != '_')?;
        (name.len() > 1).then_some(name)
    }
}
