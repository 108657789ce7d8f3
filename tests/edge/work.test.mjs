// The operator's limit of work, `RENDER_WORK`, for renders at the edge and in the store's object.
import assert from "node:assert/strict";
import { test } from "node:test";

import { client, says } from "../api/client.mjs";
import { makeKey, start } from "../workerd.mjs";
import { world } from "./world.mjs";

/** A template that takes between 300,000 and 3,000,000 units of work. */
const BUSY = "{% for i in range(90000) %}{% for j in range(2) %}{% endfor %}{% endfor %}done";
/** A template that takes more work than an operator can allow. */
const ENDLESS = "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}";

/** The result of a render: its text, or the code of its error. */
const told = (body) => body.messages?.[0]?.content ?? body.code;

for (const [work, busy] of [
  [undefined, "limit_exceeded"],
  ["3000000", "done"],
  [" 3000000\n", "done"],
  ["18446744073709551615", "done"],
  ["100", "limit_exceeded"],
  ["much", "limit_exceeded"],
  ["-1", "limit_exceeded"],
]) {
  const vars = work === undefined ? {} : { RENDER_WORK: work };

  test(`the edge, with ${JSON.stringify(vars)}`, async () => {
    const { origin, worker } = await world(vars);
    const call = client({ url: worker.url, key: makeKey() });
    const render = async (slug) => told((await call("POST", `/v1/prompts/${slug}/render`, { inputs: {} })).json);
    origin.put("busy", BUSY);
    origin.put("endless", ENDLESS);
    assert.equal(await render("busy"), busy);
    assert.equal(await render("endless"), "limit_exceeded");
    // The second render reads from the copy, and has the whole limit again.
    assert.equal(await render("busy"), busy);
  });
}

test("the store's object, which renders if the edge has no copy", async () => {
  const worker = await start({ vars: { RENDER_WORK: "3000000" } });
  try {
    const call = client(worker);
    await call("POST", "/v1/prompts/busy/versions", says(BUSY));
    for (const path of ["/v1/prompts/busy/render", "/v1/prompts/busy/render?version=1"])
      assert.equal(told((await call("POST", path, { inputs: {} })).json), "done");
  } finally {
    await worker.stop();
  }
});
