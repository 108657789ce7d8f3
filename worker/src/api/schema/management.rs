//! The audit log, keys and projects.

use cuecard_run::Keeping;
use cuecard_store::KeyLimits;
use serde_json::{Value, json};

use super::{count, list, object, page, reference, text, time, with, with_description};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    let key = vec![
        ("id", reference("Id")),
        ("project", reference("ProjectSlug")),
        ("role", reference("KeyRole")),
        ("name", text(200)),
        ("createdAt", time()),
        ("createdBy", json!({ "type": "string" })),
        ("expiresAt", time()),
        ("revokedAt", time()),
    ];
    let secret = json!({ "type": "string", "description": "The key itself; shown once: a retry with the same Idempotency-Key does not get it again." });
    let origins = json!({ "type": "array", "items": text(300), "maxItems": 50,
        "description": "Browser origins that may use the project's keys: `https://app.example`, or `*`." });
    let stamp = || json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$" });
    let number = json!({ "type": "integer", "minimum": 1, "description": "The project's, in `/v1/revisions`. It is no project's name, since readers of other projects see it." });
    let keys_revision = with_description(
        stamp(),
        "The last revision at which the project or one of its keys came to allow something else, as caches compare it. A new key does not count.",
    );
    let bindings = json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$", "description": "As in `Cuecard-Bindings`: the last revision at which some slug ceased to mean what it had meant: its prompt was deleted, or is no longer shared, or lost a version, or one of the project's own took its place. A version that was read since then is the same still." });
    let own = vec![
        ("organization", reference("Id")),
        ("project", reference("ProjectSlug")),
        ("key", reference("Id")),
        ("name", text(200)),
        ("role", reference("KeyRole")),
        ("expiresAt", time()),
        ("allowedOrigins", origins.clone()),
        ("revision", count()),
        ("bindings", bindings.clone()),
        ("number", number.clone()),
        ("keysRevision", keys_revision.clone()),
        (
            "store",
            json!({ "type": "string", "description": "As in `Cuecard-Store`: another one where the organisation's store was begun anew." }),
        ),
    ];
    let standing = object(
        &["number", "revision", "bindings", "keysRevision"],
        &[
            ("number", number),
            (
                "revision",
                with_description(
                    stamp(),
                    "As in `Cuecard-Revision` of the project's readers.",
                ),
            ),
            ("bindings", bindings),
            ("keysRevision", keys_revision),
        ],
    );
    let limits = || {
        let runs = json!({ "type": "integer", "minimum": 1, "maximum": KeyLimits::MAX_RUNS });
        let tokens = json!({ "type": "integer", "minimum": 1, "maximum": KeyLimits::MAX_TOKENS });
        let members = [("runsPerMinute", runs), ("tokensPerDay", tokens)];
        with_description(
            object(&[], &members),
            "How much the key may run; what is left out has no limit.",
        )
    };
    let key = with(key, &[("limits", limits())]);
    let mode = json!({ "enum": ["off", "usage", "full"], "default": "usage" });
    let days =
        json!({ "type": "integer", "minimum": 1, "maximum": Keeping::MAX_DAYS, "default": 30 });
    let recording = object(&[], &[("mode", mode), ("days", days)]);
    let recording = with_description(
        recording,
        "What is kept of the project's runs, and for how many days.",
    );
    let event = [
        ("revision", count()),
        ("at", time()),
        ("key", json!({ "type": "string" })),
        ("actor", json!({ "type": "string" })),
        ("requestId", json!({ "type": "string" })),
        ("action", json!({ "type": "string" })),
        ("slug", reference("Slug")),
        ("detail", json!({ "type": "object" })),
    ];
    let project = [
        ("slug", reference("ProjectSlug")),
        ("name", text(200)),
        ("allowedOrigins", origins.clone()),
        ("recording", recording.clone()),
        ("revision", count()),
        ("createdAt", time()),
        ("updatedAt", time()),
        ("deletedAt", time()),
    ];
    let removable = json!({ "type": ["string", "null"], "maxLength": 200, "description": "`null` removes it." });
    vec![
        (
            "LogEntry",
            object(&["revision", "at", "action", "detail"], &event),
        ),
        ("EventList", page("events", "LogEntry")),
        (
            "KeySelf",
            object(
                &[
                    "organization",
                    "project",
                    "key",
                    "role",
                    "allowedOrigins",
                    "revision",
                    "bindings",
                ],
                &with(own, &[("limits", limits())]),
            ),
        ),
        ("Standing", standing),
        (
            "Revisions",
            object(
                &["newest", "projects"],
                &[
                    (
                        "newest",
                        with_description(
                            stamp(),
                            "The greatest of all, which is the entity tag too.",
                        ),
                    ),
                    (
                        "projects",
                        with_description(
                            list("Standing"),
                            "None where there are more than 1,000 projects.",
                        ),
                    ),
                ],
            ),
        ),
        ("KeyInfo", object(&KEY, &key)),
        ("KeyList", page("keys", "KeyInfo")),
        ("NewKey", object(&KEY, &with(key, &[("key", secret)]))),
        (
            "KeyCreate",
            object(
                &["role"],
                &[
                    ("role", reference("KeyRole")),
                    ("project", reference("ProjectSlug")),
                    ("name", text(200)),
                    ("expiresAt", time()),
                    ("limits", limits()),
                ],
            ),
        ),
        ("KeyChange", object(&["limits"], &[("limits", limits())])),
        (
            "ProjectInfo",
            object(
                &[
                    "slug",
                    "allowedOrigins",
                    "recording",
                    "revision",
                    "createdAt",
                    "updatedAt",
                ],
                &project,
            ),
        ),
        (
            "ProjectList",
            object(&["projects"], &[("projects", list("ProjectInfo"))]),
        ),
        (
            "ProjectCreate",
            object(
                &["slug"],
                &[
                    ("slug", reference("ProjectSlug")),
                    ("name", text(200)),
                    ("allowedOrigins", origins.clone()),
                    ("recording", recording.clone()),
                ],
            ),
        ),
        (
            "ProjectChange",
            object(
                &[],
                &[
                    ("name", removable),
                    ("allowedOrigins", origins),
                    ("recording", recording),
                ],
            ),
        ),
    ]
}

const KEY: [&str; 4] = ["id", "project", "role", "createdAt"];
