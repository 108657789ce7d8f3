//! The two buffers that JavaScript and Rust share: one for input, one for output.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The size that either buffer keeps between two calls, in bytes.
const KEPT: usize = 1 << 20;

/// Makes room for `length` bytes of input, and returns its address.
#[wasm_bindgen]
pub fn reserve(length: usize) -> usize {
    INPUT.with_borrow_mut(|input| {
        if input.len() < length || input.len() > KEPT.max(length) {
            *input = vec![0; length];
        }
        input.as_ptr().addr()
    })
}

/// Reads the first `length` bytes of the input.
pub(crate) fn read<T>(length: usize, with: impl FnOnce(&[u8]) -> T) -> T {
    INPUT.with_borrow(|input| with(input.get(..length).unwrap_or_default()))
}

/// Puts `bytes` into the output.
pub(crate) fn write(bytes: Vec<u8>) {
    OUTPUT.set(bytes);
}

/// The address of the output.
#[wasm_bindgen]
pub fn output() -> usize {
    OUTPUT.with_borrow(|output| output.as_ptr().addr())
}

/// The length of the output in bytes.
#[wasm_bindgen]
pub fn output_length() -> usize {
    OUTPUT.with_borrow(Vec::len)
}
