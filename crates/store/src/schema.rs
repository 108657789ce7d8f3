//! The tables, and the migrations that bring a database of any age to them.
//!
//! A migration never changes after its release; a new one goes to the end of [`MIGRATIONS`].

use cuecard_prompt::{Code, Error, Result};

use crate::sql::{Sql, first, only, params};
use crate::time::Timestamp;

/// What each migration runs, statement by statement; the first is number 1.
pub(crate) const MIGRATIONS: &[&[&str]] = &[
    TABLES,
    TAG_NAMES,
    BINDINGS,
    AUTHORS,
    CASES,
    ONE_DEFAULT_TAG,
    REMOVALS,
    LABELS,
    RUNS,
    REASONS,
    KEYS_REVISIONS,
    SHARED_NAMES,
    EXPORTS,
];

const TABLES: &[&str] = &[
    "CREATE TABLE organization (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        id TEXT NOT NULL,
        home_project INTEGER NOT NULL,
        clock INTEGER NOT NULL,
        shared_revision INTEGER NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT",
    "CREATE TABLE projects (
        id INTEGER PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE,
        name TEXT,
        revision INTEGER NOT NULL,
        allowed_origins TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        deleted_at INTEGER
    ) STRICT",
    "CREATE TABLE keys (
        id TEXT PRIMARY KEY,
        project INTEGER NOT NULL REFERENCES projects (id),
        hash BLOB NOT NULL,
        role TEXT NOT NULL,
        name TEXT,
        created_at INTEGER NOT NULL,
        created_by TEXT,
        expires_at INTEGER,
        revoked_at INTEGER
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX keys_of_project ON keys (project, id)",
    "CREATE TABLE prompts (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        project INTEGER NOT NULL REFERENCES projects (id),
        slug TEXT NOT NULL,
        name TEXT,
        description TEXT,
        shared INTEGER NOT NULL,
        head INTEGER NOT NULL,
        head_hash TEXT NOT NULL,
        head_revision INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        deleted_at INTEGER,
        UNIQUE (project, slug)
    ) STRICT",
    "CREATE INDEX prompts_listed ON prompts (project, slug) WHERE deleted_at IS NULL",
    "CREATE INDEX prompts_deleted ON prompts (project, slug) WHERE deleted_at IS NOT NULL",
    "CREATE UNIQUE INDEX prompts_shared ON prompts (slug) WHERE shared = 1",
    "CREATE TABLE versions (
        prompt INTEGER NOT NULL REFERENCES prompts (id),
        version INTEGER NOT NULL,
        id TEXT NOT NULL UNIQUE,
        hash TEXT NOT NULL,
        document TEXT NOT NULL,
        message TEXT,
        author TEXT,
        revision INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (prompt, version)
    ) STRICT",
    "CREATE TRIGGER versions_never_change BEFORE UPDATE ON versions
        BEGIN SELECT RAISE (ABORT, 'a version never changes'); END",
    "CREATE TABLE drafts (
        project INTEGER NOT NULL REFERENCES projects (id),
        slug TEXT NOT NULL,
        document TEXT NOT NULL,
        base INTEGER,
        revision INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT,
        PRIMARY KEY (project, slug)
    ) STRICT",
    "CREATE TABLE tags (
        prompt INTEGER NOT NULL REFERENCES prompts (id),
        tag TEXT NOT NULL,
        project INTEGER NOT NULL,
        slug TEXT NOT NULL,
        version INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT,
        PRIMARY KEY (prompt, tag),
        FOREIGN KEY (prompt, version) REFERENCES versions (prompt, version)
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX tags_by_name ON tags (project, tag, slug)",
    "CREATE TABLE tag_moves (
        prompt INTEGER NOT NULL REFERENCES prompts (id),
        tag TEXT NOT NULL,
        revision INTEGER NOT NULL,
        kind TEXT NOT NULL,
        before INTEGER,
        after INTEGER,
        undo INTEGER,
        at INTEGER NOT NULL,
        by TEXT,
        PRIMARY KEY (prompt, tag, revision)
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE events (
        revision INTEGER PRIMARY KEY,
        project INTEGER NOT NULL,
        at INTEGER NOT NULL,
        key TEXT,
        actor TEXT,
        request TEXT,
        action TEXT NOT NULL,
        slug TEXT,
        detail TEXT NOT NULL
    ) STRICT",
    "CREATE INDEX events_of_project ON events (project, revision)",
    "CREATE TRIGGER events_never_change BEFORE UPDATE ON events
        BEGIN SELECT RAISE (ABORT, 'an event never changes'); END",
    "CREATE TRIGGER events_never_go BEFORE DELETE ON events
        BEGIN SELECT RAISE (ABORT, 'an event never goes'); END",
    "CREATE TABLE idempotency (
        key TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        operation TEXT NOT NULL,
        request BLOB NOT NULL,
        answer TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (key, idempotency_key)
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX idempotency_by_age ON idempotency (created_at)",
];

/// An organisation that exists already gets the first names, and those that were kept in the metadata of a prompt
/// `langwatch.tags` of each project. That prompt is deleted, as it served only for this.
const TAG_NAMES: &[&str] = &[
    "CREATE TABLE tag_names (
        tag TEXT PRIMARY KEY,
        created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "INSERT INTO tag_names (tag, created_at)
        SELECT 'production', created_at FROM organization
        UNION ALL SELECT 'staging', created_at FROM organization",
    "INSERT OR IGNORE INTO tag_names (tag, created_at)
        SELECT name.value, v.created_at FROM prompts p
        JOIN versions v ON v.prompt = p.id AND v.version = p.head
        JOIN json_each(v.document, '$.metadata.langwatch.tags') name
        WHERE p.slug = 'langwatch.tags' AND p.deleted_at IS NULL",
    "UPDATE prompts SET deleted_at = updated_at WHERE slug = 'langwatch.tags' AND deleted_at IS NULL
        AND EXISTS (SELECT 1 FROM versions v WHERE v.prompt = prompts.id AND v.version = prompts.head
            AND json_type(v.document, '$.metadata.langwatch.tags') = 'array')",
];

/// Every earlier change counts as a change of meaning, since none was recorded.
const BINDINGS: &[&str] = &[
    "ALTER TABLE organization ADD COLUMN shared_bindings INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE projects ADD COLUMN bindings INTEGER NOT NULL DEFAULT 0",
    "UPDATE organization SET shared_bindings = shared_revision",
    "UPDATE projects SET bindings = revision",
];

/// A draft belongs to an author. An existing one belongs to the key that saved it last according to the audit log.
const AUTHORS: &[&str] = &[
    "ALTER TABLE drafts RENAME TO drafts_of_projects",
    "CREATE TABLE drafts (
        project INTEGER NOT NULL REFERENCES projects (id),
        slug TEXT NOT NULL,
        author TEXT NOT NULL,
        document TEXT NOT NULL,
        base INTEGER,
        revision INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT,
        PRIMARY KEY (project, slug, author)
    ) STRICT",
    "INSERT INTO drafts (project, slug, author, document, base, revision, updated_at, updated_by)
        SELECT d.project, d.slug, coalesce(e.key, d.updated_by, 'unknown'), d.document, d.base, d.revision,
            d.updated_at, d.updated_by
        FROM drafts_of_projects d LEFT JOIN events e ON e.revision = d.revision",
    "DROP TABLE drafts_of_projects",
];

const CASES: &[&str] = &["CREATE TABLE cases (
        prompt INTEGER NOT NULL REFERENCES prompts (id),
        name TEXT NOT NULL,
        inputs TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT,
        PRIMARY KEY (prompt, name)
    ) STRICT"];

/// The tag that answered by default was `live`, beside `production`; now `production` is it. A prompt that has only
/// `live` keeps its pointer and its history under the new name. Where both have a history, `production` gets one more
/// move: to where it points, or to where `live` pointed if `production` was deleted. So no reader sees a revision go
/// back.
const ONE_DEFAULT_TAG: &[&str] = &[
    "UPDATE organization SET clock = clock + 1, shared_revision = clock + 1, shared_bindings = clock + 1
        WHERE EXISTS (SELECT 1 FROM tags WHERE tag = 'live')",
    "INSERT INTO events (revision, project, at, action, detail)
        SELECT o.clock, o.home_project, m.applied_at, 'tag.rename', json_object('from', 'live', 'to', 'production')
        FROM organization o JOIN (SELECT applied_at FROM migrations ORDER BY number DESC LIMIT 1) m
        WHERE EXISTS (SELECT 1 FROM tags WHERE tag = 'live')",
    "UPDATE prompts SET revision = (SELECT clock FROM organization)
        WHERE id IN (SELECT prompt FROM tags WHERE tag = 'live')",
    "INSERT INTO tag_moves (prompt, tag, revision, kind, before, after, undo, at)
        SELECT live.prompt, 'production', o.clock, 'set', production.version,
            coalesce(production.version, live.version), last.undo, m.applied_at
        FROM tags live JOIN organization o JOIN (SELECT applied_at FROM migrations ORDER BY number DESC LIMIT 1) m
        LEFT JOIN tags production ON production.prompt = live.prompt AND production.tag = 'production'
        JOIN tag_moves last ON last.prompt = live.prompt AND last.tag = coalesce(production.tag, live.tag)
            AND last.revision = coalesce(production.revision, live.revision)
        WHERE live.tag = 'live'
            AND EXISTS (SELECT 1 FROM tag_moves WHERE prompt = live.prompt AND tag = 'production')",
    "UPDATE OR REPLACE tag_moves SET tag = 'production'
        WHERE tag = 'live' AND prompt NOT IN (SELECT prompt FROM tags WHERE tag = 'production')
            AND (prompt IN (SELECT prompt FROM tags WHERE tag = 'live')
                OR prompt NOT IN (SELECT prompt FROM tag_moves WHERE tag = 'production'))",
    "DELETE FROM tags WHERE tag = 'live' AND prompt IN (SELECT prompt FROM tags WHERE tag = 'production')",
    "UPDATE tags SET tag = 'production' WHERE tag = 'live'",
    "UPDATE tags SET (revision, updated_at, updated_by) = (
            SELECT revision, at, by FROM tag_moves last WHERE last.prompt = tags.prompt AND last.tag = tags.tag
            ORDER BY revision DESC LIMIT 1)
        WHERE tag = 'production'",
    "DELETE FROM tag_names WHERE tag = 'live'",
    "INSERT OR IGNORE INTO tag_names (tag, created_at) SELECT 'production', created_at FROM organization",
    r#"UPDATE idempotency SET answer = replace(answer, '"tag":"live"', '"tag":"production"')"#,
];

/// The highest number that a prompt has given, since when its newest version is its newest, and which numbers are gone.
const REMOVALS: &[&str] = &[
    "ALTER TABLE prompts ADD COLUMN given INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE prompts ADD COLUMN latest_revision INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE prompts ADD COLUMN removed TEXT NOT NULL DEFAULT '[]'",
    "UPDATE prompts SET given = head, latest_revision = head_revision",
];

/// The labels of a prompt, which were kept in the content of its versions; and the slug that a deleted prompt had.
const LABELS: &[&str] = &[
    "ALTER TABLE prompts ADD COLUMN labels TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE prompts ADD COLUMN was TEXT",
    "UPDATE prompts SET labels = (
            SELECT json_extract(document, '$.metadata.athina') FROM versions WHERE prompt = prompts.id AND version = head)
        WHERE EXISTS (SELECT 1 FROM versions WHERE prompt = prompts.id AND version = head
            AND json_type(document, '$.metadata.athina') = 'object')",
    "CREATE INDEX prompts_set_aside ON prompts (project, was, deleted_at) WHERE was IS NOT NULL",
];

const RUNS: &[&str] = &[
    "CREATE TABLE connections (
        project INTEGER NOT NULL REFERENCES projects (id),
        name TEXT NOT NULL,
        connection TEXT NOT NULL,
        PRIMARY KEY (project, name)
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE aliases (
        project INTEGER NOT NULL REFERENCES projects (id),
        alias TEXT NOT NULL,
        slug TEXT NOT NULL,
        PRIMARY KEY (project, alias)
    ) STRICT, WITHOUT ROWID",
    "ALTER TABLE keys ADD COLUMN limits TEXT",
    "ALTER TABLE projects ADD COLUMN recording TEXT",
];

/// The reason of a tag's move, in words.
const REASONS: &[&str] = &["ALTER TABLE tag_moves ADD COLUMN reason TEXT"];

/// When the rights of a project's keys last changed. The newest of these and of the projects' revisions is read often.
const KEYS_REVISIONS: &[&str] = &[
    "ALTER TABLE projects ADD COLUMN keys_revision INTEGER NOT NULL DEFAULT 0",
    "UPDATE projects SET keys_revision = coalesce((SELECT clock FROM organization), 0)",
    "CREATE INDEX projects_by_revision ON projects (revision)",
    "CREATE INDEX projects_by_keys_revision ON projects (keys_revision)",
];

/// The name that a shared prompt has in the organisation, which need not be its slug in its own project.
const SHARED_NAMES: &[&str] = &[
    "ALTER TABLE prompts ADD COLUMN shared_as TEXT",
    "UPDATE prompts SET shared_as = slug WHERE shared = 1",
    "DROP INDEX prompts_shared",
    "CREATE UNIQUE INDEX prompts_shared ON prompts (shared_as) WHERE shared = 1",
];

/// The newest version of a prompt as another system writes it, kept for that system's lists. `maker` is the code that
/// wrote it.
const EXPORTS: &[&str] = &["CREATE TABLE exports (
        prompt INTEGER NOT NULL REFERENCES prompts (id),
        system TEXT NOT NULL,
        version INTEGER NOT NULL,
        maker TEXT NOT NULL,
        content TEXT NOT NULL,
        PRIMARY KEY (prompt, system)
    ) STRICT"];

/// Brings a database to the newest schema; each migration happens completely or not at all.
///
/// # Errors
/// `internal` when the database has migrations that this code does not know; it is left as it is.
pub(crate) fn migrate<S: Sql + ?Sized>(
    sql: &S,
    migrations: &[&[&str]],
    now: Timestamp,
) -> Result<()> {
    let wanted = migrations.len() as i64;
    let applied = applied(sql)?;
    if applied > wanted {
        let detail = format!(
            "the database has schema {applied}, newer than the newest that is known here, {wanted}"
        );
        return Err(Error::new(Code::Internal, detail));
    }
    for (number, statements) in (1i64..).zip(migrations) {
        if number <= applied {
            continue;
        }
        sql.transaction(&mut || {
            sql.exec(
                "CREATE TABLE IF NOT EXISTS migrations (
                    number INTEGER PRIMARY KEY,
                    applied_at INTEGER NOT NULL
                ) STRICT",
                &[],
            )?;
            sql.exec(
                "INSERT INTO migrations (number, applied_at) VALUES (?, ?)",
                params![number, now],
            )?;
            for statement in *statements {
                sql.exec(statement, &[])?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn applied<S: Sql + ?Sized>(sql: &S) -> Result<i64> {
    let table = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'";
    if first(sql, table, &[])?.is_none() {
        return Ok(0);
    }
    only(sql, "SELECT coalesce(max(number), 0) FROM migrations", &[])?.int()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::Native;

    const OLD: &[&[&str]] = &[&["CREATE TABLE a (x INTEGER) STRICT"]];
    const NEW: &[&[&str]] = &[
        &["CREATE TABLE a (x INTEGER) STRICT"],
        &[
            "ALTER TABLE a ADD COLUMN y INTEGER",
            "UPDATE a SET y = x + 1",
        ],
        &["CREATE TABLE b (z INTEGER) STRICT"],
    ];

    fn now() -> Timestamp {
        Timestamp::from_ms(7)
    }

    fn numbers(sql: &Native) -> Vec<i64> {
        let rows = sql.exec(
            "SELECT number FROM migrations ORDER BY applied_at, number",
            &[],
        );
        rows.unwrap()
            .into_iter()
            .map(|mut row| row.int().unwrap())
            .collect()
    }

    #[test]
    fn an_older_database_gets_what_it_lacks_once() {
        let sql = Native::in_memory().unwrap();
        migrate(&sql, OLD, now()).unwrap();
        sql.exec("INSERT INTO a (x) VALUES (1)", &[]).unwrap();
        migrate(&sql, NEW, now()).unwrap();
        sql.exec("UPDATE a SET y = 9", &[]).unwrap();
        migrate(&sql, NEW, now()).unwrap();
        assert_eq!(numbers(&sql), [1, 2, 3]);
        let mut row = only(&sql, "SELECT x, y FROM a", &[]).unwrap();
        assert_eq!((row.int(), row.int()), (Ok(1), Ok(9)));
    }

    #[test]
    fn a_migration_that_fails_has_not_happened() {
        let broken: &[&[&str]] = &[OLD[0], &["ALTER TABLE a ADD COLUMN y INTEGER", "nonsense"]];
        let sql = Native::in_memory().unwrap();
        assert!(migrate(&sql, broken, now()).is_err());
        assert_eq!(numbers(&sql), [1]);
        migrate(&sql, NEW, now()).unwrap();
        assert_eq!(numbers(&sql), [1, 2, 3]);
    }

    #[test]
    fn a_newer_database_is_refused() {
        let sql = Native::in_memory().unwrap();
        migrate(&sql, NEW, now()).unwrap();
        let refused = migrate(&sql, OLD, now()).unwrap_err();
        assert_eq!(
            refused.detail(),
            "the database has schema 3, newer than the newest that is known here, 1"
        );
        assert_eq!(numbers(&sql), [1, 2, 3]);
    }

    #[test]
    fn names_for_tags_that_were_kept_in_a_prompt_come_along() {
        let sql = Native::in_memory().unwrap();
        migrate(&sql, &[TABLES], now()).unwrap();
        let kept = r#"{"metadata":{"langwatch":{"tags":["canary","staging"]}}}"#;
        for query in [
            "INSERT INTO projects (id, slug, revision, allowed_origins, created_at, updated_at)
                VALUES (1, 'default', 0, '[]', 1, 1)",
            "INSERT INTO organization (one, id, home_project, clock, shared_revision, created_at)
                VALUES (1, 'acme00000000', 1, 0, 0, 1)",
        ] {
            sql.exec(query, &[]).unwrap();
        }
        for (id, slug, document) in [(1, "langwatch.tags", kept), (2, "other", kept)] {
            let id: i64 = id;
            let public = format!("p{id}");
            let query = "INSERT INTO prompts (id, public_id, project, slug, shared, head, head_hash, head_revision,
                revision, created_at, updated_at) VALUES (?, ?, 1, ?, 0, 1, '', 1, 1, 2, 3)";
            sql.exec(query, params![id, public.as_str(), slug]).unwrap();
            let query =
                "INSERT INTO versions (prompt, version, id, hash, document, revision, created_at)
                VALUES (?, 1, ?, '', ?, 1, 2)";
            sql.exec(query, params![id, public.as_str(), document])
                .unwrap();
        }
        migrate(&sql, MIGRATIONS, now()).unwrap();
        let names =
            "SELECT group_concat(tag || created_at) FROM (SELECT * FROM tag_names ORDER BY tag)";
        let mut row = only(&sql, names, &[]).unwrap();
        assert_eq!(row.text().unwrap(), "canary2,production1,staging1");
        let left = "SELECT group_concat(slug) FROM prompts WHERE deleted_at IS NULL";
        assert_eq!(only(&sql, left, &[]).unwrap().text().unwrap(), "other");
    }

    #[test]
    fn a_draft_belongs_to_the_key_that_saved_it() {
        let sql = Native::in_memory().unwrap();
        migrate(&sql, &[TABLES, TAG_NAMES, BINDINGS], now()).unwrap();
        for query in [
            "INSERT INTO projects (id, slug, revision, allowed_origins, created_at, updated_at)
                VALUES (1, 'default', 0, '[]', 1, 1)",
            "INSERT INTO drafts (project, slug, document, base, revision, updated_at, updated_by)
                VALUES (1, 'p', '{\"messages\":[]}', 3, 7, 5, 'Ada'), (1, 'q', '{}', NULL, 8, 6, 'Bob')",
            "INSERT INTO events (revision, project, at, key, actor, action, slug, detail)
                VALUES (7, 1, 5, 'k00000000001', 'Ada', 'draft.put', 'p', '{}')",
        ] {
            sql.exec(query, &[]).unwrap();
        }
        migrate(&sql, MIGRATIONS, now()).unwrap();
        let query = "SELECT group_concat(concat_ws('|', slug, author, document, base, revision, updated_at, updated_by), ' ')
            FROM drafts";
        let mut row = only(&sql, query, &[]).unwrap();
        assert_eq!(
            row.text().unwrap(),
            "p|k00000000001|{\"messages\":[]}|3|7|5|Ada q|Bob|{}|8|6|Bob"
        );
    }
}
