//! Prompts as another system writes them: kept from the commit on, and made again where they are not.

use std::cell::Cell;

use cuecard_prompt::{Code, Error, Result, Selector, System};
use cuecard_store::{Expect, Native, Sql, SqlRow, SqlValue};
use serde_json::{Value, json};

use crate::support::*;

/// A database that counts the exports that it is given, or refuses them.
struct Keeper {
    sql: Native,
    given: Cell<usize>,
    refuses: Cell<bool>,
}

impl Keeper {
    fn new() -> Self {
        Self {
            sql: Native::in_memory().unwrap(),
            given: Cell::new(0),
            refuses: Cell::new(false),
        }
    }

    fn run(&self, query: &str) {
        self.sql.exec(query, &[]).unwrap();
    }

    fn kept(&self) -> i64 {
        let mut rows = self.sql.exec("SELECT count(*) FROM exports", &[]).unwrap();
        rows.remove(0).int().unwrap()
    }
}

impl Sql for Keeper {
    fn exec(&self, query: &str, params: &[SqlValue]) -> Result<Vec<SqlRow>> {
        if query.contains("INTO exports") {
            self.given.set(self.given.get() + 1);
            if self.refuses.get() {
                return Err(Error::new(Code::Internal, "refused by the test"));
            }
        }
        self.sql.exec(query, params)
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.sql.transaction(body)
    }
}

/// The list of a system: each slug with its content.
fn listed(org: &Org<&Keeper>, to: System) -> Vec<(String, Value)> {
    let exports = org
        .store
        .exports(&org.admin, &Selector::Latest, to, at(9))
        .unwrap();
    let written: Value = serde_json::from_str(&exports.to_json().unwrap()).unwrap();
    let prompts = written["prompts"].as_array().unwrap().iter();
    let entry = |prompt: &Value| {
        assert_eq!(prompt["slug"], prompt["about"]["slug"]);
        assert_eq!(prompt["version"], prompt["about"]["latest"]);
        assert_eq!(prompt.get("messages"), None);
        let slug = prompt["slug"].as_str().unwrap().to_owned();
        (slug, prompt["prompt"].clone())
    };
    prompts.map(entry).collect()
}

/// What the list is to be, from the versions themselves.
fn expected(org: &Org<&Keeper>, to: System, slugs: &[&str]) -> Vec<(String, Value)> {
    let entry = |name: &&str| {
        let resolved = org
            .store
            .resolve(&org.admin, &slug(name), &Selector::Latest)
            .unwrap();
        let content = resolved.version.document.write_as(to).unwrap();
        ((*name).to_owned(), content)
    };
    slugs.iter().map(entry).collect()
}

#[test]
fn what_a_commit_keeps_is_what_the_version_is_written_as() {
    let keeper = Keeper::new();
    let org = Org::over(&keeper);
    let few_shot = include_str!("../../../../tests/fixtures/documents/seeds/support-bot.json");
    let declared = json!({
        "messages": [{ "role": "user", "content": "{{ a }}" }],
        "inputs": [{ "name": "a", "type": "int" }],
        "model": "openai/gpt-4o",
        "template": { "language": "text" },
    });
    let content = "{% if b %}{{ c.d }}{% endif %} é \"";
    let inferred = json!({ "messages": [{ "role": "user", "content": content }] });
    org.commit_document("a", inferred);
    org.commit_document("b", serde_json::from_str(few_shot).unwrap());
    org.commit_document("c", declared);
    org.store
        .duplicate_prompt(
            &org.ctx(&org.admin),
            &slug("b"),
            &Selector::Latest,
            &slug("d"),
        )
        .unwrap();
    keeper.given.set(0);
    let slugs = ["a", "b", "c", "d"];
    for _ in 0..2 {
        assert_eq!(
            listed(&org, System::Langwatch),
            expected(&org, System::Langwatch, &slugs)
        );
    }
    assert_eq!(
        keeper.given.get(),
        1,
        "only the duplicate's is made for the list"
    );
    for system in [System::Athina, System::Basalt] {
        assert_eq!(listed(&org, system), expected(&org, system, &slugs));
    }
}

#[test]
fn what_is_missing_or_of_other_code_is_made_once_again() {
    let keeper = Keeper::new();
    let org = Org::over(&keeper);
    for name in ["a", "b", "c"] {
        org.commit(&org.admin, name, &format!("{{{{ {name} }}}}"))
            .unwrap();
    }
    let truth = expected(&org, System::Langwatch, &["a", "b", "c"]);
    keeper.run("DELETE FROM exports WHERE prompt = 1");
    keeper
        .run("UPDATE exports SET maker = '0.0.1+1', content = '{\"messages\":1}' WHERE prompt = 2");
    keeper.given.set(0);
    assert_eq!(listed(&org, System::Langwatch), truth);
    assert_eq!(keeper.given.get(), 2);
    assert_eq!(listed(&org, System::Langwatch), truth);
    assert_eq!((keeper.given.get(), keeper.kept()), (2, 3));
}

#[test]
fn a_list_needs_no_database_that_can_be_written() {
    let keeper = Keeper::new();
    let org = Org::over(&keeper);
    org.commit(&org.admin, "a", "one").unwrap();
    keeper.run("DELETE FROM exports");
    keeper.refuses.set(true);
    let truth = expected(&org, System::Langwatch, &["a"]);
    assert_eq!(listed(&org, System::Langwatch), truth);
    assert_eq!(keeper.kept(), 0);
}

#[test]
fn one_is_kept_for_a_prompt_and_goes_with_it() {
    let keeper = Keeper::new();
    let org = Org::over(&keeper);
    for text in ["one", "two", "three"] {
        org.commit(&org.admin, "a", text).unwrap();
    }
    assert_eq!(keeper.kept(), 1);
    let name = slug("a");
    let untag = org.store.set_tag(
        &org.ctx(&org.admin),
        &name,
        &tag("production"),
        v(1),
        Expect::Anything,
    );
    untag.unwrap();
    org.store
        .remove_version(&org.ctx(&org.admin), &name, v(3))
        .unwrap();
    for _ in 0..2 {
        assert_eq!(
            listed(&org, System::Langwatch),
            expected(&org, System::Langwatch, &["a"])
        );
    }
    assert_eq!(keeper.kept(), 1);
    let ctx = || org.ctx(&org.admin);
    org.store
        .delete_prompt(&ctx(), &name, Expect::Anything)
        .unwrap();
    org.store.purge_prompt(&ctx(), &name).unwrap();
    assert_eq!(keeper.kept(), 0);
}

#[test]
fn an_imported_history_keeps_its_newest_version() {
    let keeper = Keeper::new();
    let org = Org::over(&keeper);
    let import = |versions: &[(u32, &str)]| {
        let versions = versions
            .iter()
            .map(|(number, text)| cuecard_store::ImportedVersion {
                version: v(*number),
                document: document(text),
                message: None,
                author: None,
                created_at: None,
            });
        let import = cuecard_store::Import {
            slug: slug("a"),
            versions: versions.collect(),
            tags: Vec::new(),
            description: None,
            dry_run: false,
        };
        org.store.import(&org.ctx(&org.admin), &import).unwrap();
    };
    import(&[(2, "two"), (5, "five")]);
    import(&[(3, "three")]);
    keeper.given.set(0);
    assert_eq!(
        listed(&org, System::Langwatch),
        expected(&org, System::Langwatch, &["a"])
    );
    assert_eq!(keeper.given.get(), 0);
}
