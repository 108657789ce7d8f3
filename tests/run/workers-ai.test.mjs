// Workers AI through its binding: another Worker takes the platform's place, with the same signature.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { generateKey, prepare, run } from "../../worker/dist/index.js";
import { GREET, World } from "./world.mjs";

const AI = `import { WorkerEntrypoint } from "cloudflare:workers";
const usage = { prompt_tokens: 10, completion_tokens: 2 };
export class Ai extends WorkerEntrypoint {
  run(model, { messages, stream }, { returnRawResponse }) {
    if (!returnRawResponse) throw new Error("returnRawResponse is not set");
    const response = model + " heard " + messages.at(-1).content;
    if (!stream) return Response.json({ response, usage });
    const events = [{ response }, { response: "", usage }].map((event) => "data: " + JSON.stringify(event) + "\\n\\n");
    return new Response(events.join("") + "data: [DONE]\\n\\n", { headers: { "content-type": "text/event-stream" } });
  }
}
export default { fetch: () => new Response() };`;

const dir = mkdtempSync(join(tmpdir(), "cuecard-"));
let worker;
let world;

before(async () => {
  const key = generateKey();
  const command = prepare({ dir, secrets: { BOOTSTRAP_KEY: key } });
  const file = join(dir, "workerd.capnp");
  const text = readFileSync(file, "utf8")
    .replace('(name = "STORE"', '(name = "AI", service = (name = "ai", entrypoint = "Ai")), (name = "STORE"')
    .replace(
      "services = [",
      `services = [(name = "ai", worker = (compatibilityDate = "2026-04-01", modules = [(name = "ai.js", esModule = ${JSON.stringify(AI)})])),`,
    );
  writeFileSync(file, text);
  worker = await run(command);
  world = new World(`http://127.0.0.1:${worker.port}`, key, worker);
  await world.json("PUT", "/v1/connections/cloudflare", { kind: "workers_ai", default: true });
  await world.commit("greet", { ...GREET, model: "@cf/meta/llama" });
});
after(async () => {
  await worker.kill();
  rmSync(dir, { recursive: true, force: true });
});

test("as one answer", async () => {
  const response = await world.run("greet", { inputs: { name: "Ada" } });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  assert.equal(answer.output, "@cf/meta/llama heard Hello Ada");
  assert.equal(answer.usage.input, 10);
});

test("streamed", async () => {
  const response = await world.run("greet", { inputs: { name: "Ada" }, stream: true });
  assert.match(await response.text(), /\[DONE\]/);
  const kept = await world.ended(response.headers.get("cuecard-execution"), "completed");
  assert.equal(kept.usage.output, 2);
});
