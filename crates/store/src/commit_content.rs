//! Content that may be committed: a document, checked, as it is stored.

use cuecard_prompt::jinja::Template;
use cuecard_prompt::{Code, Document, Error, Prompt, Result};

use crate::exports;

/// Content that may be committed.
pub(crate) struct CommitContent {
    json: String,
    hash: String,
    /// [`exports::export`]
    export: Option<String>,
}

impl CommitContent {
    /// Compiles a document.
    pub(crate) fn compile(document: &Document) -> Result<Self> {
        let mut left = Template::MAX_TOKENS;
        Self::compile_within(document, &mut left)
    }

    /// Compiles one of several documents that share what is `left` of the tokens.
    pub(crate) fn compile_within(document: &Document, left: &mut usize) -> Result<Self> {
        let prompt = Prompt::compile_within(document, left)?;
        let content = Self::of(document)?;
        Ok(Self {
            export: Some(exports::export(document, &prompt)?),
            ..content
        })
    }

    /// A document as it is stored, compiled or not.
    pub(crate) fn of(document: &Document) -> Result<Self> {
        let json = serde_json::to_string(document)
            .map_err(|_| Error::new(Code::Internal, "a document cannot be written"))?;
        if json.len() > Document::MAX_BYTES {
            let detail = format!(
                "a document has at most {} bytes, this one {}",
                Document::MAX_BYTES,
                json.len()
            );
            return Err(Error::new(Code::LimitExceeded, detail));
        }
        let hash = document.hash()?;
        Ok(Self {
            json,
            hash,
            export: None,
        })
    }

    /// The earlier version with the same content.
    pub(crate) fn stored(json: String, hash: String) -> Self {
        Self {
            json,
            hash,
            export: None,
        }
    }

    pub(crate) fn hash(&self) -> &str {
        &self.hash
    }

    pub(crate) fn json(&self) -> &str {
        &self.json
    }

    pub(crate) fn export(&self) -> Option<&str> {
        self.export.as_deref()
    }
}
