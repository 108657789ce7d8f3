//! Prints the tables of errors, issues and limits as JSON: `cargo xtask docs` makes pages of them.
#![expect(clippy::print_stdout, reason = "a program that prints")]

use cuecard_prompt::{Code, issue, limits};
use serde_json::{Value, json};

fn main() {
    let error =
        |code: &Code| json!({ "code": code, "status": code.status(), "about": code.title() });
    let issue = |(code, about): &(&str, &str)| json!({ "code": code, "about": about });
    let limit =
        |(what, most, code): limits::Limit| json!({ "what": what, "most": most, "code": code });
    let tables = json!({
        "errors": Code::ALL.iter().map(error).collect::<Value>(),
        "issues": issue::ALL.iter().map(issue).collect::<Value>(),
        "limits": limits::table().into_iter().map(limit).collect::<Value>(),
    });
    println!("{tables}");
}
