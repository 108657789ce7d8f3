//! Prompts as Athina lists them: slugs, without their templates.

use std::borrow::Cow;

use cuecard_prompt::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::api_client::{UnreadAnswer, unusable};
use super::super::spelling;
use super::super::words::{text, uuid};

/// A prompt as Athina's API writes it.
pub(super) fn slug(about: &Value, own: &Value) -> Result<Value> {
    let about = PromptFacts::deserialize(about).map_err(|_| unusable())?;
    serde_json::to_value(about.slug(own)).map_err(|_| unusable())
}

/// The answer of all prompts, of pages of the store's list.
pub(super) fn list(pages: &[UnreadAnswer], own: &Value) -> Result<String> {
    let mut slugs = Vec::new();
    for page in pages {
        let UnreadPrompts { prompts } = page.read()?;
        slugs.extend(prompts.into_iter().map(|prompt| prompt.slug(own)));
    }
    let body = SlugList {
        status: "success",
        data: Slugs { slugs },
    };
    let body = serde_json::to_string(&body);
    body.map_err(|_| Error::new(Code::Internal, "a list cannot be written"))
}

#[derive(Deserialize)]
struct UnreadPrompts<'a> {
    #[serde(borrow)]
    prompts: Vec<PromptFacts<'a>>,
}

/// The store's facts of a prompt that are read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptFacts<'a> {
    slug: Cow<'a, str>,
    project: Cow<'a, str>,
    #[serde(default)]
    labels: Labels,
    created_at: Cow<'a, str>,
    updated_at: Cow<'a, str>,
}

/// [`super::LABELS`] of a prompt.
#[derive(Default, Deserialize, Serialize)]
struct Labels {
    starred: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    directory: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<Value>,
}

impl<'a> PromptFacts<'a> {
    fn slug(self, own: &'a Value) -> SlugFacts<'a> {
        let mut labels = self.labels;
        labels.starred.get_or_insert(false.into());
        SlugFacts {
            id: slug_id(own, &self.slug),
            org_id: text(own, "organization"),
            workspace_slug: self.project,
            name: spelling::of_slug(&self.slug),
            created_by: "",
            created_at: self.created_at,
            updated_at: self.updated_at,
            labels,
        }
    }
}

#[derive(Serialize)]
struct SlugList<'a> {
    status: &'static str,
    data: Slugs<'a>,
}

#[derive(Serialize)]
struct Slugs<'a> {
    slugs: Vec<SlugFacts<'a>>,
}

/// A prompt as Athina's API writes it.
#[derive(Serialize)]
struct SlugFacts<'a> {
    id: String,
    org_id: &'a str,
    workspace_slug: Cow<'a, str>,
    name: String,
    created_by: &'static str,
    created_at: Cow<'a, str>,
    updated_at: Cow<'a, str>,
    #[serde(flatten)]
    labels: Labels,
}

/// The same id for a prompt and for its templates.
pub(super) fn slug_id(own: &Value, slug: &str) -> String {
    uuid(&[
        "slug",
        text(own, "organization"),
        text(own, "project"),
        slug,
    ])
}
