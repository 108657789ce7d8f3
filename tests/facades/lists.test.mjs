// What lists of all prompts cost beside our own list of as many, in processor time of the server's main thread.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { all, client as api } from "../api/client.mjs";
import { start } from "../workerd.mjs";

const PROMPTS = 1_000;
let worker, call;

before(async () => {
  worker = await start();
  call = api(worker);
  const make = async (number) => {
    const made = await call("POST", "/api/prompts", {
      handle: `group-${number % 7}/prompt-${number}`,
      prompt: `You are assistant ${number}. ${"Answer in whole sentences. ".repeat(10)}`,
      messages: [{ role: "user", content: "{{ question }} in {{ place | upcase }}" }],
      inputs: ["question", "place"].map((identifier) => ({ identifier, type: "str" })),
    });
    assert.equal(made.status, 200, made.text);
  };
  const numbers = Array.from({ length: PROMPTS }, (_, number) => number);
  while (numbers.length > 0) await Promise.all(numbers.splice(0, 8).map(make));
});
after(() => worker?.stop());

/** Every list, as the number of its items. */
const lists = {
  ours: async () => (await all(call, "/v1/prompts", "prompts")).length,
  athina: async () => (await call("GET", "/api/v1/prompt/slug/all")).json.data.slugs.length,
  langwatch: async () => (await call("GET", "/api/prompts")).json.length,
};

/** The main thread's processor time of a list, in nanoseconds. It waits for nothing and compiles nothing beside it. */
async function cost(list) {
  const spent = () => Number(readFileSync(`/proc/${worker.pid}/task/${worker.pid}/schedstat`, "utf8").split(" ")[0]);
  const earlier = spent();
  assert.equal(await list(), PROMPTS);
  return spent() - earlier;
}

/** How many times as much as ours each list costs. */
function ratios(costs) {
  const least = (name) => Math.min(...costs.map((round) => round[name]));
  return Object.fromEntries(["athina", "langwatch"].map((name) => [name, least(name) / least("ours")]));
}

test("lists of other systems' clients cost at most twice what ours costs", async () => {
  const costs = [];
  for (let round = 0; round < 8; round++) {
    costs.push({});
    for (const [name, list] of Object.entries(lists)) costs.at(-1)[name] = await cost(list);
  }
  for (const [name, ratio] of Object.entries(ratios(costs))) {
    console.log(`${name}: ${ratio.toFixed(2)} times ours`);
    assert.ok(ratio <= 2, `${name}: ${ratio.toFixed(2)} times ours`);
  }
});

test("the first list after a start costs a few times what ours costs, not the square of it", async () => {
  const costs = [];
  for (let round = 0; round < 2; round++) {
    costs.push({});
    for (const [name, list] of Object.entries(lists)) {
      await worker.restart();
      // Whatever reads first opens the store and learns what the key may do.
      assert.equal((await call("GET", "/v1/prompts?limit=1")).status, 200);
      costs.at(-1)[name] = await cost(list);
    }
  }
  for (const [name, ratio] of Object.entries(ratios(costs))) {
    console.log(`${name}: ${ratio.toFixed(2)} times ours, at first`);
    assert.ok(ratio <= 3, `${name}: ${ratio.toFixed(2)} times ours`);
  }
});
