//! `pow`, the same on every machine: Arm's, which is glibc's, rounded as on processors with a fused multiply-add.
//! WebAssembly has no `pow` of its own, and the one that Rust brings there differs in the last digit for one pair of
//! thirteen.
//!
//! Copyright (c) 2018 Arm Limited, MIT: see LICENSE beside this file.

mod tables;

use tables::{EXP, LOG};

/// Both tables have so many parts, as a power of two.
const BITS: u32 = 7;
/// Where the intervals of [`LOG`] begin.
const OFFSET: u64 = 0x3fe6_9555_0000_0000;
const SIGN: u64 = 1 << 63;
/// Bits of a double's fraction.
const FRACTION: u32 = 52;

const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fefa_3800);
const LN2_LOW: f64 = f64::from_bits(0x3d2e_f357_93c7_6730);
/// Of `log1p(r) - r + r * r / 2`, scaled for [`log`].
const LOG_POLYNOMIAL: [f64; 6] = [
    -2.0 * f64::from_bits(0x3fd5_5555_5555_5560),
    -2.0 * f64::from_bits(0xbfd0_0000_0000_0006),
    4.0 * f64::from_bits(0x3fc9_9999_9959_554e),
    4.0 * f64::from_bits(0xbfc5_5555_5529_a47a),
    -8.0 * f64::from_bits(0x3fc2_495b_9b48_45e9),
    -8.0 * f64::from_bits(0xbfc0_002b_8b26_3fc3),
];
const INVERSE_LN2: f64 = 128.0 * f64::from_bits(0x3ff7_1547_652b_82fe);
const NEGATIVE_LN2_HIGH: f64 = f64::from_bits(0xbf76_2e42_fefa_0000);
const NEGATIVE_LN2_LOW: f64 = f64::from_bits(0xbd0c_f79a_bc9e_3b3a);
/// Added to a double, it leaves the nearest integer in the lowest bits.
const SHIFT: f64 = 1.5 * (1_u64 << FRACTION) as f64;
/// Of `exp(r) - 1 - r`, divided by `r * r`.
const EXP_POLYNOMIAL: [f64; 4] = [
    f64::from_bits(0x3fdf_ffff_ffff_fdbd),
    f64::from_bits(0x3fc5_5555_5555_543c),
    f64::from_bits(0x3fa5_5555_cf17_2b91),
    f64::from_bits(0x3f81_1111_67a4_d017),
];

/// `x` to the power of `y`; `nan` for a negative `x` and a `y` that is no integer.
pub(super) fn pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let odd = y.abs() < 9_007_199_254_740_992.0 && y % 2.0 != 0.0 && y.fract() == 0.0;
    let sign = match x.is_sign_negative() && odd {
        true => SIGN,
        false => 0,
    };
    let signed = |magnitude: f64| f64::from_bits(magnitude.to_bits() | sign);
    if x == 0.0 || x.is_infinite() || y.is_infinite() {
        let base = x.abs();
        let grows = (base > 1.0) == (y > 0.0);
        return match (base == 1.0, grows) {
            (true, _) => 1.0,
            (false, true) => signed(f64::INFINITY),
            (false, false) => signed(0.0),
        };
    }
    if x < 0.0 && y.fract() != 0.0 {
        return f64::NAN;
    }
    let base = x.abs();
    if base == 1.0 {
        return signed(1.0);
    }
    match exponent_of(y) {
        // `1 + y * log(x)`
        ..-65 => return if base > 1.0 { 1.0 + y } else { 1.0 - y },
        63.. => {
            let grows = (base > 1.0) == (y > 0.0);
            return signed(if grows { f64::INFINITY } else { 0.0 });
        }
        _ => {}
    }
    // A subnormal is made normal, with an exponent that a double does not have.
    let bits = match base.to_bits() >> FRACTION {
        0 => (base * (1_u64 << FRACTION) as f64)
            .to_bits()
            .wrapping_sub(u64::from(FRACTION) << FRACTION),
        _ => base.to_bits(),
    };
    let (high, low) = log(bits);
    let product = y * high;
    let rest = y.mul_add(low, y.mul_add(high, -product));
    exp(product, rest, sign)
}

fn exponent_of(value: f64) -> i64 {
    (value.to_bits() >> FRACTION & 0x7ff).cast_signed() - 1023
}

/// The logarithm of the double with these bits, and what its rounding leaves out.
fn log(bits: u64) -> (f64, f64) {
    let above = bits.wrapping_sub(OFFSET);
    let exponent = (above.cast_signed() >> FRACTION) as f64;
    let z = f64::from_bits(bits.wrapping_sub(above & (0xfff << FRACTION)));
    let [inverse, log_c, log_c_rest] = row(&LOG, above >> (FRACTION - BITS)).map(f64::from_bits);
    let r = z.mul_add(inverse, -1.0);

    let t1 = exponent.mul_add(LN2_HIGH, log_c);
    let t2 = t1 + r;
    let low1 = exponent.mul_add(LN2_LOW, log_c_rest);
    let low2 = t1 - t2 + r;
    let ar = -0.5 * r;
    let ar2 = r * ar;
    let ar3 = r * ar2;
    let high = t2 + ar2;
    let low3 = ar.mul_add(r, -ar2);
    let low4 = t2 - high + ar2;
    let [a1, a2, a3, a4, a5, a6] = LOG_POLYNOMIAL;
    let p = ar2.mul_add(r.mul_add(a6, a5), r.mul_add(a4, a3));
    let p = ar2.mul_add(p, r.mul_add(a2, a1));
    let low = ar3.mul_add(p, low1 + low2 + low3 + low4);
    let result = high + low;
    (result, high - result + low)
}

/// `exp(x + rest)` with a sign.
fn exp(x: f64, rest: f64, sign: u64) -> f64 {
    let mut special = false;
    match exponent_of(x) {
        ..-54 => return f64::from_bits((1.0 + x).to_bits() | sign),
        10.. => {
            let result = if x < 0.0 { 0.0 } else { f64::INFINITY };
            return f64::from_bits(result.to_bits() | sign);
        }
        9 => special = true,
        _ => {}
    }
    let shifted = x.mul_add(INVERSE_LN2, SHIFT);
    let k = shifted.to_bits();
    let whole = shifted - SHIFT;
    let r = whole.mul_add(NEGATIVE_LN2_LOW, whole.mul_add(NEGATIVE_LN2_HIGH, x)) + rest;
    let [tail, scale] = row(&EXP, k);
    let scale = scale
        .wrapping_add(k << (FRACTION - BITS))
        .wrapping_add(sign);
    let r2 = r * r;
    let [c2, c3, c4, c5] = EXP_POLYNOMIAL;
    let tail = r2.mul_add(r.mul_add(c3, c2), f64::from_bits(tail) + r);
    let tail = (r2 * r2).mul_add(r.mul_add(c5, c4), tail);
    if special {
        return exp_special(tail, scale, k);
    }
    let scale = f64::from_bits(scale);
    scale.mul_add(tail, scale)
}

/// `scale + scale * tail` where the exponent of the scale is beyond that of a double, or the result may be subnormal.
fn exp_special(tail: f64, scale: u64, k: u64) -> f64 {
    let power = |exponent: i64| f64::from_bits((exponent + 1023).cast_unsigned() << FRACTION);
    if k & 0x8000_0000 == 0 {
        let scale = f64::from_bits(scale.wrapping_sub(1009 << FRACTION));
        return power(1009) * scale.mul_add(tail, scale);
    }
    let bits = scale.wrapping_add(1022 << FRACTION);
    let scale = f64::from_bits(bits);
    let addend = scale * tail;
    let mut result = scale + addend;
    if result.abs() < 1.0 {
        // Rounded to the bits of the subnormal, so that it is not rounded twice.
        let one = 1.0_f64.copysign(result);
        let low = scale - result + addend;
        let high = one + result;
        let low = one - high + result + low;
        result = high + low - one;
        if result == 0.0 {
            result = f64::from_bits(bits & SIGN);
        }
    }
    power(-1022) * result
}

/// The row of a number's lowest bits.
fn row<const N: usize>(table: &[[u64; N]; 128], number: u64) -> [u64; N] {
    let index = crate::size::clamped(number % 128);
    table.get(index).copied().unwrap_or([0; N])
}
