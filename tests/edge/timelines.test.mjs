// Plays every timeline of the freshness policy against the real Worker, with a clock and an origin of the test.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { Script, play, timelines } from "../timelines.mjs";
import { makeKey, start } from "../workerd.mjs";

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

const cases = timelines("edge");
const worlds = new Map();

/** The world of a policy, which all its timelines share. */
function worldOf(policy) {
  const name = JSON.stringify(policy);
  if (!worlds.has(name)) worlds.set(name, world(policy));
  return worlds.get(name);
}

/** A Worker with the windows of a policy, before an origin that asks the script of each organisation. */
async function world({ fresh, staleWhileRevalidate, staleIfError }) {
  const scripts = new Map();
  const server = createServer((request, response) => {
    request.resume();
    const [, organization, id] = request.headers.authorization.split("_");
    void answer(request, scripts.get(organization), { organization, id }).then(({ status, headers, body }) =>
      response.writeHead(status, headers).end(body),
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const vars = {
    ORIGIN: `http://127.0.0.1:${server.address().port}`,
    FRESH_SECONDS: fresh / 1_000,
    STALE_WHILE_REVALIDATE_SECONDS: staleWhileRevalidate / 1_000,
    STALE_IF_ERROR_SECONDS: staleIfError / 1_000,
  };
  const worker = await start({ vars, clock: true });
  stops.push(
    () => worker.stop(),
    () => (server.closeAllConnections(), server.close()),
  );
  return { url: worker.url, scripts };
}

async function answer({ method, url }, script, { organization, id }) {
  const json = { "content-type": "application/json" };
  const { pathname } = new URL(url, "http://origin");
  if (pathname === "/v1/keys/self")
    return {
      status: 200,
      headers: json,
      body: JSON.stringify({ organization, project: "default", key: id, role: "write" }),
    };
  if (method === "PUT") return { status: 200, headers: { ...json, ...script.written }, body: "{}" };
  if (script.sickens) return { status: 500, headers: { "content-type": "text/html" }, body: "no" };
  const { outcome, text, revision, retryAfter } = await script.ask();
  const stamp = { "cuecard-revision": revision };
  if (outcome === "failed")
    return {
      status: retryAfter ? 503 : 418,
      headers: retryAfter ? { "retry-after": retryAfter / 1_000 } : {},
      body: "no",
    };
  if (outcome === "not_modified") return { status: 304, headers: stamp };
  if (outcome === "missing") {
    const body = {
      type: "urn:cuecard:error:prompt_not_found",
      title: "No",
      status: 404,
      code: "prompt_not_found",
      detail: "gone",
    };
    return {
      status: 404,
      headers: { ...stamp, "content-type": "application/problem+json" },
      body: JSON.stringify(body),
    };
  }
  const messages = [{ content: text, role: "user" }];
  const hash = createHash("sha256").update(JSON.stringify({ messages })).digest("hex");
  const slug = pathname.slice("/v1/prompts/".length);
  const body = {
    slug,
    version: 1,
    id: "version_1",
    hash,
    createdAt: "2026-01-01T00:00:00.000Z",
    messages,
    resolved: { tag: "production", revision: 1 },
  };
  return { status: 200, headers: { ...json, ...stamp, etag: `"${hash}"` }, body: JSON.stringify(body) };
}

for (const one of cases) {
  test(one.id, async () => {
    const { url, scripts } = await worldOf(one.policy);
    const key = makeKey();
    const script = new Script();
    scripts.set(key.split("_")[1], script);
    const headers = { authorization: `Bearer ${key}` };
    const read = async (slug) => {
      const query = one.kind === "version" ? "version=1" : "tag=production";
      const response = await fetch(`${url}/v1/prompts/${slug}?${query}`, { headers });
      const { messages, code } = await response.json();
      const status = { 200: "served", 404: "missing", 502: "error", 503: "error" }[response.status];
      assert.ok(status, `${response.status} ${code}`);
      const age = response.headers.get("age");
      return { status, text: messages?.[0].content, age: age === null ? undefined : Number(age) * 1_000 };
    };
    const house = {
      read,
      setTime: (at) => fetch(`${url}/clock`, { method: "PUT", body: String(at) }),
      settled: (left) => fetch(`${url}/clock?left=${left}`),
      async write(slug, revision, bindings = "0") {
        script.written = { "cuecard-revision": revision, "cuecard-bindings": bindings };
        const response = await fetch(`${url}/v1/prompts/${slug}/tags/production`, {
          method: "PUT",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify({ version: 1 }),
        });
        assert.equal(response.status, 200, await response.text());
      },
      async sicken() {
        script.sickens = true;
        for (let i = 0; i < 5; i++) await read(`unknown/${i}`);
        script.sickens = false;
      },
    };
    await play(one, house, script, 1_000);
  });
}

test("every timeline is played", () => assert.ok(cases.length >= 40, `${cases.length} cases`));
