// Versions are removed in the real store, and every client's lists and reads follow.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { client as api, says } from "../api/client.mjs";
import { start } from "../workerd.mjs";

let worker, call;
before(async () => {
  worker = await start();
  call = api(worker);
});
after(() => worker?.stop());

test("a removed version is gone for every client, its number stays used, and `latest` is the highest left", async () => {
  const versions = "/v1/prompts/group/bot/versions";
  for (const text of ["one", "two", "three"])
    assert.equal((await call("POST", versions, says(text))).status, 201, text);
  const tagged = await call("DELETE", `${versions}/1`);
  assert.deepEqual([tagged.status, tagged.json.code], [409, "version_in_use"]);

  const removed = await call("DELETE", `${versions}/3`);
  assert.equal(removed.status, 204, removed.text);
  assert.equal((await call("GET", "/v1/prompts/group/bot?version=3")).json.code, "version_not_found");
  assert.equal((await call("DELETE", `${versions}/3`)).json.code, "version_not_found");
  assert.equal((await call("GET", "/v1/prompts/group/bot?tag=latest")).json.version, 2);
  assert.equal((await call("GET", "/api/prompts/group%2Fbot")).json.version, 2);
  const numbers = (list) => list.map(({ version }) => version);
  const athina = await call("GET", "/api/v1/prompt/group/bot/version", undefined, { "athina-api-key": worker.key });
  assert.deepEqual(numbers(athina.json.data.versions), [2, 1], athina.text);
  assert.deepEqual(numbers((await call("GET", "/api/prompts/group%2Fbot/versions")).json), [2, 1]);
  const basalt = await call("GET", "/prompts/group/bot/describe");
  assert.deepEqual(basalt.json.prompt.availableVersions, ["2.0.0", "1.0.0"], basalt.text);

  assert.equal((await call("DELETE", `${versions}/2`)).status, 204);
  const next = await call("POST", versions, says("four"));
  assert.deepEqual([next.status, next.json.version], [201, 4], next.text);
});
