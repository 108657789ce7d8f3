-- What `sqlite3 store.sqlite .dump` gave of a store with schema 3, written by the operations of that time.
CREATE TABLE migrations (
                    number INTEGER PRIMARY KEY,
                    applied_at INTEGER NOT NULL
                ) STRICT;
INSERT INTO migrations VALUES(1,1800000000000);
INSERT INTO migrations VALUES(2,1800000000000);
INSERT INTO migrations VALUES(3,1800000000000);
CREATE TABLE organization (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        id TEXT NOT NULL,
        home_project INTEGER NOT NULL,
        clock INTEGER NOT NULL,
        shared_revision INTEGER NOT NULL,
        created_at INTEGER NOT NULL
    , shared_bindings INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO organization VALUES(1,'acme00000000',1,36,32,1800000000000,0);
CREATE TABLE projects (
        id INTEGER PRIMARY KEY,
        slug TEXT NOT NULL UNIQUE,
        name TEXT,
        revision INTEGER NOT NULL,
        allowed_origins TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        deleted_at INTEGER
    , bindings INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO projects VALUES(1,'default',NULL,36,'[]',1800000000000,1800000000000,NULL,29);
INSERT INTO projects VALUES(2,'beta',NULL,31,'[]',1800000001000,1800000001000,NULL,0);
CREATE TABLE keys (
        id TEXT PRIMARY KEY,
        project INTEGER NOT NULL REFERENCES projects (id),
        hash BLOB NOT NULL,
        role TEXT NOT NULL,
        name TEXT,
        created_at INTEGER NOT NULL,
        created_by TEXT,
        expires_at INTEGER,
        revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
INSERT INTO keys VALUES('3lzgsygrowr2',1,X'c86944b2098980a6688e164414a3b93125f89a69bbaf583e1df6f64d9fec0acf','admin','bootstrap',1800000000000,NULL,NULL,NULL);
INSERT INTO keys VALUES('z5o8gsjkgb83',2,X'39312aaacc9ebe7846f31c531a8fc7d7243c15c3cf10e8f86ad6da3f5bcfe421','admin','beta admin',1800000002000,'bootstrap',NULL,NULL);
CREATE TABLE prompts (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        project INTEGER NOT NULL REFERENCES projects (id),
        slug TEXT NOT NULL,
        name TEXT,
        description TEXT,
        shared INTEGER NOT NULL,
        head INTEGER NOT NULL,
        head_hash TEXT NOT NULL,
        head_revision INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        deleted_at INTEGER,
        UNIQUE (project, slug)
    ) STRICT;
INSERT INTO prompts VALUES(1,'prompt_qmg73s3ehhz1efv5qyln',1,'only-live','Only live',NULL,0,3,'7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea',5,36,1800000003000,1800000036000,NULL);
INSERT INTO prompts VALUES(2,'prompt_9kmoa05r4gn2lz05l9ub',2,'only-live',NULL,NULL,0,3,'7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea',11,14,1800000009000,1800000014000,NULL);
INSERT INTO prompts VALUES(3,'prompt_gc2b6d2bu6v144w1079d',1,'both',NULL,NULL,0,3,'7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea',17,18,1800000015000,1800000018000,NULL);
INSERT INTO prompts VALUES(4,'prompt_jgs8hma12jud113i2rgb',1,'deleted-production',NULL,NULL,0,3,'7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea',21,23,1800000019000,1800000023000,NULL);
INSERT INTO prompts VALUES(5,'prompt_ywr87kxhr3ov1xeva6mo',1,'deleted-live',NULL,NULL,0,1,'d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14',24,25,1800000024000,1800000025000,NULL);
INSERT INTO prompts VALUES(6,'prompt_sbuqz0ub0ulw4zn4aq12',1,'deleted-live-beside-production',NULL,NULL,0,1,'d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14',26,27,1800000026000,1800000027000,NULL);
INSERT INTO prompts VALUES(7,'prompt_pva41nwxlr0hjq8exlqt',1,'deleted',NULL,NULL,0,1,'d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14',28,29,1800000028000,1800000029000,1800000029000);
INSERT INTO prompts VALUES(8,'prompt_rkducs1zfh6zx0qkuz0e',2,'shared',NULL,NULL,1,2,'b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908',31,32,1800000030000,1800000032000,NULL);
CREATE TABLE versions (
        prompt INTEGER NOT NULL REFERENCES prompts (id),
        version INTEGER NOT NULL,
        id TEXT NOT NULL UNIQUE,
        hash TEXT NOT NULL,
        document TEXT NOT NULL,
        message TEXT,
        author TEXT,
        revision INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (prompt, version)
    ) STRICT;
INSERT INTO versions VALUES(1,1,'version_w14v2yjtqti45zcfj9dz','d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14','{"messages":[{"role":"user","content":"one"}]}',NULL,'bootstrap',3,1800000003000);
INSERT INTO versions VALUES(1,2,'version_hrj0aopit8y8q1zw48u7','b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908','{"messages":[{"role":"user","content":"two"}]}',NULL,'bootstrap',4,1800000004000);
INSERT INTO versions VALUES(1,3,'version_2emod3xm65zymdsug72c','7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea','{"messages":[{"role":"user","content":"three"}]}',NULL,'bootstrap',5,1800000005000);
INSERT INTO versions VALUES(2,1,'version_33w8qu92h6ij5gkzy39l','d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14','{"messages":[{"role":"user","content":"one"}]}',NULL,'beta admin',9,1800000009000);
INSERT INTO versions VALUES(2,2,'version_y3nbieqcegv6gpnr0svd','b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908','{"messages":[{"role":"user","content":"two"}]}',NULL,'beta admin',10,1800000010000);
INSERT INTO versions VALUES(2,3,'version_cqvubm7z4kwxwfipmhii','7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea','{"messages":[{"role":"user","content":"three"}]}',NULL,'beta admin',11,1800000011000);
INSERT INTO versions VALUES(3,1,'version_m6vobl4ra4f9n3xb3qjg','d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14','{"messages":[{"role":"user","content":"one"}]}',NULL,'bootstrap',15,1800000015000);
INSERT INTO versions VALUES(3,2,'version_ig11kaqor2ztf00pc4dq','b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908','{"messages":[{"role":"user","content":"two"}]}',NULL,'bootstrap',16,1800000016000);
INSERT INTO versions VALUES(3,3,'version_p5tjvhjh6gzfmm5ibpnb','7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea','{"messages":[{"role":"user","content":"three"}]}',NULL,'bootstrap',17,1800000017000);
INSERT INTO versions VALUES(4,1,'version_7xmjpc82v0izmc5n51hx','d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14','{"messages":[{"role":"user","content":"one"}]}',NULL,'bootstrap',19,1800000019000);
INSERT INTO versions VALUES(4,2,'version_1sxs84qjj8clhklnew10','b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908','{"messages":[{"role":"user","content":"two"}]}',NULL,'bootstrap',20,1800000020000);
INSERT INTO versions VALUES(4,3,'version_0paaagzcgxupnkyjil8p','7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea','{"messages":[{"role":"user","content":"three"}]}',NULL,'bootstrap',21,1800000021000);
INSERT INTO versions VALUES(5,1,'version_duwk9lj3lwonwo9seg8l','d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14','{"messages":[{"role":"user","content":"one"}]}',NULL,'bootstrap',24,1800000024000);
INSERT INTO versions VALUES(6,1,'version_8q3cze23awie1em73qmc','d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14','{"messages":[{"role":"user","content":"one"}]}',NULL,'bootstrap',26,1800000026000);
INSERT INTO versions VALUES(7,1,'version_d0nmqdsp6mz1pqhyf3mb','d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14','{"messages":[{"role":"user","content":"one"}]}',NULL,'bootstrap',28,1800000028000);
INSERT INTO versions VALUES(8,1,'version_w8zw2yaoclf7h29g9mnj','d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14','{"messages":[{"role":"user","content":"one"}]}',NULL,'beta admin',30,1800000030000);
INSERT INTO versions VALUES(8,2,'version_rtrt28206ar2936kqj4n','b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908','{"messages":[{"role":"user","content":"two"}]}',NULL,'beta admin',31,1800000031000);
CREATE TABLE drafts (
        project INTEGER NOT NULL REFERENCES projects (id),
        slug TEXT NOT NULL,
        document TEXT NOT NULL,
        base INTEGER,
        revision INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT,
        PRIMARY KEY (project, slug)
    ) STRICT;
INSERT INTO drafts VALUES(1,'only-live','{"messages":[{"role":"user","content":"draft"}]}',3,35,1800000035000,'bootstrap');
CREATE TABLE tags (
        prompt INTEGER NOT NULL REFERENCES prompts (id),
        tag TEXT NOT NULL,
        project INTEGER NOT NULL,
        slug TEXT NOT NULL,
        version INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        updated_by TEXT,
        PRIMARY KEY (prompt, tag),
        FOREIGN KEY (prompt, version) REFERENCES versions (prompt, version)
    ) STRICT, WITHOUT ROWID;
INSERT INTO tags VALUES(1,'live',1,'only-live',2,8,1800000008000,'bootstrap');
INSERT INTO tags VALUES(2,'live',2,'only-live',2,14,1800000014000,'beta admin');
INSERT INTO tags VALUES(3,'live',1,'both',3,17,1800000017000,'bootstrap');
INSERT INTO tags VALUES(3,'production',1,'both',1,18,1800000018000,'bootstrap');
INSERT INTO tags VALUES(4,'live',1,'deleted-production',2,20,1800000020000,'bootstrap');
INSERT INTO tags VALUES(6,'production',1,'deleted-live-beside-production',1,26,1800000026000,'bootstrap');
INSERT INTO tags VALUES(7,'live',1,'deleted',1,28,1800000028000,'bootstrap');
INSERT INTO tags VALUES(8,'live',2,'shared',1,30,1800000030000,'beta admin');
CREATE TABLE tag_moves (
        prompt INTEGER NOT NULL REFERENCES prompts (id),
        tag TEXT NOT NULL,
        revision INTEGER NOT NULL,
        kind TEXT NOT NULL,
        before INTEGER,
        after INTEGER,
        undo INTEGER,
        at INTEGER NOT NULL,
        by TEXT,
        PRIMARY KEY (prompt, tag, revision)
    ) STRICT, WITHOUT ROWID;
INSERT INTO tag_moves VALUES(1,'live',3,'commit',NULL,1,NULL,1800000003000,'bootstrap');
INSERT INTO tag_moves VALUES(1,'live',6,'set',1,2,3,1800000006000,'bootstrap');
INSERT INTO tag_moves VALUES(1,'live',7,'set',2,3,6,1800000007000,'bootstrap');
INSERT INTO tag_moves VALUES(1,'live',8,'rollback',3,2,3,1800000008000,'bootstrap');
INSERT INTO tag_moves VALUES(2,'live',9,'commit',NULL,1,NULL,1800000009000,'beta admin');
INSERT INTO tag_moves VALUES(2,'live',12,'set',1,2,9,1800000012000,'beta admin');
INSERT INTO tag_moves VALUES(2,'live',13,'set',2,3,12,1800000013000,'beta admin');
INSERT INTO tag_moves VALUES(2,'live',14,'rollback',3,2,9,1800000014000,'beta admin');
INSERT INTO tag_moves VALUES(3,'live',15,'commit',NULL,1,NULL,1800000015000,'bootstrap');
INSERT INTO tag_moves VALUES(3,'live',16,'commit',1,2,15,1800000016000,'bootstrap');
INSERT INTO tag_moves VALUES(3,'live',17,'commit',2,3,16,1800000017000,'bootstrap');
INSERT INTO tag_moves VALUES(3,'production',15,'commit',NULL,1,NULL,1800000015000,'bootstrap');
INSERT INTO tag_moves VALUES(3,'production',16,'commit',1,2,15,1800000016000,'bootstrap');
INSERT INTO tag_moves VALUES(3,'production',18,'set',2,1,16,1800000018000,'bootstrap');
INSERT INTO tag_moves VALUES(4,'live',19,'commit',NULL,1,NULL,1800000019000,'bootstrap');
INSERT INTO tag_moves VALUES(4,'live',20,'commit',1,2,19,1800000020000,'bootstrap');
INSERT INTO tag_moves VALUES(4,'production',19,'commit',NULL,1,NULL,1800000019000,'bootstrap');
INSERT INTO tag_moves VALUES(4,'production',20,'commit',1,2,19,1800000020000,'bootstrap');
INSERT INTO tag_moves VALUES(4,'production',22,'set',2,3,20,1800000022000,'bootstrap');
INSERT INTO tag_moves VALUES(4,'production',23,'delete',3,NULL,22,1800000023000,'bootstrap');
INSERT INTO tag_moves VALUES(5,'live',24,'commit',NULL,1,NULL,1800000024000,'bootstrap');
INSERT INTO tag_moves VALUES(5,'live',25,'delete',1,NULL,24,1800000025000,'bootstrap');
INSERT INTO tag_moves VALUES(6,'live',26,'commit',NULL,1,NULL,1800000026000,'bootstrap');
INSERT INTO tag_moves VALUES(6,'live',27,'delete',1,NULL,26,1800000027000,'bootstrap');
INSERT INTO tag_moves VALUES(6,'production',26,'commit',NULL,1,NULL,1800000026000,'bootstrap');
INSERT INTO tag_moves VALUES(7,'live',28,'commit',NULL,1,NULL,1800000028000,'bootstrap');
INSERT INTO tag_moves VALUES(8,'live',30,'commit',NULL,1,NULL,1800000030000,'beta admin');
CREATE TABLE events (
        revision INTEGER PRIMARY KEY,
        project INTEGER NOT NULL,
        at INTEGER NOT NULL,
        key TEXT,
        actor TEXT,
        request TEXT,
        action TEXT NOT NULL,
        slug TEXT,
        detail TEXT NOT NULL
    ) STRICT;
INSERT INTO events VALUES(1,2,1800000001000,'3lzgsygrowr2','bootstrap',NULL,'project.create',NULL,'{"project":"beta"}');
INSERT INTO events VALUES(2,2,1800000002000,'3lzgsygrowr2','bootstrap',NULL,'key.create',NULL,'{"key":"z5o8gsjkgb83","role":"admin","project":"beta"}');
INSERT INTO events VALUES(3,1,1800000003000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','only-live','{"version":1,"created":true,"hash":"d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14","tags":[]}');
INSERT INTO events VALUES(4,1,1800000004000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','only-live','{"version":2,"created":true,"hash":"b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908","tags":[]}');
INSERT INTO events VALUES(5,1,1800000005000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','only-live','{"version":3,"created":true,"hash":"7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea","tags":[]}');
INSERT INTO events VALUES(6,1,1800000006000,'3lzgsygrowr2','bootstrap',NULL,'tag.set','only-live','{"tag":"live","from":1,"to":2}');
INSERT INTO events VALUES(7,1,1800000007000,'3lzgsygrowr2','bootstrap',NULL,'tag.set','only-live','{"tag":"live","from":2,"to":3}');
INSERT INTO events VALUES(8,1,1800000008000,'3lzgsygrowr2','bootstrap',NULL,'tag.rollback','only-live','{"tag":"live","from":3,"to":2}');
INSERT INTO events VALUES(9,2,1800000009000,'z5o8gsjkgb83','beta admin',NULL,'prompt.commit','only-live','{"version":1,"created":true,"hash":"d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14","tags":[]}');
INSERT INTO events VALUES(10,2,1800000010000,'z5o8gsjkgb83','beta admin',NULL,'prompt.commit','only-live','{"version":2,"created":true,"hash":"b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908","tags":[]}');
INSERT INTO events VALUES(11,2,1800000011000,'z5o8gsjkgb83','beta admin',NULL,'prompt.commit','only-live','{"version":3,"created":true,"hash":"7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea","tags":[]}');
INSERT INTO events VALUES(12,2,1800000012000,'z5o8gsjkgb83','beta admin',NULL,'tag.set','only-live','{"tag":"live","from":1,"to":2}');
INSERT INTO events VALUES(13,2,1800000013000,'z5o8gsjkgb83','beta admin',NULL,'tag.set','only-live','{"tag":"live","from":2,"to":3}');
INSERT INTO events VALUES(14,2,1800000014000,'z5o8gsjkgb83','beta admin',NULL,'tag.rollback','only-live','{"tag":"live","from":3,"to":2}');
INSERT INTO events VALUES(15,1,1800000015000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','both','{"version":1,"created":true,"hash":"d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14","tags":["production"]}');
INSERT INTO events VALUES(16,1,1800000016000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','both','{"version":2,"created":true,"hash":"b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908","tags":["live","production"]}');
INSERT INTO events VALUES(17,1,1800000017000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','both','{"version":3,"created":true,"hash":"7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea","tags":["live"]}');
INSERT INTO events VALUES(18,1,1800000018000,'3lzgsygrowr2','bootstrap',NULL,'tag.set','both','{"tag":"production","from":2,"to":1}');
INSERT INTO events VALUES(19,1,1800000019000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','deleted-production','{"version":1,"created":true,"hash":"d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14","tags":["production"]}');
INSERT INTO events VALUES(20,1,1800000020000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','deleted-production','{"version":2,"created":true,"hash":"b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908","tags":["live","production"]}');
INSERT INTO events VALUES(21,1,1800000021000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','deleted-production','{"version":3,"created":true,"hash":"7a2c6a0a233321f60126fb626adc7158588b4a5541bbc9eb2a46747d90fd08ea","tags":[]}');
INSERT INTO events VALUES(22,1,1800000022000,'3lzgsygrowr2','bootstrap',NULL,'tag.set','deleted-production','{"tag":"production","from":2,"to":3}');
INSERT INTO events VALUES(23,1,1800000023000,'3lzgsygrowr2','bootstrap',NULL,'tag.delete','deleted-production','{"tag":"production","from":3}');
INSERT INTO events VALUES(24,1,1800000024000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','deleted-live','{"version":1,"created":true,"hash":"d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14","tags":[]}');
INSERT INTO events VALUES(25,1,1800000025000,'3lzgsygrowr2','bootstrap',NULL,'tag.delete','deleted-live','{"tag":"live","from":1}');
INSERT INTO events VALUES(26,1,1800000026000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','deleted-live-beside-production','{"version":1,"created":true,"hash":"d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14","tags":["production"]}');
INSERT INTO events VALUES(27,1,1800000027000,'3lzgsygrowr2','bootstrap',NULL,'tag.delete','deleted-live-beside-production','{"tag":"live","from":1}');
INSERT INTO events VALUES(28,1,1800000028000,'3lzgsygrowr2','bootstrap',NULL,'prompt.commit','deleted','{"version":1,"created":true,"hash":"d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14","tags":[]}');
INSERT INTO events VALUES(29,1,1800000029000,'3lzgsygrowr2','bootstrap',NULL,'prompt.delete','deleted','{}');
INSERT INTO events VALUES(30,2,1800000030000,'z5o8gsjkgb83','beta admin',NULL,'prompt.commit','shared','{"version":1,"created":true,"hash":"d5e0c80891332875a5f097f58469147d62ca5da0c1feb79e20f23bff72e1ac14","tags":[]}');
INSERT INTO events VALUES(31,2,1800000031000,'z5o8gsjkgb83','beta admin',NULL,'prompt.commit','shared','{"version":2,"created":true,"hash":"b88ad3c27fd51717aa513180c68e92eb96cb2dc3bcffba3ce946e2f13f1dd908","tags":[]}');
INSERT INTO events VALUES(32,2,1800000032000,'z5o8gsjkgb83','beta admin',NULL,'prompt.update','shared','{"fields":["scope"],"scope":"organization"}');
INSERT INTO events VALUES(33,1,1800000033000,'3lzgsygrowr2','bootstrap',NULL,'tag_name.add',NULL,'{"tag":"live"}');
INSERT INTO events VALUES(34,1,1800000034000,'3lzgsygrowr2','bootstrap',NULL,'tag_name.remove',NULL,'{"tag":"production"}');
INSERT INTO events VALUES(35,1,1800000035000,'3lzgsygrowr2','bootstrap',NULL,'draft.put','only-live','{}');
INSERT INTO events VALUES(36,1,1800000036000,'3lzgsygrowr2','bootstrap',NULL,'prompt.update','only-live','{"fields":["name"],"scope":"project"}');
CREATE TABLE idempotency (
        key TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        operation TEXT NOT NULL,
        request BLOB NOT NULL,
        answer TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (key, idempotency_key)
    ) STRICT, WITHOUT ROWID;
INSERT INTO idempotency VALUES('3lzgsygrowr2','retried','prompt.update',X'0707070707070707070707070707070707070707070707070707070707070707','{"slug":"only-live","id":"prompt_qmg73s3ehhz1efv5qyln","project":"default","name":"Only live","scope":"project","latest":3,"tags":[{"tag":"live","version":2}],"revision":36,"createdAt":"2027-01-15T08:00:03.000Z","updatedAt":"2027-01-15T08:00:36.000Z"}',1800000036000);
CREATE TABLE tag_names (
        tag TEXT PRIMARY KEY,
        created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
INSERT INTO tag_names VALUES('live',1800000033000);
INSERT INTO tag_names VALUES('staging',1800000000000);
CREATE INDEX keys_of_project ON keys (project, id);
CREATE INDEX prompts_listed ON prompts (project, slug) WHERE deleted_at IS NULL;
CREATE INDEX prompts_deleted ON prompts (project, slug) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX prompts_shared ON prompts (slug) WHERE shared = 1;
CREATE TRIGGER versions_never_change BEFORE UPDATE ON versions
        BEGIN SELECT RAISE (ABORT, 'a version never changes'); END;
CREATE INDEX tags_by_name ON tags (project, tag, slug);
CREATE INDEX events_of_project ON events (project, revision);
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
        BEGIN SELECT RAISE (ABORT, 'an event never changes'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events
        BEGIN SELECT RAISE (ABORT, 'an event never goes'); END;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
