//! Keys, projects and roles: what each may see and do.

use cuecard_prompt::{Code, Selector};
use cuecard_store::{Entropy, Key, KeyLimits, KeyRole, Limit, NewKey, ProjectPatch, ProjectSlug};

use crate::support::*;

#[test]
fn a_key_works_until_it_is_revoked_or_expires() {
    let org = Org::new();
    let ctx = org.ctx(&org.admin);
    let new = NewKey {
        project: None,
        role: KeyRole::Read,
        name: Some("web".to_owned()),
        expires_at: Some(at(100)),
        limits: KeyLimits::default(),
    };
    let created = org.store.create_key(&ctx, &new).unwrap().value;
    let key = created.key.unwrap();
    assert_eq!(created.info.id, *key.id());
    let principal = org.store.verify(&key, at(99)).unwrap();
    assert_eq!(
        (principal.role, principal.name.as_deref()),
        (KeyRole::Read, Some("web"))
    );
    assert_eq!(code(org.store.verify(&key, at(100))), Code::KeyInvalid);
    org.store
        .revoke_key(&org.ctx(&org.admin), key.id())
        .unwrap();
    assert_eq!(code(org.store.verify(&key, at(99))), Code::KeyInvalid);

    let stranger = Key::generate(key.organization(), &Entropy::new([9; 32]));
    assert_eq!(code(org.store.verify(&stranger, at(0))), Code::KeyInvalid);
    let listed = org
        .store
        .keys(&org.admin, None, None, Limit::default())
        .unwrap()
        .items;
    assert_eq!(listed.len(), 2);
}

#[test]
fn the_secret_is_shown_once() {
    let org = Org::new();
    let mut ctx = org.ctx(&org.admin);
    ctx.idempotency = once("k", 1);
    let new = NewKey {
        project: None,
        role: KeyRole::Admin,
        name: None,
        expires_at: None,
        limits: KeyLimits::default(),
    };
    let first = org.store.create_key(&ctx, &new).unwrap();
    let mut retry = org.ctx(&org.admin);
    retry.idempotency = once("k", 1);
    let again = org.store.create_key(&retry, &new).unwrap();
    assert!(again.replayed && again.value.key.is_none());
    assert_eq!(again.value.info, first.value.info);
}

#[test]
fn nobody_locks_everybody_out() {
    let org = Org::new();
    let revoke = |key: &Key| org.store.revoke_key(&org.ctx(&org.admin), key.id());
    assert_eq!(code(revoke(&org.admin_key)), Code::LockOut);
    assert!(org.store.verify(&org.admin_key, at(0)).is_ok());
    let other = org.key("default", KeyRole::Admin);
    assert!(revoke(&org.admin_key).is_ok());
    assert_eq!(code(revoke(&other)), Code::LockOut);
    let home = ProjectSlug::parse("default").unwrap();
    let delete = org.store.delete_project(&org.ctx(&org.admin), &home);
    assert_eq!(code(delete), Code::LockOut);
}

#[test]
fn projects_do_not_see_each_other() {
    let org = Org::new();
    let beta = org.project("beta");
    org.commit(&org.admin, "p", "ours").unwrap();
    let (slug, default) = (slug("p"), Selector::default());
    assert_eq!(
        code(org.store.resolve(&beta, &slug, &default)),
        Code::PromptNotFound
    );
    assert_eq!(org.store.revision(&beta).unwrap().get(), 0);
    let theirs = org.commit(&beta, "p", "theirs").unwrap();
    assert!(theirs.value.first);
    assert_eq!(
        org.store
            .resolve(&org.admin, &slug, &default)
            .unwrap()
            .version
            .document,
        document("ours")
    );
    assert_eq!(
        code(org.store.key(&beta, &org.admin.key)),
        Code::KeyNotFound
    );
    assert_eq!(
        code(org.store.revoke_key(&org.ctx(&beta), &org.admin.key)),
        Code::KeyNotFound
    );
    let (home, patch) = (
        ProjectSlug::parse("default").unwrap(),
        ProjectPatch::default(),
    );
    assert_eq!(code(org.store.project(&beta, &home)), Code::ProjectNotFound);
    let update = org.store.update_project(&org.ctx(&beta), &home, &patch);
    assert_eq!(code(update), Code::ProjectNotFound);
    let gamma = ProjectSlug::parse("gamma").unwrap();
    let create = org.store.create_project(&org.ctx(&beta), &gamma, &patch);
    assert_eq!(code(create), Code::RoleRequired);
    assert_eq!(org.store.projects(&beta).unwrap().len(), 1);
    assert_eq!(org.store.projects(&org.admin).unwrap().len(), 2);
}

#[test]
fn a_deleted_project_comes_back_with_its_keys() {
    let org = Org::new();
    org.project("beta");
    let beta = ProjectSlug::parse("beta").unwrap();
    let key = org.key("beta", KeyRole::Read);
    org.store
        .delete_project(&org.ctx(&org.admin), &beta)
        .unwrap();
    assert_eq!(code(org.store.verify(&key, at(0))), Code::KeyInvalid);
    org.store
        .restore_project(&org.ctx(&org.admin), &beta)
        .unwrap();
    assert!(org.store.verify(&key, at(0)).is_ok());
}

#[test]
fn a_project_is_named_and_opened_to_browsers() {
    let org = Org::new();
    let home = ProjectSlug::parse("default").unwrap();
    let update = |name: Option<Option<&str>>, origins: Option<&[&str]>| {
        let patch = ProjectPatch {
            name: name.map(|name| name.map(str::to_owned)),
            allowed_origins: origins.map(|all| all.iter().map(|one| (*one).to_owned()).collect()),
            recording: None,
        };
        org.store
            .update_project(&org.ctx(&org.admin), &home, &patch)
            .map(|done| done.value)
    };
    update(Some(Some("Home")), None).unwrap();
    let info = update(
        None,
        Some(&["https://app.example", "http://localhost:8080"]),
    )
    .unwrap();
    assert_eq!(info.name.as_deref(), Some("Home"));
    let principal = org.store.verify(&org.admin_key, at(0)).unwrap();
    assert_eq!(principal.allowed_origins, info.allowed_origins);
    assert_eq!(update(Some(None), None).unwrap().name, None);
    for bad in [
        "app.example",
        "https://app.example/",
        "https://A.example",
        "https://",
        "null",
    ] {
        assert_eq!(code(update(None, Some(&[bad]))), Code::BodyInvalid, "{bad}");
    }
}

#[test]
fn a_new_bootstrap_key_works_beside_the_old_one_until_that_is_revoked() {
    let org = Org::new();
    let new = Key::generate(org.admin_key.organization(), &Entropy::new([8; 32]));
    assert!(!org.store.bootstrap(&new, at(5)).unwrap());
    let admin = org.store.verify(&new, at(6)).unwrap();
    assert!(admin.is_organization_admin());
    assert!(org.store.verify(&org.admin_key, at(6)).is_ok());
    let ctx = org.ctx(&admin);
    org.store.revoke_key(&ctx, org.admin_key.id()).unwrap();
    org.store.bootstrap(&org.admin_key, at(7)).unwrap();
    assert_eq!(
        code(org.store.verify(&org.admin_key, at(8))),
        Code::KeyInvalid
    );
    org.store.bootstrap(&new, at(9)).unwrap();
    let keys = org.store.keys(&admin, None, None, Limit::MAX).unwrap();
    assert_eq!(keys.items.len(), 2);
}
