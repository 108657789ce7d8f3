// One route of each kind × every role × every fault of a key, at the store's Worker and at a location before it. Each
// key is used before its fault, so that its grant is cached.
import assert from "node:assert/strict";
import { after, before } from "node:test";

import { client, says } from "../api/client.mjs";
import { Clock } from "../clock.mjs";
import { test } from "../patient.mjs";
import { makeKey, start } from "../workerd.mjs";

const ROLES = ["read", "write", "admin"];
const vars = { KEY_SECONDS: "2" };
const LEARNT = 2_100;

/** The role that each route requires, and the status with a key of that role. */
const ROUTES = {
  resolve: {
    role: "read",
    ok: 200,
    send: (call) => call("GET", "/v1/prompts/p"),
  },
  "resolve a version": {
    role: "read",
    ok: 200,
    send: (call) => call("GET", "/v1/prompts/p?version=1"),
  },
  render: {
    role: "read",
    ok: 200,
    send: (call) => call("POST", "/v1/prompts/p/render", { inputs: {} }),
  },
  list: { role: "read", ok: 200, send: (call) => call("GET", "/v1/prompts") },
  history: {
    role: "read",
    ok: 200,
    send: (call) => call("GET", "/v1/prompts/p/versions"),
  },
  commit: {
    role: "write",
    ok: 200,
    send: (call) => call("POST", "/v1/prompts/p/versions", says("ours")),
  },
  admin: { role: "admin", ok: 200, send: (call) => call("GET", "/v1/keys") },
};

let home;
let away;
let clock;
let admin;
before(async () => {
  home = await start({ vars, clock: true });
  away = await start({
    key: home.key,
    vars: { ...vars, ORIGIN: home.url },
    clock: true,
  });
  clock = await Clock.of(home, away);
  admin = client(home);
  await admin("POST", "/v1/prompts/p/versions", says("ours"));
});
after(() => Promise.all([home, away].map((worker) => worker?.stop())));

async function create(body) {
  const { status, json, text } = await admin("POST", "/v1/keys", body);
  assert.equal(status, 201, text);
  return json;
}

const may = (role, needed) => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Sends every route with a key to both locations at once; `expected` gives status and code. */
async function ask(key, expected, which = () => true) {
  const routes = Object.entries(ROUTES).filter(([name]) => which(name));
  const cells = [home, away].flatMap((worker) => routes.map(([name, route]) => ({ worker, name, route })));
  await Promise.all(
    cells.map(async ({ worker, name, route }) => {
      const { status, json } = await route.send(client({ url: worker.url, key }));
      const where = `${name} ${worker === home ? "at home" : "away"}`;
      assert.deepEqual([status, status < 300 ? undefined : json.code], expected(route, name), where);
    }),
  );
  return cells.length;
}

const byRole = (role) => (route) => (may(role, route.role) ? [route.ok, undefined] : [403, "role_required"]);
const invalid = () => [401, "key_invalid"];

for (const role of ROLES) {
  test(`${role}: good, then revoked`, async (t) => {
    const { key, id } = await create({ role });
    let cells = await ask(key, byRole(role));
    assert.equal((await admin("DELETE", `/v1/keys/${id}`)).status, 204);
    for (const route of Object.values(ROUTES)) {
      const { status } = await route.send(client({ url: home.url, key }));
      assert.equal(status, 401, "at once where it was revoked");
    }
    await clock.move(LEARNT);
    cells += await ask(key, invalid);
    t.diagnostic(`${cells} requests`);
  });

  test(`${role}: good, then expired`, async () => {
    const end = clock.now + 4_000;
    const { key } = await create({
      role,
      expiresAt: new Date(end).toISOString(),
    });
    await ask(key, byRole(role));
    await clock.move(end + 20 - clock.now);
    // The refusal comes at once, however recent the last confirmation of the key.
    await ask(key, invalid);
  });

  test(`${role}: of another project, reads and changes nothing in this one`, async () => {
    const project = `other-${role}`;
    await admin("POST", "/v1/projects", { slug: project });
    const { key } = await create({ role, project });
    const { json: before } = await admin("GET", "/v1/prompts/p/versions");
    const own = { list: 200, admin: 200 };
    await ask(
      key,
      (route, name) =>
        may(role, route.role) ? [own[name] ?? 404, own[name] ? undefined : "prompt_not_found"] : [403, "role_required"],
      (name) => name !== "commit",
    );
    for (const worker of [home, away]) {
      const call = client({ url: worker.url, key });
      assert.deepEqual((await call("GET", "/v1/prompts")).json.prompts, []);
      if (role === "admin")
        assert.deepEqual(
          (await call("GET", "/v1/keys")).json.keys.map((one) => one.project),
          [project],
        );
    }
    // The slug is free in the key's own project.
    const call = client({ url: away.url, key });
    assert.equal((await call("POST", "/v1/prompts/p/versions", says("theirs"))).status, may(role, "write") ? 201 : 403);
    for (const query of ["", "?version=1"]) {
      const { status, json } = await call("GET", `/v1/prompts/p${query}`);
      assert.deepEqual(
        [status, json.messages?.[0].content],
        may(role, "write") ? [200, "theirs"] : [404, undefined],
        query,
      );
      assert.equal((await admin("GET", `/v1/prompts/p${query}`)).json.messages[0].content, "ours");
    }
    assert.deepEqual((await admin("GET", "/v1/prompts/p/versions")).json, before);
  });
}

test("no key, an unknown one, one with the id of another, a mistyped one", async () => {
  const { id } = await create({ role: "admin" });
  const [, organization] = home.key.split("_");
  await ask(undefined, () => [401, "key_missing"]);
  await ask(makeKey(organization), invalid);
  await ask(makeKey(organization, id), invalid);
  await ask(makeKey(), invalid);
  await ask(`${home.key.slice(0, -1)}${home.key.endsWith("0") ? 1 : 0}`, () => [401, "key_malformed"]);
});
