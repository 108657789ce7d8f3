//! Clients that read, wait and write, in every order of their steps.

use cuecard_prompt::{Code, Selector};
use cuecard_store::Expect;

use crate::support::*;

const CLIENTS: usize = 3;

/// The index of a client, and its step: 0 reads, 1 writes.
type Step = (usize, usize);

/// Every order in which the clients can take their two steps.
fn every_order() -> Vec<Vec<Step>> {
    let mut orders = vec![Vec::new()];
    for _ in 0..2 * CLIENTS {
        let longer = |order: Vec<Step>| {
            (0..CLIENTS).filter_map(move |client| {
                let taken = order.iter().filter(|(other, _)| *other == client).count();
                let mut order = order.clone();
                order.push((client, taken));
                (taken < 2).then_some(order)
            })
        };
        orders = orders.into_iter().flat_map(longer).collect();
    }
    assert_eq!(orders.len(), 90);
    orders
}

#[test]
fn whoever_read_before_the_last_write_loses() {
    let org = Org::new();
    for (number, order) in every_order().iter().enumerate() {
        let name = format!("p{number}");
        for text in ["1", "2", "3"] {
            org.commit(&org.admin, &name, text).unwrap();
        }
        let (slug, production) = (slug(&name), tag("production"));
        let mut seen = [None; CLIENTS];
        let mut last = None;
        for (at, (client, step)) in order.iter().enumerate() {
            let current = org
                .store
                .tag(&org.admin, &slug, &production)
                .unwrap()
                .revision;
            if *step == 0 {
                seen[*client] = Some((at, current));
                continue;
            }
            let (read_at, revision) = seen[*client].unwrap();
            let ctx = org.ctx(&org.admin);
            let version = v(*client as u32 + 1);
            let outcome = org.store.set_tag(
                &ctx,
                &slug,
                &production,
                version,
                Expect::Unchanged(revision),
            );
            if last.is_none_or(|(wrote_at, _)| wrote_at < read_at) {
                outcome.unwrap();
                last = Some((at, version));
            } else {
                assert_eq!(code(outcome), Code::PreconditionFailed, "{order:?}");
            }
        }
        let tag = org.store.tag(&org.admin, &slug, &production).unwrap();
        assert_eq!(tag.version, last.unwrap().1);
    }
}

#[test]
fn of_commits_on_one_version_one_wins() {
    let org = Org::new();
    for (number, order) in every_order().iter().enumerate() {
        let name = format!("p{number}");
        org.commit(&org.admin, &name, "first").unwrap();
        let mut seen = [None; CLIENTS];
        let mut versions = 1;
        for (client, step) in order {
            if *step == 0 {
                let latest = org
                    .store
                    .resolve(&org.admin, &slug(&name), &Selector::Latest)
                    .unwrap();
                seen[*client] = Some((latest.revision, versions));
                continue;
            }
            let (revision, at_read) = seen[*client].unwrap();
            let text = format!("client {client}");
            let expect = Expect::Unchanged(revision);
            let outcome = org.commit_with(&org.admin, &name, &text, &[], expect);
            if at_read == versions {
                versions += 1;
                assert_eq!(outcome.unwrap().value.version.version, v(versions));
            } else {
                assert_eq!(code(outcome), Code::PreconditionFailed);
            }
        }
    }
}
