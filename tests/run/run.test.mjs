// Runs of a prompt against a model API, and their executions.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startUpstream } from "./upstream.mjs";
import { GREET, SECRET, startWorld } from "./world.mjs";

let world;
let upstream;

before(async () => {
  upstream = await startUpstream();
  world = await startWorld();
  const models = [{ name: "gpt-x", prices: { input: 2, inputCached: 0.5, output: 8 } }];
  await world.connect("main", "openai_chat", upstream.url, { default: true, models });
  await world.commit("greet", { ...GREET, model: "openai/gpt-x" });
});
after(() => Promise.all([world.worker.stop(), upstream.close()]));

test("a run renders, sends, answers and is recorded", async () => {
  const body = { inputs: { name: "Ada" }, metadata: { user: "u1" } };
  const response = await world.run("greet", body);
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  assert.equal(answer.output, "Hello Ada");
  assert.deepEqual(answer.usage, { input: 12, inputCached: 4, inputCacheWrite: null, output: 5, reasoning: null });
  assert.equal(answer.cost, (8 * 2 + 4 * 0.5 + 5 * 8) / 1e6);
  assert.equal(answer.resolved.slug, "greet");
  assert.equal(answer.resolved.version, 1);
  assert.equal(response.headers.get("cuecard-version"), "1");
  assert.equal(response.headers.get("cuecard-hash"), answer.resolved.hash);
  assert.equal(response.headers.get("cuecard-execution"), answer.execution);
  const sent = upstream.last();
  assert.equal(sent.headers.authorization, `Bearer ${SECRET}`);
  assert.deepEqual(sent.body, {
    model: "gpt-x",
    messages: [
      { role: "system", content: "You greet." },
      { role: "user", content: "Hello Ada" },
    ],
    temperature: 0.5,
  });
  const kept = await world.ended(answer.execution, "completed");
  assert.equal(kept.prompt, "greet");
  assert.equal(kept.tag, "production");
  assert.equal(kept.connection, "main");
  assert.equal(kept.model, "gpt-x");
  assert.deepEqual(kept.usage, answer.usage);
  assert.equal(kept.cost, answer.cost);
  assert.deepEqual(kept.metadata, { user: "u1" });
  assert.ok(kept.startedAt <= kept.firstTokenAt && kept.firstTokenAt <= kept.endedAt);
  assert.equal(kept.messages, undefined, "the default recording keeps no text");
});

test("model and parameters of the call override the prompt's", async () => {
  const answer = await world.run("greet", { inputs: { name: "Ada" }, model: "other", parameters: { maxTokens: 9 } });
  assert.equal(answer.status, 200);
  const { body } = upstream.last();
  assert.equal(body.model, "other");
  assert.equal(body.max_completion_tokens, 9);
  assert.equal(body.temperature, 0.5);
  assert.equal((await answer.json()).cost, null, "without prices there is no cost");
});

test("a bad call is refused before anything is spent", async () => {
  const before = upstream.requests.length;
  for (const [body, query, status, code] of [
    [{ inputs: {} }, "", 422, "input_invalid"],
    [{}, "", 422, "body_invalid"],
    [{ inputs: { name: "Ada" }, stream: 1 }, "", 422, "body_invalid"],
    [{ inputs: { name: "Ada" }, parameters: { temperature: 9 } }, "", 422, "document_invalid"],
    [{ inputs: { name: "Ada" }, connection: "nobody" }, "", 404, "connection_not_found"],
    [{ inputs: { name: "Ada" } }, "?version=9", 404, "version_not_found"],
    [{ inputs: { name: "Ada" } }, "?tag=none", 404, "tag_not_found"],
    [{ inputs: { name: "Ada" } }, "?x=1", 400, "query_invalid"],
  ]) {
    const response = await world.run("greet", body, query);
    const problem = await response.json();
    assert.equal(`${response.status} ${problem.code}`, `${status} ${code}`, JSON.stringify(problem));
  }
  assert.equal((await world.run("nobody", { inputs: {} })).status, 404);
  assert.equal(upstream.requests.length, before);
});

test("recording: off, usage, full; by the call and by the project", async () => {
  const run = async (record) => {
    const response = await world.run("greet", { inputs: { name: "Ada" }, ...(record && { record }) });
    return [await response.json(), response.headers.get("cuecard-execution")];
  };
  const [off, header] = await run("off");
  assert.equal(off.execution, null);
  assert.equal(header, null);
  const [full] = await run("full");
  const kept = await world.ended(full.execution, "completed");
  assert.deepEqual(kept.inputs, { name: "Ada" });
  assert.deepEqual(kept.messages.at(-1), { role: "user", content: "Hello Ada" });
  assert.equal(kept.output, "Hello Ada");
  await world.json("PATCH", "/v1/projects/default", { recording: { mode: "full", days: 2 } });
  const [asProject] = await run();
  assert.equal((await world.ended(asProject.execution)).output, "Hello Ada");
  await world.json("PATCH", "/v1/projects/default", { recording: { mode: "usage" } });
});

test("outputs are checked, and mismatches are issues of the answer and of the execution", async () => {
  const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  await world.commit("count", { ...GREET, outputs: [{ name: "count", type: "json_schema", schema }] });
  const run = async (model) => (await world.run("count", { inputs: { name: "Ada" }, model })).json();
  const good = await run("json-good");
  assert.deepEqual([good.output, good.issues], [{ n: 3 }, undefined]);
  assert.equal(upstream.last().body.response_format.type, "json_schema");
  const bad = await run("json-bad");
  assert.deepEqual(bad.output, { n: "three" });
  assert.deepEqual(
    bad.issues.map((issue) => `${issue.code} ${issue.pointer}`),
    ["schema_mismatch /n"],
  );
  const none = await run("json-none");
  assert.equal(none.output, "Sure! Here it is.");
  assert.equal(none.issues.length, 1);
  const kept = await world.ended(bad.execution, "completed");
  assert.deepEqual(kept.issues, bad.issues);
});

test("the answer contains tool calls", async () => {
  const answer = await (await world.run("greet", { inputs: { name: "Ada" }, model: "tools" })).json();
  assert.deepEqual(answer.toolCalls, [{ id: "call_1", name: "look", arguments: { q: "Ada" } }]);
  assert.equal(answer.output, null);
  assert.equal(answer.finishReason, "tool_calls");
  assert.equal(answer.usage, null, "the API reported no usage");
});

test("executions are listed by filters, read and deleted", async () => {
  const one = await (
    await world.run("greet", { inputs: { name: "Ada" }, metadata: { case: "filter", n: 1 } }, "?version=1")
  ).json();
  await world.ended(one.execution);
  const ids = async (query) => (await world.get(`/v1/executions?${query}`)).executions.map(({ id }) => id);
  assert.deepEqual(await ids("metadata=case:filter"), [one.execution]);
  assert.deepEqual(await ids("metadata=n:1&prompt=greet&version=1&status=completed"), [one.execution]);
  assert.ok((await ids("prompt=count")).every((id) => id !== one.execution));
  assert.ok((await ids("tag=production")).length > 0);
  assert.deepEqual(await ids("after=2999-01-01T00:00:00Z"), []);
  const first = await world.get("/v1/executions?limit=2");
  const next = await world.get(`/v1/executions?limit=2&cursor=${first.nextCursor}`);
  assert.ok(first.executions[1].id > next.executions[0].id, "newest first");
  await world.json("DELETE", `/v1/executions/${one.execution}`);
  assert.equal((await world.send("GET", `/v1/executions/${one.execution}`)).status, 404);
  for (const bad of ["status=x", "after=soon", "metadata=x", "cursor=x", "version=0", "y=1"])
    assert.equal((await world.send("GET", `/v1/executions?${bad}`)).status, 400, bad);
});

test("roles: `run` may run and read executions, `read` may do neither, only `admin` may change connections", async () => {
  const runs = world.as(await world.newKey({ role: "run" }));
  const reads = world.as(await world.newKey({ role: "read" }));
  const writes = world.as(await world.newKey({ role: "write" }));
  const status = async (who, method, path, body) => (await who.send(method, path, body)).status;
  const call = ["POST", "/v1/prompts/greet/run", { inputs: { name: "Ada" } }];
  assert.equal(await status(runs, ...call), 200);
  assert.equal(await status(writes, ...call), 200);
  assert.equal(await status(reads, ...call), 403);
  assert.equal(await status(runs, "GET", "/v1/executions"), 200);
  assert.equal(await status(reads, "GET", "/v1/executions"), 403);
  for (const who of [runs, reads, writes]) {
    assert.equal(await status(who, "GET", "/v1/connections"), 403);
    assert.equal(await status(who, "PUT", "/v1/connections/x", { kind: "workers_ai" }), 403);
  }
  assert.equal(await status(runs, "POST", "/v1/prompts/greet/versions", GREET), 403);
  const settings = await runs.get("/v1/runs/settings");
  assert.deepEqual(settings.recording, { mode: "usage", days: 30 });
  assert.equal(settings.connections[0].secret, "UPSTREAM_TEST");
});

test("limits of a key: runs a minute, tokens a day; 429 with Retry-After before anything is spent", async () => {
  const key = await world.newKey({ role: "run", limits: { runsPerMinute: 2 } });
  const who = world.as(key);
  for (let i = 0; i < 2; i++) assert.equal((await who.run("greet", { inputs: { name: "Ada" } })).status, 200);
  const before = upstream.requests.length;
  const refused = await who.run("greet", { inputs: { name: "Ada" } });
  assert.equal(refused.status, 429);
  assert.equal((await refused.json()).code, "rate_limited");
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds > 0 && seconds <= 60, `Retry-After: ${seconds}`);
  assert.equal(upstream.requests.length, before);
  const tokens = await world.json("POST", "/v1/keys", { role: "run", limits: { tokensPerDay: 20 } });
  const spender = world.as(tokens.key);
  const spend = async () => {
    const response = await spender.run("greet", { inputs: { name: "Ada" } });
    const { execution } = await response.json();
    if (execution) await world.ended(execution);
    return response;
  };
  assert.deepEqual([(await spend()).status, (await spend()).status], [200, 200], "17 of 20 leave room for one more");
  const over = await spend();
  assert.equal(over.status, 429);
  assert.ok(Number(over.headers.get("retry-after")) > 0);
  await world.json("PATCH", `/v1/keys/${tokens.id}`, { limits: {} });
  assert.equal((await world.get(`/v1/keys/${tokens.id}`)).limits, undefined);
});

test("connections: made, read, changed, removed; in the audit log; no secret in them", async () => {
  const made = await world.send("POST", "/v1/connections", {
    name: "second",
    kind: "anthropic",
    baseUrl: "https://api.anthropic.com/v1",
    secret: "UPSTREAM_TEST",
  });
  assert.equal(made.status, 201);
  assert.equal((await world.send("POST", "/v1/connections", await made.json())).status, 409);
  const names = (await world.get("/v1/connections")).connections.map(({ name }) => name);
  assert.deepEqual(names, ["main", "second"]);
  assert.equal((await world.send("DELETE", "/v1/connections/second")).status, 204);
  assert.equal((await world.send("GET", "/v1/connections/second")).status, 404);
  for (const [body, pointer] of [
    [{ kind: "x", baseUrl: "https://x.example" }, "/kind"],
    [{ kind: "anthropic" }, "/baseUrl"],
    [{ kind: "anthropic", baseUrl: "http://x.example" }, "/baseUrl"],
    [{ kind: "anthropic", baseUrl: "https://10.0.0.1" }, "/baseUrl"],
    [{ kind: "anthropic", baseUrl: "https://169.254.169.254/" }, "/baseUrl"],
    [{ kind: "anthropic", baseUrl: "https://x.example", secret: SECRET }, "/secret"],
    [{ kind: "anthropic", baseUrl: "https://x.example", secret: "BOOTSTRAP_KEY" }, "/secret"],
    [{ kind: "anthropic", baseUrl: "https://x.example", models: [{ name: "m", prices: { input: -1 } }] }, "/models"],
    [{ kind: "anthropic", baseUrl: "https://x.example", name: "other" }, "/name"],
  ]) {
    const response = await world.send("PUT", "/v1/connections/third", body);
    const problem = await response.json();
    assert.equal(response.status, 422, JSON.stringify(body));
    assert.equal(problem.issues[0].pointer, pointer);
    assert.ok(!JSON.stringify(problem).includes(SECRET));
  }
  const events = (await world.get("/v1/events?limit=100")).events.map(({ action }) => action);
  assert.ok(events.includes("connection.put") && events.includes("connection.delete"));
  await world.connect("nosecret", "openai_chat", upstream.url, { secret: "UPSTREAM_MISSING" });
  const response = await world.run("greet", { inputs: { name: "Ada" }, connection: "nosecret" });
  assert.equal(response.status, 503);
  assert.equal((await response.json()).code, "connection_unusable");
});
