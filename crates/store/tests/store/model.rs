//! A model of the store in a few maps: a second, independent definition of each operation.

use std::collections::BTreeMap;

use cuecard_prompt::Code;

/// The number of projects. The first one is the organisation's first.
pub(crate) const PROJECTS: usize = 3;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    pub(crate) clock: u64,
    pub(crate) shared_revision: u64,
    pub(crate) projects: [Project; PROJECTS],
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Project {
    pub(crate) revision: u64,
    pub(crate) prompts: BTreeMap<&'static str, Prompt>,
    pub(crate) drafts: BTreeMap<(&'static str, Option<&'static str>), Draft>,
    pub(crate) events: Vec<(u64, &'static str)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Prompt {
    /// Text and revision of each version.
    pub(crate) versions: Vec<(String, u64)>,
    pub(crate) tags: BTreeMap<&'static str, Pointer>,
    pub(crate) name: Option<String>,
    /// By name: the number in the case's inputs, and the case's revision.
    pub(crate) cases: BTreeMap<&'static str, (i64, u64)>,
    pub(crate) shared: bool,
    pub(crate) deleted: bool,
    pub(crate) revision: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pointer {
    pub(crate) at: Option<u32>,
    pub(crate) revision: u64,
    /// The targets of roll-backs, the next one last.
    back: Vec<u32>,
    /// Revision, from, to.
    pub(crate) moves: Vec<(u64, Option<u32>, Option<u32>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draft {
    pub(crate) text: String,
    pub(crate) base: Option<u32>,
    pub(crate) revision: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    Anything,
    Absent,
    Present,
    /// Unchanged since the revision this many changes ago; -1 is in the future.
    Unchanged(i64),
}

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Commit(String, Vec<&'static str>),
    Set(&'static str, u32),
    Rollback(&'static str),
    DeleteTag(&'static str),
    PutDraft(String, Option<&'static str>),
    CommitDraft(Vec<&'static str>, Option<&'static str>),
    DeleteDraft(Option<&'static str>),
    PutCase(&'static str, i64),
    DeleteCase(&'static str),
    Rename(Option<String>),
    Share(bool),
    Delete,
    Restore,
    Purge,
    Duplicate(Option<&'static str>, &'static str),
}

type Outcome = Result<u32, Code>;

impl Model {
    /// Applies `op` to the prompt `slug` in project `p`, and returns the version that it affects, or 0.
    pub(crate) fn apply(&mut self, p: usize, slug: &'static str, when: When, op: &Op) -> Outcome {
        match op {
            Op::Commit(text, tags) => {
                let create = matches!(when, When::Absent);
                let head = self.committable(p, slug, create)?;
                self.check(when, head)?;
                self.commit(p, slug, text, tags, "prompt.commit")
            }
            Op::Set(tag, to) => {
                let prompt = self.writable(p, slug)?;
                let current = prompt.current(tag);
                let head = prompt.head();
                self.check(when, current.map(|(_, revision)| revision))?;
                if *to > head {
                    return Err(Code::VersionNotFound);
                }
                let there = current.is_some_and(|(at, _)| at == *to);
                if !there || matches!(when, When::Unchanged(_)) {
                    let revision = self.visible_change(p, slug, "tag.set");
                    self.own(p, slug).point(tag, *to, revision);
                }
                Ok(*to)
            }
            Op::Rollback(tag) => {
                let current = self.writable(p, slug)?.current(tag);
                self.check(when, current.map(|(_, revision)| revision))?;
                let mut pointer = self.writable(p, slug)?.tags.get(tag).cloned();
                let pointer = pointer.as_mut().ok_or(Code::TagNotFound)?;
                let to = pointer.back.pop().ok_or(Code::VersionNotFound)?;
                let revision = self.visible_change(p, slug, "tag.rollback");
                pointer.moves.push((revision, pointer.at, Some(to)));
                (pointer.at, pointer.revision) = (Some(to), revision);
                self.own(p, slug).tags.insert(tag, pointer.clone());
                Ok(to)
            }
            Op::DeleteTag(tag) => {
                let current = self.writable(p, slug)?.current(tag);
                self.check(when, current.map(|(_, revision)| revision))?;
                let (at, _) = current.ok_or(Code::TagNotFound)?;
                let revision = self.visible_change(p, slug, "tag.delete");
                let pointer = self.own(p, slug).tags.entry(tag).or_default();
                pointer.moves.push((revision, Some(at), None));
                pointer.back.push(at);
                pointer.at = None;
                Ok(0)
            }
            Op::PutDraft(text, author) => {
                let key = (slug, *author);
                self.committable(p, slug, matches!(when, When::Absent))?;
                let draft = self.projects[p].drafts.get(&key).cloned();
                self.check(when, draft.as_ref().map(|draft| draft.revision))?;
                let head = self.projects[p].prompts.get(slug).map(Prompt::head);
                let draft = Draft {
                    text: text.clone(),
                    base: draft.map_or(head, |draft| draft.base),
                    revision: self.change(p, "draft.put"),
                };
                self.projects[p].drafts.insert(key, draft);
                Ok(0)
            }
            Op::CommitDraft(tags, author) => {
                let key = (slug, *author);
                let draft = self.projects[p].drafts.get(&key).cloned();
                self.check(when, draft.as_ref().map(|draft| draft.revision))?;
                let draft = draft.ok_or(Code::DraftNotFound)?;
                let head = self.committable(p, slug, false)?;
                if head.is_some() && matches!(when, When::Unchanged(_)) {
                    self.check(when, head)?;
                }
                self.projects[p].drafts.remove(&key);
                let before = self.clock;
                let version = self.commit(p, slug, &draft.text, tags, "draft.commit");
                if self.clock == before {
                    self.change(p, "draft.commit");
                }
                version
            }
            Op::DeleteDraft(author) => {
                let key = (slug, *author);
                let draft = self.projects[p]
                    .drafts
                    .get(&key)
                    .map(|draft| draft.revision);
                self.check(when, draft)?;
                draft.ok_or(Code::DraftNotFound)?;
                self.projects[p].drafts.remove(&key);
                self.change(p, "draft.delete");
                Ok(0)
            }
            Op::PutCase(name, number) => {
                let prompt = self.writable(p, slug)?;
                let at = prompt.cases.get(name).map(|(_, revision)| *revision);
                self.check(when, at)?;
                let revision = self.change(p, "case.put");
                self.own(p, slug).cases.insert(name, (*number, revision));
                Ok(0)
            }
            Op::DeleteCase(name) => {
                let prompt = self.writable(p, slug)?;
                let at = prompt.cases.get(name).map(|(_, revision)| *revision);
                self.check(when, at)?;
                at.ok_or(Code::CaseNotFound)?;
                self.own(p, slug).cases.remove(name);
                self.change(p, "case.delete");
                Ok(0)
            }
            Op::Rename(name) => {
                let prompt = self.writable(p, slug)?;
                let (revision, same) = (prompt.revision, prompt.name == *name);
                self.check(when, Some(revision))?;
                if !same {
                    self.visible_change(p, slug, "prompt.update");
                    self.own(p, slug).name.clone_from(name);
                }
                Ok(0)
            }
            Op::Share(shared) => {
                let prompt = self.writable(p, slug)?;
                let (revision, same) = (prompt.revision, prompt.shared == *shared);
                self.check(when, Some(revision))?;
                if same {
                    return Ok(0);
                }
                let mut all = self.projects.iter();
                if *shared && all.any(|other| other.prompts.get(slug).is_some_and(|p| p.shared)) {
                    return Err(Code::SlugTaken);
                }
                // The change is visible to everyone who can read the prompt before or after it.
                self.own(p, slug).shared = true;
                self.visible_change(p, slug, "prompt.update");
                self.own(p, slug).shared = *shared;
                Ok(0)
            }
            Op::Delete => {
                let revision = self.writable(p, slug)?.revision;
                self.check(when, Some(revision))?;
                self.visible_change(p, slug, "prompt.delete");
                self.own(p, slug).deleted = true;
                Ok(0)
            }
            Op::Restore => {
                let prompt = self.projects[p].prompts.get(slug);
                if prompt.ok_or(Code::PromptNotFound)?.deleted {
                    self.visible_change(p, slug, "prompt.restore");
                    self.own(p, slug).deleted = false;
                }
                Ok(0)
            }
            Op::Purge => {
                let prompt = self.projects[p].prompts.get(slug);
                if !prompt.ok_or(Code::PromptNotFound)?.deleted {
                    return Err(Code::PreconditionFailed);
                }
                self.projects[p].prompts.remove(slug);
                self.projects[p].drafts.retain(|(of, _), _| *of != slug);
                self.projects[p].revision = self.change(p, "prompt.purge");
                Ok(0)
            }
            Op::Duplicate(tag, to) => {
                let source = self.readable(p, slug).ok_or(Code::PromptNotFound)?;
                let version = match tag {
                    Some(tag) => source.current(tag).ok_or(Code::TagNotFound)?.0,
                    None => source.head(),
                };
                if self.projects[p].prompts.contains_key(to) {
                    return Err(Code::SlugTaken);
                }
                let text = source.versions[version as usize - 1].0.clone();
                let (name, cases) = (source.name.clone(), source.cases.clone());
                let version = self.commit(p, to, &text, &[], "prompt.duplicate");
                let revision = self.clock;
                let cases = cases
                    .into_iter()
                    .map(|(name, (number, _))| (name, (number, revision)));
                let made = self.own(p, to);
                (made.name, made.cases) = (name, cases.collect());
                version
            }
        }
    }

    pub(crate) fn readable(&self, p: usize, slug: &str) -> Option<&Prompt> {
        let mut others = self
            .projects
            .iter()
            .filter_map(|other| other.prompts.get(slug));
        let own = self.projects[p].prompts.get(slug);
        own.filter(|prompt| !prompt.deleted)
            .or_else(|| others.find(|prompt| prompt.shared && !prompt.deleted))
    }

    pub(crate) fn revision(&self, p: usize) -> u64 {
        self.projects[p].revision.max(self.shared_revision)
    }

    fn writable(&self, p: usize, slug: &str) -> Result<&Prompt, Code> {
        let prompt = self.readable(p, slug).ok_or(Code::PromptNotFound)?;
        let own = self.projects[p].prompts.get(slug);
        own.filter(|own| !own.deleted)
            .and(Some(prompt))
            .ok_or(Code::NotOwner)
    }

    /// The revision of the newest version, or `None` for a new prompt.
    fn committable(&self, p: usize, slug: &str, create: bool) -> Result<Option<u64>, Code> {
        match self.projects[p].prompts.get(slug) {
            Some(own) if own.deleted => Err(Code::SlugTaken),
            Some(own) => Ok(own.versions.last().map(|(_, revision)| *revision)),
            None if !create && self.readable(p, slug).is_some() => Err(Code::NotOwner),
            None => Ok(None),
        }
    }

    fn check(&self, when: When, changed: Option<u64>) -> Result<(), Code> {
        let holds = match when {
            When::Anything => true,
            When::Absent => changed.is_none(),
            When::Present => changed.is_some(),
            When::Unchanged(ago) => {
                let seen = (self.clock as i64 - ago).max(0);
                ago >= 0 && changed.is_some_and(|at| at as i64 <= seen)
            }
        };
        holds.then_some(()).ok_or(Code::PreconditionFailed)
    }

    fn own(&mut self, p: usize, slug: &'static str) -> &mut Prompt {
        self.projects[p].prompts.entry(slug).or_default()
    }

    fn change(&mut self, p: usize, action: &'static str) -> u64 {
        self.clock += 1;
        self.projects[p].events.push((self.clock, action));
        self.clock
    }

    fn visible_change(&mut self, p: usize, slug: &'static str, action: &'static str) -> u64 {
        let revision = self.change(p, action);
        let prompt = self.own(p, slug);
        prompt.revision = revision;
        if prompt.shared {
            self.shared_revision = revision;
        } else {
            self.projects[p].revision = revision;
        }
        revision
    }

    fn commit(
        &mut self,
        p: usize,
        slug: &'static str,
        text: &str,
        tags: &[&'static str],
        action: &'static str,
    ) -> Outcome {
        let before = self.projects[p]
            .prompts
            .get(slug)
            .cloned()
            .unwrap_or_default();
        let is_first = before.versions.is_empty();
        let created = before
            .versions
            .last()
            .is_none_or(|(newest, _)| newest != text);
        let head = before.head() + u32::from(created);
        let moves = |tag: &&&'static str| before.current(tag).is_none_or(|(at, _)| at != head);
        let mut to_move: Vec<&'static str> = tags.iter().filter(moves).copied().collect();
        if is_first {
            to_move.push("production");
        }
        to_move.sort_unstable();
        to_move.dedup();
        if created || !to_move.is_empty() {
            let revision = self.visible_change(p, slug, action);
            let prompt = self.own(p, slug);
            if created {
                prompt.versions.push((text.to_owned(), revision));
            }
            for tag in to_move {
                prompt.point(tag, head, revision);
            }
        }
        Ok(head)
    }
}

impl Prompt {
    pub(crate) fn head(&self) -> u32 {
        self.versions.len() as u32
    }

    pub(crate) fn current(&self, tag: &str) -> Option<(u32, u64)> {
        let pointer = self.tags.get(tag)?;
        pointer.at.map(|at| (at, pointer.revision))
    }

    fn point(&mut self, tag: &'static str, to: u32, revision: u64) {
        let pointer = self.tags.entry(tag).or_default();
        pointer.moves.push((revision, pointer.at, Some(to)));
        pointer.back.extend(pointer.at.filter(|at| *at != to));
        (pointer.at, pointer.revision) = (Some(to), revision);
    }
}
