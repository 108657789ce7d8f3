//! Floats from decimal digits, correctly rounded. `str::parse` uses a table of powers, which does not compress: with
//! its code it takes 11 KB of the package.

use crate::size;

/// Digits that tell any two doubles apart, and any double from the middle between two; of the rest counts only whether
/// they are zero.
const DIGITS: usize = 800;
/// 5 to the power of [`FIVES`], the largest in 32 bits.
const FIVES: u32 = 13;

/// The double nearest to a number in decimal digits, with an optional sign, point and exponent; infinite where it is
/// too large. `None` for any other text.
pub fn read_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = || whole.bytes().chain(fraction.bytes());
    if all().next().is_none() || !all().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let zeros = all().take_while(|byte| *byte == b'0').count();
    let digits = all().skip(zeros).take(DIGITS).map(|byte| byte - b'0');
    let count = whole.len() + fraction.len() - zeros;
    let rest = count.saturating_sub(DIGITS);
    let more = rest > 0 && all().skip(zeros + DIGITS).any(|byte| byte != b'0');
    let scale = size::wide(rest) - size::wide(fraction.len()) + i128::from(exponent);
    let value = nearest(digits, more, scale);
    Some(if text.starts_with('-') { -value } else { value })
}

/// An exponent; beyond the range of `i64` it is clamped, as no mantissa is long enough to matter then.
fn read_exponent(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let end = if text.starts_with('-') {
            i64::MIN
        } else {
            i64::MAX
        };
        is_number.then_some(end)
    })
}

/// `digits · 10^scale`, and a little more.
fn nearest(digits: impl Iterator<Item = u8> + Clone, more: bool, scale: i128) -> f64 {
    let count = digits.clone().count();
    let point = size::wide(count) + scale;
    if count == 0 || point < -330 {
        return 0.0;
    }
    let Some(scale) = i32::try_from(scale).ok().filter(|_| point < 330) else {
        return f64::INFINITY;
    };
    if count <= 15 && scale.unsigned_abs() <= 19 {
        let whole = digits.fold(0, |whole, digit| whole * 10 + u64::from(digit));
        // Both are exact, so that there is one rounding.
        let (whole, power) = (whole as f64, 10_u64.pow(scale.unsigned_abs()) as f64);
        return if scale < 0 {
            whole / power
        } else {
            whole * power
        };
    }
    let mut number = Big::default();
    let mut digits = digits.map(u32::from).peekable();
    while digits.peek().is_some() {
        let add = |(power, sum), digit| (power * 10, sum * 10 + digit);
        let (power, sum) = digits.by_ref().take(9).fold((1, 0), add);
        number.multiply_add(power, sum);
    }
    let mut more = more;
    let mut left = scale.unsigned_abs();
    let mut exponent = scale;
    if scale < 0 {
        // As many words as the quotient needs; log2(5) is less than 7 / 3. The lowest of more do not change its first
        // 64 bits.
        let words = size::slot((64 + left * 7 / 3) / 32 + 2);
        let (have, bits) = (number.0.len(), |words: usize| i32::try_from(words * 32));
        if have < words {
            let zeros = std::iter::repeat_n(0, words - have);
            number.0.splice(..0, zeros);
            exponent -= bits(words - have).unwrap_or_default();
        } else {
            more |= number.0.drain(..have - words).any(|word| word > 0);
            exponent += bits(have - words).unwrap_or_default();
        }
    }
    while left > 0 {
        let fives = left.min(FIVES);
        left -= fives;
        let power = 5_u32.pow(fives);
        if scale < 0 {
            more |= number.divide(power);
        } else {
            number.multiply_add(power, 0);
        }
    }
    let (top, cut, shift) = number.top();
    compose(top, more || cut, exponent + shift)
}

/// `top · 2^exponent`, and a little more where `more`; the highest bit of `top` is set.
fn compose(top: u64, more: bool, exponent: i32) -> f64 {
    let exponent = exponent + 63;
    let below = (-1022 - exponent).max(0);
    if exponent > 1023 || below > 53 {
        return if below > 0 { 0.0 } else { f64::INFINITY };
    }
    // The lowest of the kept bits is rounded.
    let drop = 11 + below.unsigned_abs();
    let kept = top.checked_shr(drop).unwrap_or_default();
    let half = 1 << (drop - 1);
    let rest = top & (half | (half - 1));
    let up = rest > half || rest == half && (more || kept % 2 == 1);
    let biased = u64::from(exponent.max(-1022).abs_diff(-1022));
    // The mantissa's first bit, which is not stored, makes 1 of the exponent 0; rounding up can carry into it.
    f64::from_bits((biased << 52) + kept + u64::from(up))
}

/// A whole number, its lowest 32 bits first.
#[derive(Default)]
struct Big(Vec<u32>);

impl Big {
    fn multiply_add(&mut self, factor: u32, summand: u32) {
        let mut carry = u64::from(summand);
        for word in &mut self.0 {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Divides, and returns whether there was a remainder.
    fn divide(&mut self, divisor: u32) -> bool {
        let divisor = u64::from(divisor);
        let mut rest = 0;
        for word in self.0.iter_mut().rev() {
            rest = rest << 32 | u64::from(*word);
            let quotient = rest / divisor;
            *word = quotient as u32;
            // A second division would take as long as the first.
            rest -= quotient * divisor;
        }
        while self.0.pop_if(|word| *word == 0).is_some() {}
        rest > 0
    }

    /// The 64 bits from the highest that is set, whether any is set below them, and where they end.
    fn top(&self) -> (u64, bool, i32) {
        let mut words = self.0.iter().rev().skip_while(|word| **word == 0);
        let left = i32::try_from(words.clone().count()).unwrap_or_default();
        let mut next = || u128::from(words.next().copied().unwrap_or_default());
        let high = next() << 64 | next() << 32 | next();
        let zeros = high.leading_zeros() - 32;
        let top = (high << zeros >> 32) as u64;
        let cut = high << zeros & 0xffff_ffff != 0 || words.any(|word| *word > 0);
        (
            top,
            cut,
            (left - 2) * 32 - i32::try_from(zeros).unwrap_or_default(),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(text: &str) {
        let found = read_float(text).map(f64::to_bits);
        let expected = text.parse::<f64>().ok().map(f64::to_bits);
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn texts_are_read_as_the_standard_library_reads_them() {
        for text in [
            "0",
            "-0",
            "1",
            "+1.",
            ".5",
            "-.5e1",
            "1e5",
            "1E+5",
            "1e-5",
            "0e999999999999999999999",
            "1e999999999999999999999",
            "1e-999999999999999999999",
            "1e308",
            "1.8e308",
            "1e309",
            "1e400",
            "1e330",
            "2e-324",
            "3e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "4.9e-324",
            "1e-330",
            "1e-331",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "9007199254740993",
            "9007199254740992.5",
            "9007199254740993.0000000000000000000000000000001",
            "0.1",
            "0.30000000000000004",
            "123456789012345678901234567890",
            "8.41e21",
            "9.5e-23",
            "1e22",
            "1e23",
            "5e-20",
            "",
            ".",
            "+",
            "-",
            "e5",
            "1e",
            "1e+",
            "1e+-5",
            "1..2",
            "1.2.3",
            "+-1",
            "1_0",
            " 1",
            "1 ",
            "0x1",
            "1e5.0",
            "--1",
            "٣",
        ] {
            same(text);
        }
    }

    #[test]
    fn the_middle_between_two_doubles_goes_to_the_even_one_and_a_digit_beyond_decides() {
        for bits in [0, 1, 2, 3, 1_000, (1_u64 << 51) - 2, (1 << 51) - 1] {
            // The middle is `(2 · bits + 1) · 2^-1075`: five times the exact digits of the odd double, one place
            // further.
            let double = format!("{:.1074}", f64::from_bits(2 * bits + 1));
            let mut carry = 0;
            let mut digits: Vec<u8> = double
                .bytes()
                .filter(u8::is_ascii_digit)
                .rev()
                .map(|digit| {
                    carry += (digit - b'0') * 5;
                    let digit = carry % 10 + b'0';
                    carry /= 10;
                    digit
                })
                .collect();
            digits.reverse();
            let middle = format!("0.{}", String::from_utf8(digits).unwrap());
            assert_eq!(middle.len(), 1_077);
            for end in ["", "0", "1", "000000000000000001"] {
                same(&format!("{middle}{end}"));
            }
            same(&format!("{}49", middle.strip_suffix('5').unwrap()));
        }
    }

    #[test]
    fn thousands_of_digits_take_no_longer_than_their_number() {
        for text in [
            format!("1{}", "0".repeat(400)),
            format!("0.{}1", "0".repeat(400)),
            format!("0.{}1e5000", "0".repeat(5_000)),
            format!("{}e-5000", "9".repeat(5_000)),
            format!("1{}1e-5000", "0".repeat(5_000)),
            format!("{}.{}", "7".repeat(300), "3".repeat(5_000)),
        ] {
            same(&text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn any_double_is_read_back(bits in any::<u64>(), digits in 0..40_usize) {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                same(&format!("{value:e}"));
                same(&format!("{value:.digits$e}"));
                same(&format!("{value:.digits$}"));
            }
        }

        #[test]
        fn any_digits_are_read_as_the_standard_library_reads_them(text in "-?[0-9]{0,25}(\\.[0-9]{0,25})?(e[-+]?[0-9]{1,3})?") {
            same(&text);
        }
    }
}
