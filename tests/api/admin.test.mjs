// `cuecard/admin` against the real Worker. Needs `cargo xtask build pkg worker`.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cuecard, PromptError } from "../../pkg/dist/admin/index.js";
import { PromptError as ReadersError } from "../../pkg/dist/node.js";
import { start } from "../workerd.mjs";
import { says } from "./client.mjs";

let worker;
let cue;
before(async () => {
  worker = await start();
  cue = new Cuecard(worker);
});
after(() => worker?.stop());

const code = (expected) => (error) => error instanceof PromptError && error.code === expected;

test("commit, move, roll back, compare, list, read the history", async () => {
  const first = await cue.commit("team/bot", says("one {{ a }}", { parameters: { max_tokens: 3 } }), {
    message: "First",
    author: "Ada",
  });
  assert.deepEqual([first.version, first.created, first.commitMessage, first.author], [1, true, "First", "Ada"]);
  assert.deepEqual(
    first.warnings.map(({ code, suggestion }) => [code, suggestion]),
    [["near_miss", "maxTokens"]],
  );
  const second = await cue.commit("team/bot", says("two {{ a }}"), { tags: ["staging"] });
  assert.deepEqual([second.version, second.warnings], [2, []]);
  assert.equal((await cue.commit("team/bot", says("two {{ a }}"))).created, false);
  assert.equal((await cue.commit("team/bot", says("two {{ a }}"), { always: true })).version, 3);
  const moved = await cue.move("team/bot", "production", 2);
  assert.deepEqual([moved.tag, moved.version], ["production", 2]);
  await assert.rejects(
    cue.move("team/bot", "production", 1, { ifMatch: moved.revision - 1 }),
    code("precondition_failed"),
  );
  assert.equal((await cue.rollback("team/bot", "production", { ifMatch: moved.revision })).version, 1);
  assert.deepEqual(
    (await cue.tags("team/bot")).map(({ tag, version }) => [tag, version]),
    [
      ["production", 1],
      ["staging", 2],
    ],
  );
  const { moves } = await cue.moves("team/bot", "production");
  assert.deepEqual(
    moves.map(({ kind }) => kind),
    ["rollback", "set", "commit"],
  );
  const { equal, from, to } = await cue.diff("team/bot");
  assert.deepEqual([equal, from, to], [false, 1, 3]);
  const page = await cue.history("team/bot", { limit: 2 });
  assert.deepEqual([page.versions.map(({ version }) => version), typeof page.nextCursor], [[3, 2], "string"]);
  const all = [];
  for await (const { version } of cue.history("team/bot", { limit: 1 })) all.push(version);
  assert.deepEqual(all, [3, 2, 1]);
  const listed = [];
  for await (const { slug } of cue.list({ prefix: "team/" })) listed.push(slug);
  assert.deepEqual(listed, ["team/bot"]);
  assert.equal((await cue.resolve("team/bot")).version, 1);
  assert.equal((await cue.snapshot()).tag, "production");
  await cue.untag("team/bot", "staging");
  await cue.describe("team/bot", { name: "Bot" });
  await cue.duplicate("team/bot", "team/copy", 2);
  await cue.delete("team/copy");
  assert.equal((await cue.restore("team/copy")).slug, "team/copy");
  const actions = [];
  for await (const { action } of cue.events(0, { limit: 2 })) actions.push(action);
  assert.ok(actions.length > 8 && actions.includes("tag.rollback"), actions.join());
});

test("drafts", async () => {
  await cue.commit("drafted", says("one"));
  const saved = await cue.draft("drafted", says("draft"));
  assert.equal(saved.base, 1);
  assert.equal((await cue.draft("drafted")).messages[0].content, "draft");
  assert.equal((await cue.commitDraft("drafted", { message: "From a draft" })).version, 2);
  await assert.rejects(cue.draft("drafted"), code("draft_not_found"));
  await cue.draft("drafted", says("again"));
  await cue.discardDraft("drafted");
});

test("a change whose answer is lost is retried and happens once", async () => {
  const sent = [];
  let calls = 0;
  const flaky = async (url, init) => {
    calls += 1;
    sent.push(init.headers["idempotency-key"]);
    const response = await fetch(url, init);
    if (calls === 1) throw new TypeError("the answer was lost");
    if (calls === 2) return new Response("bad gateway", { status: 502 });
    return response;
  };
  const patient = new Cuecard({ ...worker, fetch: flaky });
  const made = await patient.commit("once", says("one"), { always: true });
  assert.deepEqual([calls, made.version, made.created], [3, 1, true]);
  assert.equal(new Set(sent).size, 1);
  assert.equal((await cue.history("once")).versions.length, 1);
  calls = 5;
  await patient.commit("once", says("one"), { always: true });
  assert.equal(new Set(sent).size, 2, "another change has another key");
});

test("every failure is a PromptError, the class of the reading client", async () => {
  assert.equal(PromptError, ReadersError);
  await assert.rejects(cue.move("nobody", "production", 1), code("prompt_not_found"));
  await assert.rejects(cue.commit("bad", { messages: [{ role: "bot", content: "" }] }), code("document_invalid"));
  const { key } = await cue.call("createKey", { body: { role: "read" } });
  const read = new Cuecard({ ...worker, key });
  await assert.rejects(read.commit("a", says("x")), code("role_required"));
  const gone = new Cuecard({ url: "http://127.0.0.1:9", key: "k", timeout: 200 });
  await assert.rejects(gone.list(), code("origin_unavailable"));
  const signal = AbortSignal.abort();
  await assert.rejects(cue.call("listPrompts", { signal }), code("aborted"));
  assert.throws(() => new Cuecard({ url: "ftp://a", key: "k" }), code("query_invalid"));
  assert.throws(() => new Cuecard({ url: worker.url, key: "" }), code("key_missing"));
});
