// LangWatch's real TypeScript client against a Worker: langwatch_client.mjs URL KEY. Prints one JSON line per operation.
import assert from "node:assert/strict";
import { LangWatch } from "langwatch";

const [url, key] = process.argv.slice(2);
const client = (apiKey) => new LangWatch({ apiKey, endpoint: url }).prompts;
const prompts = client(key);
const LIQUID = "Hi {{ name | upcase }}{% unless quiet %}!{% endunless %}";

async function operation(name, body) {
  try {
    await body();
    console.log(JSON.stringify({ operation: name, ok: true }));
  } catch (error) {
    console.log(JSON.stringify({ operation: name, ok: false, error: String(error.stack).slice(0, 1500) }));
  }
}

await operation("create", async () => {
  const made = await prompts.create({ handle: "ts/bot", prompt: LIQUID, model: "openai/gpt-5", temperature: 0.5, messages: [{ role: "user", content: "{{input}}" }] });
  assert.deepEqual([made.handle, made.version, made.temperature, made.maxTokens], ["ts/bot", 1, 0.5, undefined]);
});

await operation("get: the newest by default, rendered by the client", async () => {
  const got = await prompts.get("ts/bot");
  assert.equal(got.version, 1);
  assert.equal(got.compile({ name: "ada", input: "?" }).messages[0].content, "Hi ADA!");
});

await operation("update: a new version, the rest stays", async () => {
  const made = await prompts.update("ts/bot", { prompt: "Hello {{ name }}", commitMessage: "shorter" });
  assert.deepEqual([made.version, made.temperature, made.messages.length], [2, 0.5, 2]);
});

await operation("get by shorthand: version, tag, latest", async () => {
  assert.equal((await prompts.get("ts/bot:1")).version, 1);
  assert.equal((await prompts.get("ts/bot:live")).version, 1);
  assert.equal((await prompts.get("ts/bot:latest")).version, 2);
});

await operation("create with tags, get by tag", async () => {
  await prompts.create({ handle: "ts/tagged", prompt: "x", tags: ["production"] });
  assert.equal((await prompts.get("ts/tagged:production")).version, 1);
});

await operation("sync: created, up to date, updated, conflict", async () => {
  const sync = (text, localVersion) =>
    prompts.sync({ name: "ts/file", localVersion, configData: { model: "openai/gpt-5", prompt: text, messages: [{ role: "user", content: "{{input}}" }], inputs: [{ identifier: "input", type: "str" }], outputs: [{ identifier: "output", type: "str" }] } });
  assert.equal((await sync("one", 0)).action, "created");
  assert.equal((await sync("one", 1)).action, "up_to_date");
  assert.equal((await sync("two", 1)).action, "updated");
  const { action, conflictInfo } = await sync("three", 1);
  assert.equal(action, "conflict");
  assert.deepEqual([conflictInfo.localVersion, conflictInfo.remoteVersion], [1, 2]);
});

await operation("delete; the prompt is gone", async () => {
  assert.deepEqual(await prompts.delete("ts/file"), { success: true });
  await assert.rejects(() => prompts.get("ts/file"), /prompt_not_found/);
});

await operation("error: no such prompt; a taken handle; a wrong key", async () => {
  await assert.rejects(() => prompts.get("nope"), /prompt_not_found/);
  await assert.rejects(() => prompts.create({ handle: "ts/bot", prompt: "x" }), /Conflict/);
  await assert.rejects(() => client("nonsense").get("ts/bot"), /Unauthorized/);
});
process.exit(0);
