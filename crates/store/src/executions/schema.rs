//! The tables of a project's executions. As with those of an organisation, a migration never changes after its release.

pub(super) const MIGRATIONS: &[&[&str]] = &[TABLES];

const TABLES: &[&str] = &[
    "CREATE TABLE executions (
        id TEXT PRIMARY KEY,
        prompt TEXT,
        version INTEGER,
        tag TEXT,
        status TEXT NOT NULL,
        lease INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        record TEXT NOT NULL
    ) STRICT",
    "CREATE INDEX executions_of_prompt ON executions (prompt, id)",
    "CREATE INDEX executions_of_version ON executions (prompt, version, id)",
    "CREATE INDEX executions_of_tag ON executions (tag, id)",
    "CREATE INDEX executions_by_status ON executions (status, id)",
    "CREATE INDEX executions_by_end ON executions (expires)",
    "CREATE INDEX executions_running ON executions (lease) WHERE status = 'running'",
    "CREATE TABLE bodies (
        id TEXT PRIMARY KEY REFERENCES executions (id) ON DELETE CASCADE,
        bodies TEXT NOT NULL
    ) STRICT",
    "CREATE TABLE labels (
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        id TEXT NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
        PRIMARY KEY (name, value, id)
    ) STRICT, WITHOUT ROWID",
    "CREATE INDEX labels_of_execution ON labels (id)",
    "CREATE TABLE total (one INTEGER PRIMARY KEY CHECK (one = 1), bytes INTEGER NOT NULL) STRICT",
    "INSERT INTO total (one, bytes) VALUES (1, 0)",
    "CREATE TRIGGER executions_come AFTER INSERT ON executions
        BEGIN UPDATE total SET bytes = bytes + NEW.bytes; END",
    "CREATE TRIGGER executions_grow AFTER UPDATE OF bytes ON executions
        BEGIN UPDATE total SET bytes = bytes + NEW.bytes - OLD.bytes; END",
    "CREATE TRIGGER executions_go AFTER DELETE ON executions
        BEGIN
            UPDATE total SET bytes = bytes - OLD.bytes;
            DELETE FROM bodies WHERE id = OLD.id;
            DELETE FROM labels WHERE id = OLD.id;
        END",
    "CREATE TABLE begun (key TEXT NOT NULL, at INTEGER NOT NULL) STRICT",
    "CREATE INDEX begun_by_key ON begun (key, at)",
    "CREATE TABLE spent (
        key TEXT NOT NULL,
        day INTEGER NOT NULL,
        tokens INTEGER NOT NULL,
        PRIMARY KEY (key, day)
    ) STRICT, WITHOUT ROWID",
];
