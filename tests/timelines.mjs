// Plays the timelines of tests/fixtures/freshness against a house: the package or the real Worker. The test sets the
// clock of the house, and `Script` plays its origin. crates/freshness/tests/timelines.rs defines the expected results.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const folder = new URL("fixtures/freshness/", import.meta.url);
/** Milliseconds that background work may take after an answer. */
const PATIENCE = 20_000;

/**
 * The cases that run in `place`, which is `package` or `edge`; `not` of any other case says why it does not run there.
 */
export function timelines(place) {
  const files = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
  return files.flatMap(({ cases }) => cases).filter((one) => one.not?.[place] === undefined);
}

/** The origin of a timeline, which answers each request as the current step says. */
export class Script {
  step;
  /** The number of requests in this step. */
  count = 0;
  /** Whether answers wait in `held` until the test releases them. */
  holds = false;
  held = [];
  #made = 0;
  /** The text of the last full answer. */
  text;

  begin(step, holds) {
    Object.assign(this, { step, holds, count: 0, text: undefined });
  }

  /** Answers a request with `{ outcome, text, revision, retryAfter }`. */
  ask() {
    this.count += 1;
    if (!this.holds) return Promise.resolve(this.#answer(this.step));
    return new Promise((resolve) => this.held.push((step) => resolve(this.#answer(step))));
  }

  #answer({ origin, revision, retryAfter }) {
    if (origin === "modified") this.text = `answer ${++this.#made}`;
    return { outcome: origin, text: this.text, revision, retryAfter };
  }
}

/**
 * Plays one case.
 *
 * @param {object} house `setTime(ms)`; `read(key)`, which gives `{ status, text, age }`;
 *   `write(key, revision, bindings)`, a write whose answer has these two revisions; `sicken()`, which makes the origin
 *   known to be down; `settled(n)`, which waits until at most `n` requests are under way in the background
 * @param {Script} script
 * @param {number} tick the unit of ages, in milliseconds
 */
export async function play({ id, steps }, house, script, tick) {
  /** Unanswered requests to the origin, by name: `answer` answers one, `reading` is the read that waits for it. */
  const pending = new Map();
  const waiting = [];
  for (const step of steps) {
    const { at, key = "first", origin, expect = {} } = step;
    const where = `${id} at ${at}`;
    await house.setTime(at);
    if (step.require !== undefined) {
      await house.write(key, step.require);
      continue;
    }
    if (step.rebind !== undefined) {
      await house.write("elsewhere", step.rebind, step.rebind);
      continue;
    }
    if (step.answer !== undefined) {
      const { answer, reading } = pending.get(step.answer);
      pending.delete(step.answer);
      script.begin(step, false);
      answer(step);
      if (reading) compare(await reading, expect, script, tick, where);
      for (const other of waiting.splice(0)) assert.equal((await other).status, "served", `${where}: a waiting read`);
      await house.settled(pending.size);
      continue;
    }
    if (step.sick) await house.sicken();
    script.begin(step, origin === "pending" || expect.revalidate === true);
    const reading = house.read(key);
    // An origin that is known to be down gets no request.
    const asks = origin === null || step.sick ? 0 : 1;
    if (expect.serve === "pending" || expect.serve === "wait") {
      reading.catch(() => {});
      await until(() => script.count === asks, `${where}: the origin is asked`);
      const early = await Promise.race([reading, sleep(30)]);
      assert.equal(early, undefined, `${where}: no reader is served yet`);
      if (expect.serve === "wait") waiting.push(reading);
      else pending.set(step.as, { answer: script.held.pop(), reading });
      continue;
    }
    compare(await reading, expect, script, tick, where);
    await until(() => script.count >= asks, `${where}: the origin is asked`);
    if (origin === "pending") pending.set(step.as, { answer: script.held.pop() });
    else if (script.holds && asks > 0) script.held.pop()(step);
    await house.settled(pending.size);
    assert.equal(script.count, asks, `${where}: requests to the origin`);
  }
}

function compare({ status, text, age }, expect, script, tick, where) {
  const fresh = status === "served" && text === script.text;
  const seen = { serve: status !== "served" ? status : fresh && !expect.revalidate ? "origin" : "stored" };
  const wanted = { serve: expect.serve };
  if (expect.age !== undefined && age !== undefined) {
    seen.age = Math.floor(age / tick);
    wanted.age = Math.floor(expect.age / tick);
  }
  assert.deepEqual(seen, wanted, where);
}

async function until(holds, what) {
  for (const end = performance.now() + PATIENCE; !holds(); ) {
    assert.ok(performance.now() < end, what);
    await sleep(1);
  }
}
