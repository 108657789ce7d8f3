//! Texts in JavaScript's form.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::buffer;

/// Whether every half of a surrogate pair has its other half, in `length` bytes of UTF-16LE in the input.
#[wasm_bindgen]
pub fn is_well_formed(length: usize) -> bool {
    buffer::read(length, |bytes| well_formed(bytes.as_chunks().0))
}

/// A unit is a high half exactly if the next is a low one. Without a branch, so that it is vectorised.
fn well_formed(units: &[[u8; 2]]) -> bool {
    let kind = |unit: [u8; 2]| u16::from_le_bytes(unit) & 0xfc00;
    let starts_low = units.first().is_some_and(|unit| kind(*unit) == 0xdc00);
    let ends_high = units.last().is_some_and(|unit| kind(*unit) == 0xd800);
    let next = units.get(1..).unwrap_or_default();
    let alone =
        |(unit, next): (&[u8; 2], &[u8; 2])| (kind(*unit) == 0xd800) != (kind(*next) == 0xdc00);
    !starts_low
        && !ends_high
        && !units
            .iter()
            .zip(next)
            .fold(false, |any, pair| any | alone(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library_decodes() {
        let kinds = [
            0x0061, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff,
        ];
        let mut texts = vec![Vec::<u16>::new()];
        for _ in 0..5 {
            let longer: Vec<_> = texts
                .iter()
                .flat_map(|text| kinds.map(|unit| [&text[..], &[unit]].concat()))
                .collect();
            for text in &longer {
                let bytes: Vec<_> = text.iter().map(|unit| unit.to_le_bytes()).collect();
                assert_eq!(
                    well_formed(&bytes),
                    String::from_utf16(text).is_ok(),
                    "{text:x?}"
                );
            }
            texts = longer;
        }
        assert!(well_formed(&[]));
    }
}
