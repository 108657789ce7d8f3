//! An organisation, a clock that tests advance, and documents.

use std::cell::Cell;

use cuecard_prompt::{Code, Document, Result, Slug, Tag, VersionNumber};
use cuecard_store::{
    Author, Case, CaseName, Commit, Committed, Context, Done, DraftPut, Entropy, Expect,
    Idempotency, Key, KeyLimits, KeyRole, Native, NewKey, OrganizationId, Principal, ProjectPatch,
    ProjectSlug, PromptPatch, Sql, Store, Timestamp,
};
use serde_json::{Map, Value, json};

pub(crate) struct Org<S: Sql = Native> {
    pub(crate) store: Store<S>,
    pub(crate) admin: Principal,
    pub(crate) admin_key: Key,
    tick: Cell<u32>,
}

impl Org {
    pub(crate) fn new() -> Self {
        Self::over(Native::in_memory().unwrap())
    }
}

impl<S: Sql> Org<S> {
    pub(crate) fn over(sql: S) -> Self {
        let organization = OrganizationId::parse("acme00000000").unwrap();
        let admin_key = Key::generate(&organization, &Entropy::new([1; 32]));
        let store = Store::open(sql, at(0)).unwrap();
        store.bootstrap(&admin_key, at(0)).unwrap();
        let admin = store.verify(&admin_key, at(0)).unwrap();
        Self {
            store,
            admin,
            admin_key,
            tick: Cell::new(0),
        }
    }

    /// A new context, one second later and with other entropy than the last.
    pub(crate) fn ctx<'a>(&self, actor: &'a Principal) -> Context<'a> {
        let tick = self.tick.get() + 1;
        self.tick.set(tick);
        let mut entropy = [0; 32];
        entropy[..4].copy_from_slice(&tick.to_le_bytes());
        Context {
            actor,
            now: at(i64::from(tick)),
            entropy: Entropy::new(entropy),
            request_id: None,
            idempotency: None,
        }
    }

    /// Makes a project, and returns its admin.
    pub(crate) fn project(&self, name: &str) -> Principal {
        let slug = ProjectSlug::parse(name).unwrap();
        let ctx = self.ctx(&self.admin);
        let patch = ProjectPatch::default();
        self.store.create_project(&ctx, &slug, &patch).unwrap();
        self.principal(name, KeyRole::Admin)
    }

    pub(crate) fn principal(&self, project: &str, role: KeyRole) -> Principal {
        self.store.verify(&self.key(project, role), at(0)).unwrap()
    }

    pub(crate) fn key(&self, project: &str, role: KeyRole) -> Key {
        let slug = ProjectSlug::parse(project).unwrap();
        let new = NewKey {
            project: Some(&slug),
            role,
            name: Some(format!("{project} {role}")),
            expires_at: None,
            limits: KeyLimits::default(),
        };
        let ctx = self.ctx(&self.admin);
        let created = self.store.create_key(&ctx, &new).unwrap();
        created.value.key.unwrap()
    }

    pub(crate) fn commit(
        &self,
        actor: &Principal,
        slug: &str,
        text: &str,
    ) -> Result<Done<Committed>> {
        self.commit_with(actor, slug, text, &[], Expect::Anything)
    }

    pub(crate) fn commit_with(
        &self,
        actor: &Principal,
        slug: &str,
        text: &str,
        tags: &[&str],
        expect: Expect,
    ) -> Result<Done<Committed>> {
        self.commit_version(actor, slug, &document(text), tags, expect)
    }

    /// Commits a document as admin.
    pub(crate) fn commit_document(&self, slug: &str, document: Value) {
        let document = Document::from_value(document).unwrap();
        let committed = self.commit_version(&self.admin, slug, &document, &[], Expect::Anything);
        committed.unwrap();
    }

    fn commit_version(
        &self,
        actor: &Principal,
        slug: &str,
        document: &Document,
        tags: &[&str],
        expect: Expect,
    ) -> Result<Done<Committed>> {
        let slug = self::slug(slug);
        let commit = Commit {
            slug: &slug,
            document,
            message: None,
            author: None,
            tags: tags.iter().map(|name| tag(name)).collect(),
            always: false,
            anew: false,
            beside: false,
            about: PromptPatch::default(),
            expect,
        };
        self.store.commit(&self.ctx(actor), commit)
    }
}

/// A time in seconds since the start of the tests' clock.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_ms(1_800_000_000_000 + second * 1000)
}

pub(crate) fn once(key: &str, request: u8) -> Option<Idempotency<'_>> {
    Some(Idempotency {
        key,
        request: [request; 32],
    })
}

pub(crate) fn document(text: &str) -> Document {
    Document::from_value(json!({ "messages": [{ "role": "user", "content": text }] })).unwrap()
}

pub(crate) fn draft(document: &Document, expect: Expect) -> DraftPut<'_> {
    DraftPut {
        expect,
        ..document.into()
    }
}

pub(crate) fn author(name: &str) -> Author {
    Author::parse(name).unwrap()
}

pub(crate) fn case(name: &str) -> CaseName {
    CaseName::parse(name).unwrap()
}

pub(crate) fn inputs(number: i64) -> Map<String, Value> {
    Map::from_iter([("number".to_owned(), json!(number))])
}

pub(crate) fn put_case(
    org: &Org<impl Sql>,
    actor: &Principal,
    slug: &str,
    name: &str,
) -> Result<Done<Case>> {
    let (slug, ctx) = (self::slug(slug), org.ctx(actor));
    org.store
        .put_case(&ctx, &slug, &case(name), &inputs(1), Expect::Anything)
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

pub(crate) fn tag(text: &str) -> Tag {
    Tag::parse(text).unwrap()
}

pub(crate) fn v(number: u32) -> VersionNumber {
    VersionNumber::new(number).unwrap()
}

pub(crate) fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    result.unwrap_err().code()
}
