//! Database files: opened again, written by a newer program, and read without the program.

use std::fs;
use std::path::PathBuf;

use cuecard_prompt::{Code, Selector};
use cuecard_store::{Expect, KeyRole, Native, Sql, Store};

use crate::support::*;

/// An empty directory for one test.
fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn a_file_is_opened_again() {
    let file = directory("again").join("store.sqlite");
    let key = {
        let org = Org::over(Native::open(&file).unwrap());
        org.commit(&org.admin, "p", "one").unwrap();
        org.admin_key
    };
    let store = Store::open(Native::open(&file).unwrap(), at(1)).unwrap();
    assert!(!store.bootstrap(&key, at(1)).unwrap());
    let admin = store.verify(&key, at(1)).unwrap();
    let resolved = store
        .resolve(&admin, &slug("p"), &Selector::default())
        .unwrap();
    assert_eq!(resolved.version.document, document("one"));
}

#[test]
fn a_file_from_the_future_is_left_alone() {
    let file = directory("future").join("store.sqlite");
    drop(Org::over(Native::open(&file).unwrap()));
    let sql = Native::open(&file).unwrap();
    sql.exec(
        "INSERT INTO migrations (number, applied_at) VALUES (99, 0)",
        &[],
    )
    .unwrap();
    sql.exec("PRAGMA wal_checkpoint (TRUNCATE)", &[]).unwrap();
    drop(sql);
    let before = fs::read(&file).unwrap();
    let refused = Store::open(Native::open(&file).unwrap(), at(1)).unwrap_err();
    assert_eq!(refused.code(), Code::Internal);
    assert!(refused.detail().contains("99"), "{refused}");
    assert!(fs::read(&file).unwrap() == before);
}

#[test]
fn no_secret_is_in_the_file() {
    let directory = directory("secrets");
    let org = Org::over(Native::open(&directory.join("store.sqlite")).unwrap());
    org.project("beta");
    let mut keys = vec![org.admin_key.clone()];
    keys.extend((0..20).map(|_| org.key("beta", KeyRole::Write)));
    org.commit_with(&org.admin, "p", "one", &["x"], Expect::Anything)
        .unwrap();
    org.store
        .revoke_key(&org.ctx(&org.admin), keys[1].id())
        .unwrap();
    let mut bytes = Vec::new();
    for entry in fs::read_dir(&directory).unwrap() {
        bytes.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    let text = String::from_utf8_lossy(&bytes);
    for key in &keys {
        let secret = key.expose().rsplit('_').next().unwrap();
        assert!(
            text.contains(key.id().as_str()),
            "the file lacks the key's id"
        );
        for part in [secret, secret.split_at(12).0, secret.split_at(12).1] {
            assert_eq!(text.matches(part).count(), 0, "{:?}", key.id());
        }
    }
}
