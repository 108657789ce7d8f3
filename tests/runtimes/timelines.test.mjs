// Plays every timeline of the freshness policy through the client, with a simulated clock and network.
import assert from "node:assert/strict";
import { after, test } from "node:test";

import { entry } from "./entry.mjs";
import { Script, play, timelines } from "../timelines.mjs";
import { version } from "./origin.mjs";

const { Cuecard, PromptError } = await entry();
const { now } = Date;
after(() => void (Date.now = now));

const problem = JSON.stringify({
  type: "urn:cuecard:error:prompt_not_found",
  title: "No",
  status: 404,
  code: "prompt_not_found",
  detail: "gone",
});

const cases = timelines("package");

for (const one of cases) {
  test(one.id, async () => {
    const script = new Script();
    const work = new Set();
    const { fresh: freshFor, staleWhileRevalidate, staleIfError } = one.policy;
    const waitUntil = (promise) => {
      work.add(promise);
      void promise.then(() => work.delete(promise));
    };
    const fetch = async (url) => {
      const slug = new URL(url).pathname.split("/").at(-1);
      const { outcome, text, revision, retryAfter } = await script.ask();
      const headers = { ...(revision && { "cuecard-revision": revision, etag: `"${revision}"` }) };
      if (outcome === "modified")
        return Response.json(version(slug, 1, { tag: "production", content: text }), { headers });
      if (outcome === "not_modified") return new Response(null, { status: 304, headers });
      if (outcome === "missing")
        return new Response(problem, {
          status: 404,
          headers: { ...headers, "content-type": "application/problem+json" },
        });
      return new Response("no", {
        status: 418,
        headers: { ...(retryAfter && { "retry-after": String(retryAfter / 1_000) }) },
      });
    };
    const cue = new Cuecard({
      url: "https://origin.example",
      key: "k",
      freshFor,
      staleWhileRevalidate,
      staleIfError,
      fetch,
      waitUntil,
    });
    const house = {
      setTime: (at) => void (Date.now = () => at),
      async read(key) {
        try {
          const prompt = await cue.get(one.kind === "version" ? `${key}@1` : key);
          return { status: "served", text: prompt.render({ name: "" }).messages[0].content, age: prompt.source.age };
        } catch (error) {
          if (!(error instanceof PromptError)) throw error;
          assert.match(error.code, /^prompt_(not_found|unavailable)$/, error.stack);
          return { status: error.code === "prompt_not_found" ? "missing" : "error" };
        }
      },
      async settled(left) {
        while (work.size > left) await new Promise((resolve) => setImmediate(resolve));
      },
    };
    await play(one, house, script, 1);
  });
}

test("nearly every timeline is played", () => assert.ok(cases.length >= 37, `${cases.length} cases`));
