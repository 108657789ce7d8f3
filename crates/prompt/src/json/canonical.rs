//! Canonical JSON: the JSON Canonicalization Scheme, RFC 8785.

use std::cmp::Ordering;
use std::fmt::Write as _;

use cuecard_jinja::read_float;
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

/// The canonical text of a value (RFC 8785): no white space, members sorted by UTF-16 code units (§3.2.3), numbers as
/// ECMAScript prints doubles (§3.2.2.3).
///
/// Integers outside ±2^53 are printed as the double that is nearest to them, as the scheme demands; a document never
/// holds one.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

/// SHA-256 of bytes, or of a text's UTF-8, in lower-case hex.
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => write_object(out, members),
    }
}

fn write_object(out: &mut String, members: &Map<String, Value>) {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| by_utf16(a, b));
    out.push('{');
    for (index, (key, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_string(out, key);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

/// The order of UTF-16 code units: that of bytes, but for characters beyond U+FFFF, whose first units are D800 to DBFF.
fn by_utf16(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let rank = |byte: u8| match byte {
        0xf0.. => (0xed, byte),
        _ => (byte, 0),
    };
    let differ = a.iter().zip(b).find(|(a, b)| a != b);
    differ.map_or(a.len().cmp(&b.len()), |(a, b)| rank(*a).cmp(&rank(*b)))
}

/// §3.2.2.2: the short escapes, `\u00xx` for other control characters, everything else as it is.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    if !text
        .bytes()
        .any(|byte| matches!(byte, 0..0x20 | b'"' | b'\\'))
    {
        out.push_str(text);
        out.push('"');
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// ECMAScript's `Number::toString` for radix 10 (ECMA-262 §6.1.6.1.20).
fn write_number(out: &mut String, number: &Number) {
    if let Some(integer) = number
        .as_i64()
        .filter(|number| number.unsigned_abs() < 1 << 53)
    {
        let _ = write!(out, "{integer}");
        return;
    }
    let value = number.as_f64().unwrap_or_default();
    if value == 0.0 {
        out.push('0');
        return;
    }
    // The fewest digits that read back as the number, and of those the nearest, as ECMAScript demands: `d.ddde±x`.
    let mut scientific = format!("{:e}", value.abs());
    let fraction = scientific
        .split_once('e')
        .map_or(0, |(mantissa, _)| mantissa.len().saturating_sub(2));
    let nearest = format!("{:.fraction$e}", value.abs());
    if read_float(&nearest) == Some(value.abs()) {
        scientific = nearest;
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let length = i32::try_from(digits.len()).unwrap_or_default();
    let zeros = |count: i32| "0".repeat(u16::try_from(count).unwrap_or_default().into());
    if value < 0.0 {
        out.push('-');
    }
    let split = usize::from(u16::try_from(point).unwrap_or_default());
    if length <= point && point <= 21 {
        out.push_str(&digits);
        out.push_str(&zeros(point - length));
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at_checked(split).unwrap_or((&digits, ""));
        let _ = write!(out, "{whole}.{fraction}");
    } else if -6 < point && point <= 0 {
        let _ = write!(out, "0.{}{digits}", zeros(-point));
    } else {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
        out.push_str(first);
        if !rest.is_empty() {
            let _ = write!(out, ".{rest}");
        }
        let _ = write!(out, "e{:+}", point - 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn number(value: f64) -> String {
        canonical(&json!(value))
    }

    #[test]
    fn the_examples_of_rfc_8785() {
        // §3.2.2 and §3.2.4
        let value: Value = serde_json::from_str(
            r#"{
                "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
                "literals": [null, true, false]
            }"#,
        )
        .unwrap();
        assert_eq!(
            canonical(&value),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
             \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
        // §3.2.3: sorted by UTF-16 code units, so U+1F600 comes before U+FB33.
        let value: Value = serde_json::from_str(
            r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
                "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#,
        )
        .unwrap();
        assert_eq!(
            canonical(&value),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\
             \"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        );
    }

    #[test]
    fn the_numbers_of_rfc_8785_appendix_b() {
        for (bits, text) in [
            (0x0000_0000_0000_0000, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"),
            (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            let value = f64::from_bits(bits);
            assert_eq!(number(value), text, "{bits:016x}");
        }
    }

    #[test]
    fn integers_print_as_doubles_do() {
        for (value, text) in [
            (json!(0), "0"),
            (json!(-7), "-7"),
            (json!(9_007_199_254_740_991_i64), "9007199254740991"),
            (json!(u64::MAX), "18446744073709552000"),
        ] {
            assert_eq!(canonical(&value), text);
        }
    }

    proptest! {
        #[test]
        fn a_number_reads_back_as_itself(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(number(value).parse::<f64>().unwrap(), value);
        }

        #[test]
        fn names_are_in_the_order_of_utf16(a in "[a\u{e000}-\u{ffff}\u{10000}-\u{10010}]{0,4}", b in "[aä\u{e000}-\u{ffff}😀]{0,4}") {
            prop_assert_eq!(by_utf16(&a, &b), a.encode_utf16().cmp(b.encode_utf16()));
        }

        #[test]
        fn a_string_reads_back_as_itself(text in ".*") {
            let read: String = serde_json::from_str(&canonical(&json!(text))).unwrap();
            prop_assert_eq!(read, text);
        }
    }
}
