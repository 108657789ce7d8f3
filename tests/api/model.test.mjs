// Compares random histories over HTTP, of one or two projects of an organisation, with a model made of a few maps.
// MODEL_STEPS (400) sets their length, MODEL_SEED (1) their seed.
import assert from "node:assert/strict";
import { test } from "node:test";

import { start } from "../workerd.mjs";
import { all, client, says } from "./client.mjs";
import { ABSENT, Model, PRESENT } from "./model.mjs";

const STEPS = Number(process.env.MODEL_STEPS ?? 400);
const SEED = Number(process.env.MODEL_SEED ?? 1);
const SLUGS = ["a", "a/b", "b"];
const TAGS = ["production", "staging"];

const committed = ({ status, json }) => ({ created: status === 201, version: json.version });
const resolved = ({ json }) => ({ version: json.version, text: json.messages[0].content });
const pointed = ({ json }) => ({ version: json.version });
const scoped = ({ json }) => ({ scope: json.scope });
const nothing = () => undefined;

const given = (selector) => (typeof selector === "number" ? { version: selector } : { tag: selector });

/** Each operation over HTTP: its weight, the request, and the parts of the answer that the model predicts. */
const OPERATIONS = {
  commit: [8, "POST", () => "/versions", ({ text, tags }) => says(text, { tags }), committed],
  resolve: [6, "GET", ({ selector }) => `?${new URLSearchParams(given(selector))}`, undefined, resolved],
  setTag: [6, "PUT", ({ tag }) => `/tags/${tag}`, ({ version }) => ({ version }), pointed],
  rollBack: [4, "POST", ({ tag }) => `/tags/${tag}/rollback`, undefined, pointed],
  deleteTag: [2, "DELETE", ({ tag }) => `/tags/${tag}`, undefined, nothing],
  share: [4, "PATCH", () => "", ({ scope }) => ({ scope }), scoped],
  remove: [3, "DELETE", () => "", undefined, nothing],
  restore: [2, "POST", () => "/restore", undefined, nothing],
  purge: [2, "POST", () => "/purge", undefined, nothing],
  duplicate: [3, "POST", () => "/duplicate", ({ to, selector }) => ({ slug: to, ...given(selector) }), committed],
  putDraft: [2, "PUT", () => "/draft", ({ text }) => says(text), nothing],
  commitDraft: [2, "POST", () => "/draft/commit", undefined, committed],
};
/** The operations that take a precondition. */
const CONDITIONAL = ["commit", "setTag", "rollBack", "deleteTag", "share", "remove", "putDraft", "commitDraft"];

function condition(model, when) {
  if (when === undefined) return {};
  if (when === ABSENT) return { "if-none-match": "*" };
  return { "if-match": when === PRESENT ? "*" : `"${model.seen(when)}"` };
}

const ASKS = { FRESH_SECONDS: "0", STALE_WHILE_REVALIDATE_SECONDS: "0" };
/**
 * A project may read fresh copies of another project's shared tags that have moved since, so the run with two projects
 * sets both windows to 0.
 */
for (const [name, projects, vars] of [
  ["one project, whose copies are fresh until it writes", ["default"], {}],
  ["two projects, with copies of versions only", ["default", "beta"], ASKS],
]) {
  test(`${STEPS} random steps agree with the model: ${name}`, async (t) => {
    const worker = await start({ vars });
    t.after(() => worker.stop());
    const home = client(worker);
    await home("POST", "/v1/projects", { slug: "beta" });
    const { key } = (await home("POST", "/v1/keys", { project: "beta", role: "admin" })).json;
    const calls = { default: home, beta: client({ url: worker.url, key }) };
    const model = new Model(Object.keys(calls), 2);
    const random = generator(SEED);
    const below = (n) => Math.floor(random() * n);
    const pick = (list) => list[below(list.length)];
    const names = Object.entries(OPERATIONS).flatMap(([name, [weight]]) => Array(weight).fill(name));
    const done = { refused: 0, reads: 0 };

    /** Runs an operation on the model and over HTTP, and asserts that both give the same. */
    async function step(about, project, slug, verb, when, luck) {
      const [, method, rest, body, read] = OPERATIONS[verb];
      const headers = condition(model, when);
      let expected;
      try {
        expected = { value: model[verb](project, slug, when, luck) };
      } catch (code) {
        if (typeof code !== "string") throw code;
        expected = { code };
        done.refused += 1;
      }
      const answer = await calls[project](
        method,
        `/v1/prompts/${encodeURIComponent(slug)}${rest(luck)}`,
        body?.(luck),
        headers,
      );
      const got = answer.status < 300 ? { value: read(answer) } : { code: answer.json.code };
      const what = `${about}: ${verb} ${JSON.stringify([project, slug, when, luck])}`;
      assert.deepEqual(got, expected, `${what}: ${answer.status} ${answer.text}`);
      // A copy answers a read with the revision of its last confirmation, so only writes compare revisions.
      if (method === "GET") done.reads += 1;
      else assert.equal(Number(answer.headers.get("cuecard-revision")), model.revision(project), what);
    }

    for (let n = 0; n < STEPS; n++) {
      const about = `step ${n} of MODEL_SEED=${SEED}`;
      const project = random() < 0.7 ? projects[0] : projects.at(-1);
      const verb = pick(names);
      const version = 1 + below(4);
      const luck = {
        text: `text ${below(6)}`,
        tag: pick(TAGS),
        tags: TAGS.filter(() => random() < 0.3),
        version,
        selector: pick(["latest", ...TAGS, version]),
        scope: random() < 0.6 ? "organization" : "project",
        to: pick(SLUGS),
      };
      const when = CONDITIONAL.includes(verb) && random() < 0.4 ? pick([ABSENT, PRESENT, -1, 0, below(6)]) : undefined;
      await step(about, project, pick(SLUGS), verb, when, luck);
      // Reads the first versions of every prompt, as their copies are kept forever.
      for (const project of projects) {
        for (const slug of SLUGS) {
          for (const selector of [1, 2]) await step(about, project, slug, "resolve", undefined, { selector });
        }
      }
    }
    for (const [project, call] of Object.entries(calls)) {
      for (const slug of SLUGS) {
        const prompt = model.readable(project, slug);
        if (!prompt) continue;
        const history = await all(call, `/v1/prompts/${encodeURIComponent(slug)}/versions`, "versions", 5);
        assert.deepEqual(
          history.map((version) => version.messages[0].content).reverse(),
          prompt.versions.map(({ text }) => text),
        );
      }
    }
    t.diagnostic(
      `MODEL_SEED=${SEED}: ${STEPS} steps with ${done.reads} reads by ${projects.length} projects, ${done.refused} refused by both`,
    );
  });
}

/** mulberry32 gives the same numbers for the same seed. */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}
