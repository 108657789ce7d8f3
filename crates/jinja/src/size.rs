//! Conversions of Python's integers to sizes and indices. `usize` has 32 bits in wasm: a number that does not fit
//! must not be taken for another one, so every conversion is in this file.

/// A count: 0 for a negative number, and the largest size for one too large, which a limit then stops.
pub(crate) fn clamped(number: impl Into<i128>) -> usize {
    usize::try_from(number.into().max(0)).unwrap_or(usize::MAX)
}

/// The same number, where it fits a size.
pub(super) fn exact(number: impl Into<i128>) -> Option<usize> {
    usize::try_from(number.into()).ok()
}

/// The position that an index means in a sequence; negative ones count from the end.
pub(super) fn within(index: i128, len: usize) -> Option<usize> {
    let len = wide(len);
    let index = if index < 0 { index + len } else { index };
    exact(index).filter(|index| wide(*index) < len)
}

/// Every size fits.
pub(super) fn wide(size: usize) -> i128 {
    size as i128
}

/// An index.
pub(super) fn slot(number: u32) -> usize {
    number as usize
}

/// The first float that no integer of 128 bits is: `2 ** 127`.
pub(crate) const END: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;

/// A float without its fraction, where that has at most 128 bits.
pub(crate) fn truncated(value: f64) -> Option<i128> {
    (-END..END).contains(&value).then_some(value as i128)
}
