//! One organisation's store: a Durable Object with SQLite around the API.
#![expect(
    missing_docs,
    reason = "the macro writes methods without documentation"
)]

use std::cell::OnceCell;

use cuecard_prompt::{Code, Error, Result};
use cuecard_store::{Key, Store};
use worker::{DurableObject, Env, Request, Response, State, console_error, durable_object};

use crate::api::{self, Admission, ApiRequest, ApiResponse, World};
use crate::sql::ObjectSql;
use crate::{clock, wire};

/// The store of the organisation that the object is named after.
#[durable_object(fetch)]
pub struct Organization {
    state: State,
    env: Env,
    store: OnceCell<Store<ObjectSql>>,
}

impl DurableObject for Organization {
    fn new(state: State, env: Env) -> Self {
        Self {
            state,
            env,
            store: OnceCell::new(),
        }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let request = wire::receive(request).await?;
        // Nothing below awaits, so no other request interleaves.
        let mut response = self.answer(&request)?;
        if request.method == "GET" {
            let length = response.body.len().to_string();
            response.headers.push((wire::LENGTH, length));
        }
        if let Some(fault) = &response.fault {
            let id = response.header("cuecard-request-id").unwrap_or_default();
            console_error!("{id} {fault}");
        }
        wire::send(response)
    }
}

impl Organization {
    /// The class's name in wrangler.jsonc.
    pub(crate) const CLASS: &str = "Organization";

    fn answer(&self, request: &ApiRequest) -> worker::Result<ApiResponse> {
        let mut world = clock::world()?;
        let admitted = match api::admit(request, api::route(request), &world.request_id) {
            Admission::Answered(response) => return Ok(response),
            Admission::Admitted(admitted) => admitted,
        };
        let store = self.epoch().and_then(|epoch| {
            world.epoch = epoch;
            world.reach = wire::reach(&self.env);
            world.work = self.work();
            self.store(&admitted.key, &world)
        });
        Ok(match store {
            Ok(store) => api::answer(store, request, &admitted, &world),
            Err(error) => api::refusal(&error, &world).send(request, &world.request_id),
        })
    }

    /// What the operator lets a render do.
    fn work(&self) -> Option<u64> {
        let variable = wire::setting(&self.env, "RENDER_WORK")?;
        variable.trim().parse().ok()
    }

    /// The store, made on the first request with a key that may make it. A key that nobody issued leaves no trace.
    fn store(&self, key: &Key, world: &World) -> Result<&Store<ObjectSql>> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let sql = ObjectSql::of(&self.state, Self::CLASS);
        let bootstrap = self.bootstrap_key(key)?;
        if bootstrap.is_none() && !sql.has_tables()? {
            let detail = "the key is unknown, revoked or expired";
            return Err(Error::new(Code::KeyInvalid, detail));
        }
        sql.check(&self.env)?;
        let store = Store::open(sql, world.now)?;
        if let Some(bootstrap) = bootstrap {
            store.bootstrap(&bootstrap, world.now)?;
        }
        Ok(self.store.get_or_init(|| store))
    }

    /// The variable `EPOCH`. An invalid number is refused: as 0 it would make every answer older than the last.
    fn epoch(&self) -> Result<u64> {
        let Some(text) = wire::setting(&self.env, "EPOCH") else {
            return Ok(0);
        };
        text.trim()
            .parse()
            .map_err(|_| Error::new(Code::Internal, "the variable EPOCH is not a whole number"))
    }

    /// The key that the Worker was deployed with, where it is of this object's organisation.
    fn bootstrap_key(&self, key: &Key) -> Result<Option<Key>> {
        let Some(text) = wire::setting(&self.env, "BOOTSTRAP_KEY") else {
            return Ok(None);
        };
        let bootstrap = Key::parse(&text)
            .map_err(|_| Error::new(Code::Internal, "the secret BOOTSTRAP_KEY is not a key"))?;
        Ok(Some(bootstrap).filter(|bootstrap| bootstrap.organization() == key.organization()))
    }
}
