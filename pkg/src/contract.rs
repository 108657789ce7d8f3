//! Keeps the package's types in step with Rust: writes every code as `js/codes.ts`, and every field as TypeScript
//! (`js/contract.ts`) that only compiles if `js/types.ts` has the same.
//! `UPDATE_CONTRACT=1 cargo test -p cuecard-pkg` writes both files; without, the tests compare.

use std::fs;

use cuecard_prompt::{
    At, Code, Content, Document, Error, Issue, Rendered, RenderedMessage, Role, ToolCall, Type,
};
use serde_json::{Value, json};

const HEAD: &str = "\
// Written by `UPDATE_CONTRACT=1 cargo test -p cuecard-pkg`: what Rust has. It compiles only if `types.ts` has the same.
import type { Document, InputType, Issue, Problem, RenderedMessage, RenderedPrompt, Role, ToolCall } from \"./types.ts\";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type All<T> = { [K in keyof T]-?: T[K] };
";

const CODES_HEAD: &str = "\
// Written by `UPDATE_CONTRACT=1 cargo test -p cuecard-pkg` from the table in `crates/prompt/src/error.rs`.

/** A stable error code. */
export type Code =";

/// A document with every field; a field that is missing here fails `the_contract_has_every_field`.
fn everything() -> Document {
    let document = json!({
        "messages": [
            { "role": "user", "content": "{{ a }}", "name": "n" },
            { "role": "user", "content": [{ "type": "text", "text": "t" }, { "type": "image", "image": "https://a.test/b" }] },
            { "role": "placeholder", "content": "{{ h }}" },
        ],
        "inputs": [
            { "name": "a", "type": "str", "required": false, "description": "d", "enum": ["x"] },
            { "name": "h", "type": "messages" },
            { "name": "l", "type": "list", "default": [], "schema": { "items": { "type": "string" } } },
        ],
        "outputs": [{ "name": "o", "type": "json_schema", "schema": { "type": "object" } }],
        "model": "openai/gpt-4o-mini",
        "provider": "default",
        "parameters": { "temperature": 0.5 },
        "tools": [{ "type": "function", "function": { "name": "f" } }],
        "toolChoice": "auto",
        "demonstrations": { "columns": [{ "id": "a", "name": "A", "type": "str" }], "rows": [{ "id": "r", "a": "x" }] },
        "promptingTechnique": "few_shot",
        "template": { "language": "jinja2", "dialect": "huggingface", "undefined": "lenient", "trimBlocks": true, "lstripBlocks": true, "keepTrailingNewline": true },
        "metadata": { "k": null },
    });
    Document {
        response_format: Some(json!({ "type": "text" })),
        ..Document::from_value(document).unwrap()
    }
}

fn contract() -> String {
    let document = everything();
    let message = RenderedMessage {
        role: Role::Assistant,
        content: Content::from("t"),
        name: Some("n".into()),
        tool_calls: vec![ToolCall {
            id: "i".into(),
            name: "f".into(),
            arguments: serde_json::Map::new(),
        }],
        tool_call_id: Some("i".into()),
        left_out: vec!["/annotations".into()],
    };
    let call = message.tool_calls[0].clone();
    let object = document.parameters.clone().unwrap();
    let rendered = Rendered {
        messages: vec![message.clone()],
        model: document.model.clone(),
        provider: document.provider.clone(),
        parameters: Some(object.clone()),
        tools: document.tools.clone(),
        tool_choice: document.tool_choice.clone(),
        response_format: document.response_format.clone(),
    };
    let issue = Issue {
        expected: Some("e".into()),
        received: Some("r".into()),
        suggestion: Some("s".into()),
        at: Some(At {
            message: Some(0),
            line: 1,
            column: 1,
        }),
        ..Issue::new("wrong_type", "/a", "m")
    };
    let problem = Error::new(Code::InputInvalid, "d")
        .with_at(At {
            message: Some(0),
            line: 1,
            column: 1,
        })
        .with_issues(vec![issue.clone()])
        .to_problem();
    let union = |names: Vec<&str>| json!(names).to_string();
    let mut text = HEAD.to_owned();
    let roles = union(vec!["system", "developer", "user", "assistant", "tool"]);
    text += &format!(
        "\nconst roles = {roles} as const;\nexport const sameRoles: Same<Role, (typeof roles)[number]> = true;\n"
    );
    let types = Type::ALL.iter().map(|one| one.as_str()).collect();
    text += &format!(
        "\nexport const inputTypes = {} as const satisfies readonly InputType[];\n",
        union(types)
    );
    let values: [(&str, &str, Value); 6] = [
        ("document", "Document", json!(document)),
        ("rendered", "RenderedPrompt", json!(rendered)),
        ("message", "RenderedMessage", json!(message)),
        ("toolCall", "ToolCall", json!(call)),
        ("issue", "Issue", json!(issue)),
        ("problem", "Problem", json!(problem)),
    ];
    for (name, of, value) in values {
        text += &format!("\nexport const {name} = {value} satisfies All<{of}>;\n");
    }
    text
}

fn codes() -> String {
    let mut text = CODES_HEAD.to_owned();
    for code in Code::ALL {
        text += &format!("\n  | \"{code}\"");
    }
    text + ";\n"
}

#[test]
fn types_are_those_of_rust() {
    for (file, text) in [("js/contract.ts", contract()), ("js/codes.ts", codes())] {
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_CONTRACT").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "pkg/{file} is not current: `UPDATE_CONTRACT=1 cargo test -p cuecard-pkg` writes it"
        );
    }
}

#[test]
fn the_contract_has_every_field() {
    let document = json!(everything());
    for field in Document::FIELDS {
        assert!(
            document.get(field).is_some(),
            "give `{field}` a value in `everything()` of pkg/src/contract.rs, then add it to `Document` in pkg/js/types.ts"
        );
    }
}
