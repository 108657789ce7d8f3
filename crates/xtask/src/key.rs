//! A new key in the format that `crates/store/src/key.rs` parses:
//! `cue_<organisation 12>_<key id 12>_<secret 32><checksum 6>`, all in base 36.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A random key of a random organisation.
pub fn generate() -> Result<String> {
    let body = format!("cue_{}_{}_{}", random(12)?, random(12)?, random(32)?);
    let checksum = checksum(&body);
    Ok(body + &checksum)
}

fn random(chars: usize) -> Result<String> {
    // A byte from 252 up would favour the first digits.
    let mut text = String::with_capacity(chars);
    while text.len() < chars {
        let mut bytes = [0u8; 64];
        getrandom::fill(&mut bytes)
            .ok()
            .context("the system has no random numbers")?;
        text.extend(
            bytes
                .into_iter()
                .filter(|byte| *byte < 252)
                .map(|byte| char::from(BASE36[usize::from(byte % 36)]))
                .take(chars - text.len()),
        );
    }
    Ok(text)
}

fn checksum(body: &str) -> String {
    let digest = Sha256::digest(body);
    let mut rest = digest
        .iter()
        .take(8)
        .fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let mut digits = String::new();
    for _ in 0..6 {
        digits.push(char::from(BASE36[(rest % 36) as usize]));
        rest /= 36;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_the_stores() {
        let key = generate().unwrap();
        let parts: Vec<usize> = key.split('_').map(str::len).collect();
        assert_eq!(parts, [3, 12, 12, 38]);
        assert_eq!(checksum(&key[..key.len() - 6]), key[key.len() - 6..]);
        assert_ne!(key, generate().unwrap());
    }
}
