use proptest::prelude::*;
use serde_json::json;

use super::*;

fn refused(text: &str) -> String {
    let error = parse(text).unwrap_err();
    assert_eq!(error.code(), Code::JsonInvalid);
    error.detail().to_owned()
}

#[test]
fn a_value_of_our_own_may_be_deeper_than_one_of_a_user() {
    let deep = (0..2 * MAX_DEPTH).fold(json!(1.5), |value, _| json!([value]));
    assert_eq!(value_of(&deep), Ok(deep.clone()));
    assert_eq!(
        parse(&deep.to_string()).unwrap_err().code(),
        Code::JsonInvalid
    );
}

#[test]
fn reads_what_everyone_reads_alike() {
    let value =
        parse(r#" {"b":[1,-2,2.5,1e3,18446744073709551615,true,null,"\ud83d\ude00"],"a":{}} "#);
    assert_eq!(
        value.unwrap(),
        json!({"b": [1, -2, 2.5, 1e3, u64::MAX, true, null, "😀"], "a": {}})
    );
}

#[test]
fn refuses_what_readers_could_take_differently() {
    for text in [
        "",
        " ",
        "\u{feff}{}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":{\"b\":1,\"\\u0062\":2}}",
        "[1] 2",
        "[1]x",
        "NaN",
        "[NaN]",
        "Infinity",
        "-Infinity",
        "1e999",
        "01",
        "+1",
        ".5",
        "1.",
        "'a'",
        "{a:1}",
        "[1,]",
        "{\"a\":1,}",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\u{1}\"",
        "\"\\x41\"",
        "// c\n1",
        "nul",
        "[",
    ] {
        refused(text);
    }
}

#[test]
fn says_where() {
    assert_eq!(refused("[1, 2]\n x"), "trailing characters at offset 9");
    assert_eq!(
        refused("{\"a\":1,\n\"a\":2}"),
        "a key appears twice in an object at offset 11"
    );
    let error = parse_bytes(b"[\"ab\xff\"]").unwrap_err();
    assert_eq!(error.detail(), "the text is not UTF-8 at offset 4");
}

#[test]
fn levels_are_counted_not_siblings() {
    let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    let list = "[1,{\"a\":[]},\"\"]";
    assert!(parse_within(list, 5).is_ok());
    for (text, values) in [
        (list, 4),
        ("[1e-300,1e+300]", 38),
        ("[1e99999999999999999999]", 20),
    ] {
        let error = parse_within(text, values).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded, "{text}");
    }
    assert!(parse_within("[1e-300,1e15]", 21).is_ok());
    assert!(refused(&nested(MAX_DEPTH + 1)).contains("more than 64 levels"));
    assert!(refused(&"{\"a\":".repeat(100_000)).contains("more than 64 levels"));
    assert!(parse(&format!("[{}{{}}]", "[],".repeat(500))).is_ok());
}

/// The result of serde_json, with the offset as we print it.
fn expected(text: &str) -> std::result::Result<Value, String> {
    serde_json::from_str(text).map_err(|error| {
        let lines = text.split_inclusive('\n').take(error.line() - 1);
        let offset = lines.map(str::len).sum::<usize>() + error.column();
        let message = error.to_string();
        let reason = message.split(" at line ").next().unwrap();
        format!("{reason} at offset {}", offset.min(text.len()))
    })
}

/// Texts made of JSON's tokens: most have an error, often past the beginning.
fn texts() -> impl Strategy<Value = String> {
    const PIECES: &str = r#"{ } [ ] , : " "k" "k": \ \u \n \" \ud83d \ude00 "\ud83d\ude00" 00e9 12 0 -0 - + . e E9 1.50
        18446744073709551616 -9223372036854775809 1e400 true false null nul ä"#;
    let pieces = PIECES.split_whitespace().chain([" ", "\n", "\u{1}"]);
    let piece = proptest::sample::select(pieces.collect::<Vec<_>>());
    let text = proptest::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat());
    (text, "|\\[\"|\\[\"a\"|\\{\"b\":").prop_map(|(text, before)| before + &text)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn reads_and_refuses_as_serde_json(text in texts()) {
        let read = parse(&text).map_err(|error| error.detail().to_owned());
        // serde_json keeps the last of two equal members, and stops within a number that is too large.
        let differs = |detail: &String| detail.contains("appears twice") || detail.contains("out of range");
        if !read.as_ref().is_err_and(differs) {
            prop_assert_eq!(read, expected(&text));
        }
    }

    #[test]
    fn reads_every_double(number in any::<f64>(), digits in r"-?[1-9][0-9]{0,40}(\.[0-9]{1,40})?(e-?[0-9]{1,3})?") {
        for text in [number.to_string(), format!("{number:e}"), digits] {
            prop_assert_eq!(parse(&text).ok(), serde_json::from_str(&text).ok());
        }
    }
}
