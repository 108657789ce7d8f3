// Plays the timelines of tests/fixtures/freshness against a house: the package or the real Worker, whose clock the test
// sets and whose origin is played here. What each step has to come to is said by crates/freshness/tests/timelines.rs.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const folder = new URL("fixtures/freshness/", import.meta.url);
/** How long background work after an answer may take, in milliseconds. */
const PATIENCE = 2_000;

/** The cases that can run in `place`, `package` or `edge`: the others say why not. */
export function timelines(place) {
  const files = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
  return files.flatMap(({ cases }) => cases).filter((one) => one.not?.[place] === undefined);
}

/** The origin of a timeline: the current step decides what it does. */
export class Script {
  step;
  /** Requests in this step. */
  count = 0;
  /** Whether answers wait until they are let go. */
  holds = false;
  held = [];
  #made = 0;
  /** The text of the last full answer. */
  text;

  begin(step, holds) {
    Object.assign(this, { step, holds, count: 0, text: undefined });
  }

  /** Answers a request: `{ outcome, text, revision, retryAfter }`. */
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
 * @param {object} house `setTime(ms)`; `read(key)`, which gives `{ status, text, age }`; `write(key, revision, bindings)`,
 * a write whose answer tells these; `sicken()`, after
 * which the origin is known to be down; `settled(n)`, when no more than `n` requests are under way behind answers
 * @param {Script} script
 * @param {number} tick what ages are counted in, in milliseconds
 */
export async function play({ id, steps }, house, script, tick) {
  /** By name, a request that the origin has not answered: how to answer it, and who waits for it. */
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
      for (const other of waiting.splice(0)) assert.equal((await other).status, "served", `${where}: who waited`);
      await house.settled(pending.size);
      continue;
    }
    if (step.sick) await house.sicken();
    script.begin(step, origin === "pending" || expect.revalidate === true);
    const reading = house.read(key);
    // An origin that is known to be down is not asked.
    const asks = origin === null || step.sick ? 0 : 1;
    if (expect.serve === "pending" || expect.serve === "wait") {
      reading.catch(() => {});
      await until(() => script.count === asks, `${where}: the origin is asked`);
      const early = await Promise.race([reading, sleep(30)]);
      assert.equal(early, undefined, `${where}: nobody is served yet`);
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
