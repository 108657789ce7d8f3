//! Randomness, as an argument.

use std::fmt;

use sha2::{Digest, Sha256};

pub(crate) const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// 32 random bytes, from which an operation derives all its random values.
#[derive(Clone)]
pub struct Entropy([u8; 32]);

impl Entropy {
    /// From bytes of a cryptographic generator.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Uniform characters `[a-z0-9]`, different ones for every purpose.
    pub(crate) fn base36(&self, purpose: &str, chars: usize) -> String {
        let blocks = (0u32..).flat_map(|block| {
            let block = block.to_le_bytes();
            let hash = Sha256::new().chain_update(self.0).chain_update(purpose);
            hash.chain_update(block).finalize()
        });
        // 252 is the largest multiple of 36 in a byte: larger values would favour the first digits.
        let digits = blocks.filter(|byte| *byte < 252);
        let text = digits.filter_map(|byte| BASE36.get(usize::from(byte % 36)));
        text.take(chars).copied().map(char::from).collect()
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(…)")
    }
}
