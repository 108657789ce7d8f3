// A stack overflows in the Worker or in a Durable Object while other requests are under way. The build is the real one,
// on a stack so small that ordinary requests just work, and a template within the nesting limits overflows it.
import assert from "node:assert/strict";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Pool } from "../edge/pool.mjs";
import { test } from "../patient.mjs";
import { start } from "../workerd.mjs";
import { Origin } from "./origin.mjs";

const HELLO = "Hello {{ name }}";
/** A template that overflows the stack when it renders. */
const DEEP_RENDER =
  "{% macro deep(n) %}{% if n %}{% if n %}{{ [deep(n - 1)] | join('') }}{% endif %}{% endif %}{% endmacro %}{{ deep(name | length) }}";
/** A template that overflows the stack when it compiles. */
const DEEP_TEMPLATE = `${"{% if name %}".repeat(31)}{{ ${"---(".repeat(31)}name${")".repeat(31)} }}${"{% endif %}".repeat(31)}`;
/** Milliseconds that any answer may take: a deadline for the origin, and time for a slow machine. */
const AT_ONCE = 3_000;

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

const prompt = (content) => JSON.stringify({ messages: [{ role: "user", content }] });
const inputs = (name) => JSON.stringify({ inputs: { name } });

/** Starts a Worker with a stack of `size` KiB. `ask` resolves to `{ status, code, took, text }` of a request. */
async function world(size, vars = {}) {
  const worker = await start({ vars, v8Flags: [`--stack-size=${size}`] });
  const pool = new Pool(worker.port);
  stops.push(
    () => worker.stop(),
    () => pool.close(),
  );
  const headers = { authorization: `Bearer ${worker.key}`, "content-type": "application/json" };
  const ask = async (method, path, body, more) => {
    const began = performance.now();
    const { status, body: text } = await pool.request(method, path, { ...headers, ...more }, body);
    const { code, messages } = text.startsWith("{") ? JSON.parse(text) : {};
    return { status, code, took: performance.now() - began, text: messages?.[0]?.content };
  };
  return { ask, traps: () => worker.logs().split("trap: ").length - 1 };
}

/** The smallest stack, in KiB, on which a commit and a render succeed. */
async function smallest() {
  for (let size = 44; size <= 200; size += 4) {
    const works = await world(size).then(
      async ({ ask }) => {
        const { status } = await ask("POST", "/v1/prompts/p/versions", prompt(HELLO));
        return status === 201 && (await ask("POST", "/v1/prompts/p/render", inputs("Zoë"))).status === 200;
      },
      () => false,
    );
    if (works) return size;
  }
  throw new Error("a commit and a render fail even on a stack of 200 KiB");
}

const SMALLEST = await smallest();

function refused({ status, code, took }) {
  assert.deepEqual([status, code], [500, "internal"]);
  assert.ok(took < AT_ONCE, `took ${took} ms`);
}

for (const known of [true, false]) {
  test(`a render overflows the stack, its prompt ${known ? "known to the edge" : "being fetched"}: it fails, other requests succeed`, async () => {
    const origin = await Origin.start();
    stops.push(() => origin.close());
    const size = SMALLEST + 28;
    const { ask, traps } = await world(size, { ORIGIN: origin.url });
    origin.put("known", HELLO);
    assert.equal((await ask("POST", "/v1/prompts/known/render", inputs("Zoë"))).text, "Hello Zoë");
    for (let round = 0; round < 3; round++) {
      const slugs = Array.from({ length: 20 }, (_, i) => `cold/${round}/${i}`);
      const bomb = `bomb/${round}`;
      for (const slug of slugs) origin.put(slug, HELLO);
      origin.put(bomb, DEEP_RENDER);
      origin.delay = 0;
      if (known) assert.equal((await ask("GET", `/v1/prompts/${bomb}`)).status, 200);
      const before = traps();
      origin.delay = 600;
      const reads = slugs.map((slug) => ask("GET", `/v1/prompts/${slug}`));
      const renders = slugs.map((slug) => ask("POST", `/v1/prompts/${slug}/render`, inputs("Zoë")));
      await sleep(100);
      origin.delay = 100;
      const bombed = await ask("POST", `/v1/prompts/${bomb}/render`, inputs("n".repeat(95)));
      const during = await ask("POST", "/v1/prompts/known/render", inputs("Zoë"));
      refused(bombed);
      assert.ok(traps() > before, `no trap on a stack of ${size} KiB`);
      assert.deepEqual([during.status, during.text], [200, "Hello Zoë"]);
      for (const [answers, text] of [
        [await Promise.all(reads), HELLO],
        [await Promise.all(renders), "Hello Zoë"],
      ]) {
        for (const answer of answers) assert.deepEqual([answer.status, answer.text], [200, text]);
        const slowest = Math.max(...answers.map(({ took }) => took));
        assert.ok(slowest < AT_ONCE, `took ${slowest} ms`);
      }
    }
    console.log(`# ${traps()} traps on a stack of ${size} KiB`);
  });
}

test("a commit overflows the store's stack: it fails and stores nothing; reads go on, retried writes are stored once", async () => {
  const size = SMALLEST + 4;
  const { ask, traps } = await world(size, { FRESH_SECONDS: "0", STALE_WHILE_REVALIDATE_SECONDS: "0" });
  assert.equal((await ask("POST", "/v1/prompts/p/versions", prompt(HELLO))).status, 201);
  let done = false;
  let [reads, writes, repeats] = [0, 0, 0];
  const reader = async () => {
    while (!done) {
      const [read, list, render] = await Promise.all([
        ask("GET", "/v1/prompts/p?version=1"),
        ask("GET", "/v1/prompts"),
        ask("POST", "/v1/prompts/p/render?version=1", inputs("Zoë")),
      ]);
      assert.deepEqual([read.status, list.status, render.status, render.text], [200, 200, 200, "Hello Zoë"]);
      reads += 3;
    }
  };
  const writer = async () => {
    while (!done) {
      const content = `Hello ${writes + 1}`;
      const again = { "idempotency-key": `write-${writes}` };
      let { status } = await ask("POST", "/v1/prompts/written/versions", prompt(content), again);
      while (status === 500 || status === 409) {
        repeats += 1;
        ({ status } = await ask("POST", "/v1/prompts/written/versions", prompt(content), again));
      }
      assert.equal(status, 201);
      writes += 1;
    }
  };
  const others = [reader(), reader(), writer()];
  others.forEach((other) => other.catch(() => (done = true)));
  for (let bombs = 0; bombs < 10 && !done; bombs++) {
    refused(await ask("POST", "/v1/prompts/bomb/versions", prompt(DEEP_TEMPLATE)));
    await sleep(50);
  }
  done = true;
  await Promise.all(others);
  assert.ok(traps() >= 10, `${traps()} traps on ${size} KiB`);
  assert.equal((await ask("GET", "/v1/prompts/bomb")).status, 404);
  assert.equal((await ask("GET", `/v1/prompts/written?version=${writes}`)).text, `Hello ${writes}`);
  assert.equal((await ask("GET", `/v1/prompts/written?version=${writes + 1}`)).status, 404);
  console.log(
    `# ${traps()} traps on a stack of ${size} KiB beside ${reads} reads and ${writes} writes, of which ${repeats} were repeated`,
  );
});
