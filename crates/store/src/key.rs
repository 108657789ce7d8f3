//! API keys: `cue_<organisation>_<key id>_<secret><checksum>`.
//!
//! The organisation names the database, the id the row; nobody else knows the secret (165 bits); the
//! checksum refuses typing errors and random strings before any storage is asked.

use std::fmt;

use cuecard_prompt::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::entropy::{BASE36, Entropy};

const PREFIX: &str = "cue";
const SECRET_CHARS: usize = 32;
const CHECKSUM_CHARS: usize = 6;

/// A key, complete with its secret. `Debug` shows the organisation and the id only.
#[derive(Clone, Eq, PartialEq)]
pub struct Key {
    text: String,
    organization: OrganizationId,
    id: KeyId,
}

impl Key {
    /// Parses a key and checks its checksum.
    ///
    /// # Errors
    /// `key_malformed`
    pub fn parse(text: &str) -> Result<Self> {
        Self::take_apart(text).ok_or_else(|| {
            Error::new(
                Code::KeyMalformed,
                "a key is `cue_`, 12 characters, `_`, 12 characters, `_`, 38 characters",
            )
        })
    }

    fn take_apart(text: &str) -> Option<Self> {
        let (body, sum) = text.split_at_checked(text.len().checked_sub(CHECKSUM_CHARS)?)?;
        let mut parts = body.split('_');
        let prefix = parts.next()?;
        let (organization, id) = (parts.next()?, parts.next()?);
        let secret = parts.next()?;
        let whole = prefix == PREFIX && parts.next().is_none();
        (whole && is_base36(secret, SECRET_CHARS) && checksum(body) == sum).then_some(())?;
        Some(Self {
            text: text.to_owned(),
            organization: OrganizationId::parse(organization).ok()?,
            id: KeyId::parse(id).ok()?,
        })
    }

    /// A new key of an organisation.
    pub fn generate(organization: &OrganizationId, entropy: &Entropy) -> Self {
        let id = KeyId(entropy.base36("key id", KeyId::CHARS));
        let secret = entropy.base36("key secret", SECRET_CHARS);
        let body = format!("{PREFIX}_{organization}_{id}_{secret}");
        Self {
            text: format!("{body}{}", checksum(&body)),
            organization: organization.clone(),
            id,
        }
    }

    /// The organisation, which names the database.
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// The key's name in lists and logs.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The whole key; to be shown once and never written down.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the whole key: the stored form, which a cache may use as its key.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.text).into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({PREFIX}_{}_{}_…)", self.organization, self.id)
    }
}

fn checksum(body: &str) -> String {
    let digest = Sha256::digest(body);
    let mut rest = digest
        .iter()
        .take(8)
        .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    (0..CHECKSUM_CHARS)
        .map(|_| {
            let digit = BASE36.get((rest % 36) as usize);
            rest /= 36;
            char::from(digit.copied().unwrap_or_default())
        })
        .collect()
}

fn is_base36(text: &str, chars: usize) -> bool {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() == chars && text.bytes().all(ok)
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Deserialize, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The length, in characters `[a-z0-9]`.
            pub const CHARS: usize = 12;

            /// Parses an id.
            ///
            /// # Errors
            /// `key_malformed`
            pub fn parse(text: &str) -> Result<Self> {
                if is_base36(text, Self::CHARS) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(Error::new(Code::KeyMalformed, "an id is 12 characters `[a-z0-9]`"))
                }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> { Self::parse(&text) }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self { id.0 }
        }
    )*};
}

identifiers! {
    /// An organisation's id, which names its database.
    OrganizationId
    /// A key's public part.
    KeyId
}

impl OrganizationId {
    /// A new organisation's name.
    pub fn generate(entropy: &Entropy) -> Self {
        Self(entropy.base36("organization id", Self::CHARS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        let organization = OrganizationId::parse("acme00000000").unwrap();
        Key::generate(&organization, &Entropy::new([7; 32]))
    }

    #[test]
    fn a_key_survives_being_written() {
        let key = key();
        assert_eq!(key.expose().len(), 4 + 13 + 13 + 38);
        assert_eq!(Key::parse(key.expose()).unwrap(), key);
        assert!(!format!("{key:?}").contains(key.expose().get(30..).unwrap()));
    }

    #[test]
    fn every_single_typing_error_is_refused() {
        let key = key();
        for at in 0..key.expose().len() {
            for other in ['a', '0', '_', 'Z', 'é'] {
                let mut text: Vec<char> = key.expose().chars().collect();
                if std::mem::replace(&mut text[at], other) == other {
                    continue;
                }
                let text: String = text.into_iter().collect();
                assert_eq!(Key::parse(&text).unwrap_err().code(), Code::KeyMalformed);
            }
            assert!(Key::parse(key.expose().get(..at).unwrap()).is_err());
        }
    }

    #[test]
    fn a_million_random_strings_are_refused() {
        let (mut accepted, mut shaped) = (0, 0);
        let mut state = 1u64;
        for _ in 0..1_000_000 {
            // Knuth's MMIX generator varies 18 of the base-36 characters; the others stay the same.
            let mut random = || {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                state % 1_000_000_000
            };
            let (a, b) = (random(), random());
            let text = format!(
                "cue_acme00000000_key{a:09}_{a:09}abcdefghijklmn{b:09}x{:05}",
                b / 7 % 99_999
            );
            accepted += usize::from(Key::parse(&text).is_ok());
            shaped += usize::from(text.len() == 68);
        }
        assert_eq!(shaped, 1_000_000);
        assert_eq!(accepted, 0);
    }
}
