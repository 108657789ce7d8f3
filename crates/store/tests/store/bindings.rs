//! Tests the revision at which a slug last changed its meaning: a reader that keeps a version has to ask again only
//! when [`Standing::bindings`] passes the revision of its read.

use std::collections::HashMap;

use cuecard_prompt::{Code, Selector};
use cuecard_store::{Expect, Principal, PromptPatch, Scope, Sql, Standing, Store};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::support::*;

/// Readers that keep every version for ever.
#[derive(Default)]
pub(crate) struct Keepers {
    /// By project, slug and version: the version's own revision, and the project's revision at the read.
    kept: HashMap<(usize, &'static str, u32), (u64, u64)>,
    bindings: HashMap<usize, u64>,
}

impl Keepers {
    /// Reads the first versions of every slug, and compares them with the kept ones. `rebinds` tells whether a change
    /// since the last call may change the meaning of a slug.
    pub(crate) fn look<S: Sql>(
        &mut self,
        store: &Store<S>,
        actors: &[Principal],
        slugs: &[&'static str],
        rebinds: bool,
    ) -> TestCaseResult {
        for (p, actor) in actors.iter().enumerate() {
            let Standing {
                revision, bindings, ..
            } = store.standing(actor).unwrap();
            prop_assert!(bindings <= revision);
            let before = self.bindings.insert(p, bindings.get());
            let same = before.is_none_or(|before| before == bindings.get());
            prop_assert!(
                same || rebinds,
                "`bindings` moved although no slug changed its meaning"
            );
            for name in slugs {
                for number in 1..=2 {
                    let key = (p, *name, number);
                    let selector = Selector::Version(v(number));
                    let now = store.pointer(actor, &slug(name), &selector).ok();
                    let now = now.map(|pointer| pointer.revision.get());
                    if let Some((made, at)) = self.kept.get(&key)
                        && *at >= bindings.get()
                    {
                        prop_assert_eq!(now, Some(*made), "{:?} kept at {}", key, at);
                    }
                    match now {
                        Some(made) => self.kept.insert(key, (made, revision.get())),
                        None => self.kept.remove(&key),
                    };
                }
            }
        }
        Ok(())
    }
}

fn share(org: &Org, actor: &Principal, name: &str, scope: Scope) {
    let patch = PromptPatch {
        scope: Some(scope),
        ..PromptPatch::default()
    };
    let done = org
        .store
        .update_prompt(&org.ctx(actor), &slug(name), &patch, Expect::Anything);
    done.unwrap();
}

fn standing(org: &Org, actor: &Principal) -> (u64, u64) {
    let Standing {
        revision, bindings, ..
    } = org.store.standing(actor).unwrap();
    (revision.get(), bindings.get())
}

#[test]
fn what_changes_the_meaning_of_a_slug_and_for_whom() {
    let org = Org::new();
    let (a, b) = (&org.admin, &org.project("beta"));
    let seen = || (standing(&org, a), standing(&org, b));
    org.commit(a, "x", "theirs").unwrap();
    org.commit(a, "x", "theirs, better").unwrap();
    share(&org, a, "x", Scope::Organization);
    let ((shared, none), (also, nor)) = seen();
    assert_eq!((none, nor), (0, 0), "commits and sharing change no meaning");
    assert_eq!(shared, also);

    org.commit_with(b, "x", "ours", &[], Expect::Absent)
        .unwrap();
    let ((_, a_before), (hidden, b_now)) = seen();
    assert_eq!(
        (a_before, b_now),
        (0, hidden),
        "an own prompt hides the shared one from its project"
    );
    org.commit(b, "x", "ours, better").unwrap();
    assert_eq!(
        standing(&org, b).1,
        hidden,
        "the own prompt's next version changes no meaning"
    );

    share(&org, a, "x", Scope::Project);
    let ((withdrawn, a_now), (_, b_now)) = seen();
    assert_eq!(
        (a_now, b_now),
        (withdrawn, withdrawn),
        "the end of a share changes the meaning for all projects"
    );

    let delete = |actor: &Principal, name: &str| {
        let ctx = org.ctx(actor);
        let done = org.store.delete_prompt(&ctx, &slug(name), Expect::Anything);
        done.unwrap();
    };
    delete(b, "x");
    let ((_, a_now), (deleted, b_now)) = seen();
    assert_eq!(
        (a_now, b_now),
        (withdrawn, deleted),
        "a deletion changes the meaning for its project"
    );
    org.store.restore_prompt(&org.ctx(b), &slug("x")).unwrap();
    assert_eq!(
        standing(&org, b).1,
        deleted,
        "a restored prompt keeps its meaning"
    );
}

#[test]
fn a_restore_changes_a_meaning_only_where_a_shared_prompt_was_read_meanwhile() {
    for gone in [false, true] {
        let org = Org::new();
        let (a, b) = (&org.admin, &org.project("beta"));
        let delete = |actor: &Principal| {
            let done = org
                .store
                .delete_prompt(&org.ctx(actor), &slug("x"), Expect::Anything);
            done.unwrap();
        };
        org.commit(b, "x", "theirs").unwrap();
        share(&org, b, "x", Scope::Organization);
        if gone {
            delete(b);
        }
        org.commit_with(a, "x", "ours", &[], Expect::Absent)
            .unwrap();
        delete(a);
        let deleted = standing(&org, a).1;
        org.store.restore_prompt(&org.ctx(a), &slug("x")).unwrap();
        let (restored, bindings) = standing(&org, a);
        let expected = if gone { deleted } else { restored };
        assert_eq!(bindings, expected, "the shared prompt is deleted: {gone}");
    }
}

#[test]
fn a_duplicate_and_a_draft_hide_a_shared_prompt_too() {
    let org = Org::new();
    let (a, b) = (&org.admin, &org.project("beta"));
    for name in ["x", "y"] {
        org.commit(a, name, "theirs").unwrap();
        share(&org, a, name, Scope::Organization);
    }
    let ctx = org.ctx(b);
    let done = org
        .store
        .duplicate_prompt(&ctx, &slug("x"), &Selector::Latest, &slug("y"));
    let done = done.unwrap().revision.get();
    assert_eq!(standing(&org, b), (done, done));
    assert_eq!(standing(&org, a).1, 0);

    let put = org.store.put_draft(
        &org.ctx(b),
        &slug("x"),
        &draft(&document("ours"), Expect::Absent),
    );
    put.unwrap();
    let done = org
        .store
        .commit_draft(&org.ctx(b), &slug("x"), &Default::default());
    assert_eq!(done.map(|_| ()).map_err(|e| e.code()), Err(Code::NotOwner));
    assert_eq!(standing(&org, b).1, standing(&org, b).0);
}
