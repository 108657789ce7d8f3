// Calls every operation of the API's description through `cuecard/admin`, against a stand-in for the Worker. Needs
// `cargo xtask build pkg`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Cuecard } from "../../pkg/dist/admin/index.js";

const source = readFileSync(new URL("../../pkg/js/admin/api.ts", import.meta.url), "utf8");
/** Name, method and path of each operation of `/openapi.json`, as the source lists them. */
const operations = [...source.matchAll(/^  (\w+): \{ method: "(\w+)", path: "([^"]+)", writes: (\w+) \},$/gm)].map(
  ([, name, method, path, writes]) => ({
    name,
    method,
    path: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`),
    writes: writes === "true",
  }),
);

/** A client whose Worker answers every request with `answer`, and the list of its requests. */
function recorded(answer = { status: 200, body: {} }) {
  const asked = [];
  const fetch = async (url, { method, headers, body }) => {
    const { pathname, search } = new URL(url);
    const found = operations.filter((one) => one.method === method && one.path.test(pathname));
    // A path with a fixed name wins over one with a parameter in its place.
    const [operation] = found.sort((a, b) => a.path.source.split("[^/]+").length - b.path.source.split("[^/]+").length);
    asked.push({ operation: operation?.name, search, headers, body: body && JSON.parse(body) });
    return new Response(answer.status === 204 ? null : JSON.stringify(answer.body), { status: answer.status });
  };
  return { cue: new Cuecard({ url: "https://prompts.test", key: "k", fetch }), asked };
}

const document = { messages: [{ role: "user", content: "Hello" }] };
const calls = [
  (cue) => cue.health(),
  (cue) => cue.openapi(),
  (cue) => cue.list({ prefix: "a", deleted: true }),
  (cue) => cue.resolve("a/b", 7),
  (cue) => cue.describe("a/b", { labels: { team: "x" }, slug: "a/c" }),
  (cue) => cue.delete("a/b"),
  (cue) => cue.restore("a/b"),
  (cue) => cue.purge("a/b"),
  (cue) => cue.duplicate("a/b", "a/c", 3),
  (cue) => cue.render("a/b", { name: "Ada" }, { payload: "anthropic" }),
  (cue) => cue.commit("a/b", document, { always: true, anew: true }),
  (cue) => cue.history("a/b"),
  (cue) => cue.version("a/b", 7),
  (cue) => cue.removeVersion("a/b", 7),
  (cue) => cue.diff("a/b", 1, "latest"),
  (cue) => cue.import("a/b", {}, { from: "athina" }),
  (cue) => cue.importHistory("a/b", { versions: [] }),
  (cue) => cue.export("a/b", "langwatch"),
  (cue) => cue.drafts(),
  (cue) => cue.drafts({ slug: "a/b" }),
  (cue) => cue.draft("a/b", undefined, { author: "Ada" }),
  (cue) => cue.draft("a/b", document, { author: "Ada", base: 2 }),
  (cue) => cue.discardDraft("a/b"),
  (cue) => cue.commitDraft("a/b", { draft: "Ada" }),
  (cue) => cue.cases("a/b"),
  (cue) => cue.case("a/b", "long"),
  (cue) => cue.case("a/b", "long", { name: "Ada" }),
  (cue) => cue.removeCase("a/b", "long"),
  (cue) => cue.tags("a/b"),
  (cue) => cue.tag("a/b", "staging"),
  (cue) => cue.move("a/b", "staging", 2, { reason: "it is kinder" }),
  (cue) => cue.untag("a/b", "staging"),
  (cue) => cue.moves("a/b", "staging"),
  (cue) => cue.rollback("a/b", "staging"),
  (cue) => cue.tagNames(),
  (cue) => cue.addTagName("canary"),
  (cue) => cue.removeTagName("canary"),
  (cue) => cue.snapshot(),
  (cue) => cue.exports("langwatch", "latest"),
  (cue) => cue.run("a/b", { inputs: {} }),
  (cue) => cue.executions({ status: "failed", prompt: "a/b", limit: 3 }),
  (cue) => cue.execution("e"),
  (cue) => cue.removeExecution("e"),
  (cue) => cue.runSettings(),
  (cue) => cue.connections(),
  (cue) => cue.createConnection({ name: "c", kind: "anthropic" }),
  (cue) => cue.connection("c"),
  (cue) => cue.connection("c", { kind: "anthropic" }),
  (cue) => cue.removeConnection("c"),
  (cue) => cue.events(),
  (cue) => cue.self(),
  (cue) => cue.revisions(),
  (cue) => cue.keys({ project: "p" }),
  (cue) => cue.createKey({ role: "read" }),
  (cue) => cue.key("k"),
  (cue) => cue.changeKey("k", { limits: { runsPerMinute: 1 } }),
  (cue) => cue.revokeKey("k"),
  (cue) => cue.projects(),
  (cue) => cue.createProject({ slug: "p" }),
  (cue) => cue.project("p"),
  (cue) => cue.changeProject("p", { name: "P" }),
  (cue) => cue.deleteProject("p"),
  (cue) => cue.restoreProject("p"),
];

test("every operation has a method", async () => {
  assert.ok(operations.length >= 60, String(operations.length));
  const { cue, asked } = recorded();
  for (const call of calls) await call(cue);
  const said = new Set(asked.map(({ operation }) => operation));
  assert.deepEqual(
    operations.map(({ name }) => name).filter((name) => !said.has(name)),
    [],
    "operations without a method in pkg/js/admin/index.ts, or without a call in this file",
  );
  assert.equal(said.size, operations.length);
  for (const { operation, headers } of asked) {
    const { writes } = operations.find(({ name }) => name === operation);
    assert.equal("idempotency-key" in headers, writes, operation);
  }
});

test("a history that is more than a request may cost is sent in several, with its tags in the last", async () => {
  const sent = [];
  const fetch = async (_, { headers, body }) => {
    const { versions, tags } = JSON.parse(body);
    const numbers = versions.map(({ version }) => version);
    sent.push({ numbers, tags, key: headers["idempotency-key"] });
    const most = numbers.includes(1) ? 0 : 2;
    const problem = { title: "A limit is exceeded", status: 422, detail: "too much", code: "limit_exceeded" };
    if (numbers.length > most) return Response.json(problem, { status: 422 });
    return Response.json({ added: numbers, kept: [], removed: [], tags: Object.keys(tags), versions: [] });
  };
  const cue = new Cuecard({ url: "https://prompts.test", key: "k", fetch });
  const history = (...numbers) => ({ versions: numbers.map((version) => ({ version, document })), tags: { live: 4 } });
  const taken = await cue.importHistory("a/b", history(2, 3, 4, 5, 6), { idempotencyKey: "once" });
  assert.deepEqual(taken.added, [2, 3, 4, 5, 6]);
  assert.deepEqual(taken.tags, ["live"]);
  assert.deepEqual(
    sent.map(({ numbers }) => numbers.join()),
    ["2,3,4,5,6", "2,3,4", "2,3", "4", "5,6"],
  );
  assert.deepEqual(sent.at(-1).tags, { live: 4 });
  assert.ok(sent.slice(1, -1).every(({ tags }) => Object.keys(tags).length === 0));
  const keys = sent.filter(({ numbers }) => ["2,3", "4", "5,6"].includes(numbers.join())).map(({ key }) => key);
  assert.equal(new Set(keys).size, 3);

  const refused = (error) => error.code === "limit_exceeded";
  await assert.rejects(cue.importHistory("a/b", history(1)), refused);
});

test("a history of many versions is sent 500 at a time", async () => {
  const { cue, asked } = recorded({ status: 200, body: { added: [], kept: [], removed: [], tags: [], versions: [] } });
  await cue.importHistory("a/b", { versions: Array.from({ length: 1_200 }, (_, n) => ({ version: n + 1, document })) });
  assert.deepEqual(
    asked.map(({ body }) => body.versions.length),
    [500, 500, 200],
  );
});

test("arguments become the right parts of the request", async () => {
  const { cue, asked } = recorded();
  const last = () => asked.at(-1);
  const about = { scope: "organization" };
  await cue.commit("a/b", document, {
    always: true,
    anew: true,
    beside: true,
    about,
    message: "m",
    author: "Ada",
    tags: ["staging"],
  });
  assert.equal(last().search, "?always=true&anew=true&beside=true");
  assert.deepEqual(last().body, { ...document, commitMessage: "m", author: "Ada", tags: ["staging"], about });
  await cue.describe("a/b", { labels: { team: "x" }, slug: "a/c" });
  assert.deepEqual(last().body, { labels: { team: "x" }, slug: "a/c" });
  await cue.move("a/b", "staging", 2, { reason: "it is kinder", ifMatch: 4 });
  assert.deepEqual([last().body, last().headers["if-match"]], [{ version: 2, reason: "it is kinder" }, '"4"']);
  await cue.draft("a/b", undefined, { author: "Ada" });
  assert.deepEqual([last().operation, last().search], ["getDraft", "?author=Ada"]);
  await cue.executions({ status: "failed", prompt: "a/b", limit: 3 });
  assert.equal(last().search, "?status=failed&prompt=a%2Fb&limit=3");
  await cue.render("a/b", { name: "Ada" }, { at: 7, payload: "anthropic" });
  assert.deepEqual([last().search, last().body], ["?version=7&payload=anthropic", { inputs: { name: "Ada" } }]);
});

test("a failed run is not retried", async () => {
  const { cue, asked } = recorded({
    status: 503,
    body: { code: "upstream_unavailable", status: 503, title: "t", detail: "d" },
  });
  await assert.rejects(cue.run("a/b", { inputs: {} }), (error) => error.code === "upstream_unavailable");
  assert.equal(asked.length, 1);
});
