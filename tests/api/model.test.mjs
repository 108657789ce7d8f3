// Random histories through HTTP, held against a model of a few lines. MODEL_STEPS (400) and MODEL_SEED choose more and others.
import assert from "node:assert/strict";
import { test } from "node:test";

import { start } from "../workerd.mjs";
import { all, client, says } from "./client.mjs";

const STEPS = Number(process.env.MODEL_STEPS ?? 400);
const SEED = Number(process.env.MODEL_SEED ?? 1);
const SLUGS = ["a", "a/b", "b"];
const TAGS = ["live", "staging"];

/** What a store must know, in the simplest form there is. */
class Model {
  prompts = new Map();
  drafts = new Map();

  #there(slug) {
    const prompt = this.prompts.get(slug);
    if (!prompt || prompt.deleted) throw "prompt_not_found";
    return prompt;
  }

  #commit(slug, text, tags) {
    const prompt = this.prompts.get(slug) ?? { versions: [], tags: {}, moves: {}, deleted: false };
    if (prompt.deleted) throw "slug_taken";
    const created = prompt.versions.at(-1) !== text;
    if (created) prompt.versions.push(text);
    const version = prompt.versions.length;
    const first = !this.prompts.has(slug);
    for (const tag of first ? new Set([...tags, "live"]) : tags) if (prompt.tags[tag] !== version) this.#move(prompt, tag, version);
    this.prompts.set(slug, prompt);
    return { created, version };
  }

  #move(prompt, tag, version) {
    const undo = (prompt.moves[tag] ??= []);
    const from = prompt.tags[tag];
    if (from !== undefined && from !== version) undo.push(from);
    prompt.tags[tag] = version;
  }

  commit(slug, text, tags) {
    return this.#commit(slug, text, tags);
  }

  resolve(slug, selector) {
    const { versions, tags } = this.#there(slug);
    const version = selector === "latest" ? versions.length : typeof selector === "number" ? selector : tags[selector];
    if (version === undefined) throw "tag_not_found";
    if (version > versions.length) throw "version_not_found";
    return { version, text: versions[version - 1] };
  }

  setTag(slug, tag, version) {
    const prompt = this.#there(slug);
    if (version > prompt.versions.length) throw "version_not_found";
    if (prompt.tags[tag] !== version) this.#move(prompt, tag, version);
    return { version };
  }

  rollBack(slug, tag) {
    const prompt = this.#there(slug);
    if (!(tag in prompt.moves)) throw "tag_not_found";
    const version = prompt.moves[tag].pop();
    if (version === undefined) throw "version_not_found";
    prompt.tags[tag] = version;
    return { version };
  }

  remove(slug) {
    this.#there(slug).deleted = true;
  }

  restore(slug) {
    const prompt = this.prompts.get(slug);
    if (!prompt) throw "prompt_not_found";
    prompt.deleted = false;
  }

  putDraft(slug, text) {
    if (this.prompts.get(slug)?.deleted) throw "slug_taken";
    this.drafts.set(slug, text);
  }

  commitDraft(slug) {
    if (!this.drafts.has(slug)) throw "draft_not_found";
    const done = this.#commit(slug, this.drafts.get(slug), []);
    this.drafts.delete(slug);
    return done;
  }
}

/** Each step: what it is called, what the model does, what HTTP does. Both give the same, or the same code. */
const STEPS_OF = {
  commit: (slug, { text, tags }) => ["commit", [slug, text, tags], "POST", "/versions", says(text, { tags }), committed],
  resolveTag: (slug, { tag }) => ["resolve", [slug, tag], "GET", `?tag=${tag}`, undefined, resolved],
  resolveLatest: (slug) => ["resolve", [slug, "latest"], "GET", "?tag=latest", undefined, resolved],
  resolveVersion: (slug, { version }) => ["resolve", [slug, version], "GET", `?version=${version}`, undefined, resolved],
  setTag: (slug, { tag, version }) => ["setTag", [slug, tag, version], "PUT", `/tags/${tag}`, { version }, pointed],
  rollBack: (slug, { tag }) => ["rollBack", [slug, tag], "POST", `/tags/${tag}/rollback`, undefined, pointed],
  remove: (slug) => ["remove", [slug], "DELETE", "", undefined, nothing],
  restore: (slug) => ["restore", [slug], "POST", "/restore", undefined, nothing],
  putDraft: (slug, { text }) => ["putDraft", [slug, text], "PUT", "/draft", says(text), nothing],
  commitDraft: (slug) => ["commitDraft", [slug], "POST", "/draft/commit", undefined, committed],
};

const committed = ({ status, json }) => ({ created: status === 201, version: json.version });
const resolved = ({ json }) => ({ version: json.version, text: json.messages[0].content });
const pointed = ({ json }) => ({ version: json.version });
const nothing = () => undefined;

test(`${STEPS} random steps agree with the model`, async (t) => {
  const worker = await start();
  t.after(() => worker.stop());
  const call = client(worker);
  const model = new Model();
  const random = generator(SEED);
  const pick = (list) => list[Math.floor(random() * list.length)];
  // Deleting is rare, or there is nothing to do most of the time.
  const names = Object.keys(STEPS_OF).flatMap((name) => (name === "remove" ? [name] : [name, name, name]));
  let refused = 0;
  let revision = 0;
  for (let n = 0; n < STEPS; n++) {
    const luck = {
      text: `text ${Math.floor(random() * 6)}`,
      tag: pick(TAGS),
      tags: TAGS.filter(() => random() < 0.3),
      version: 1 + Math.floor(random() * 6),
    };
    const [verb, args, method, path, body, read] = STEPS_OF[pick(names)](pick(SLUGS), luck);
    const about = `step ${n} of seed ${SEED}: ${verb} ${JSON.stringify(args)}`;
    let expected;
    try {
      expected = { value: model[verb](...args) };
    } catch (code) {
      if (typeof code !== "string") throw code;
      expected = { code };
      refused += 1;
    }
    const answer = await call(method, `/v1/prompts/${encodeURIComponent(args[0])}${path}`, body);
    const got = answer.status < 300 ? { value: read(answer) } : { code: answer.json.code };
    assert.deepEqual(got, expected, `${about}: ${answer.status} ${answer.text}`);
    if (method === "GET") continue; // from a copy, with the revision at which that was last confirmed
    const now = Number(answer.headers.get("cuecard-revision"));
    assert.ok(now >= revision, `${about}: revision ${now} after ${revision}`);
    revision = now;
  }
  for (const slug of SLUGS) {
    const prompt = model.prompts.get(slug);
    if (!prompt || prompt.deleted) continue;
    const history = await all(call, `/v1/prompts/${encodeURIComponent(slug)}/versions`, "versions", 5);
    assert.deepEqual(history.map((version) => version.messages[0].content).reverse(), prompt.versions);
  }
  t.diagnostic(`${STEPS} steps, ${refused} of them refused by both`);
});

/** mulberry32: the same numbers for the same seed. */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}
