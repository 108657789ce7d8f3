// Tests LangWatch's published TypeScript client against a Worker: langwatch_client.mjs URL KEY READ_KEY. Prints one
// JSON line per operation.
import assert from "node:assert/strict";

// `LANGWATCH_MODULE` names another build of the client, such as a newer one from its repository.
const { LangWatch } = await import(process.env.LANGWATCH_MODULE ?? "langwatch");

const [url, key, readKey] = process.argv.slice(2);
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
  const made = await prompts.create({
    handle: "ts/bot",
    prompt: LIQUID,
    model: "openai/gpt-5",
    temperature: 0.5,
    messages: [{ role: "user", content: "{{input}}" }],
  });
  assert.deepEqual([made.handle, made.version, made.temperature, made.maxTokens], ["ts/bot", 1, 0.5, undefined]);
});

await operation("get: the newest by default, rendered by the client", async () => {
  const got = await prompts.get("ts/bot");
  assert.equal(got.version, 1);
  assert.equal(got.compile({ name: "ada", input: "?" }).messages[0].content, "Hi ADA!");
});

await operation("update: a new version, other fields stay", async () => {
  const made = await prompts.update("ts/bot", { prompt: "Hello {{ name }}", commitMessage: "shorter" });
  assert.deepEqual([made.version, made.temperature, made.messages.length], [2, 0.5, 2]);
});

await operation("POST …/versions, the documented form of an update", async () => {
  // No published client sends this request, so the test sends it itself.
  const send = (body) =>
    fetch(`${url}/api/prompts/ts%2Fbot/versions`, {
      method: "POST",
      headers: { "x-auth-token": key, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const refused = await send({ prompt: "Hey {{ name }}" });
  assert.deepEqual([refused.status, (await refused.json()).fields], [422, ["commitMessage"]]);
  const made = await send({ prompt: "Hey {{ name }}", commitMessage: "by POST" });
  assert.equal(made.status, 200);
  const got = await prompts.get("ts/bot");
  assert.deepEqual(
    [(await made.json()).version, got.version, got.prompt, got.temperature],
    [3, 3, "Hey {{ name }}", 0.5],
  );
});

await operation("get by shorthand: version, tag, latest", async () => {
  assert.equal((await prompts.get("ts/bot:1")).version, 1);
  assert.equal((await prompts.get("ts/bot:production")).version, 1);
  assert.equal((await prompts.get("ts/bot:latest")).version, 3);
});

await operation("create with tags, get by tag", async () => {
  await prompts.create({ handle: "ts/tagged", prompt: "x", tags: ["production"] });
  assert.equal((await prompts.get("ts/tagged:production")).version, 1);
});

if (prompts.tags) {
  await operation("get by version and by tag; tags of the organisation", async () => {
    assert.equal((await prompts.get("ts/bot", { version: "1" })).version, 1);
    assert.equal((await prompts.get("ts/tagged", { tag: "production" })).version, 1);
    await prompts.tags.create({ name: "ts-canary" });
    const { versionId } = await prompts.get("ts/bot:2");
    await prompts.tags.assign("ts/bot", { tag: "ts-canary", versionId });
    assert.equal((await prompts.get("ts/bot", { tag: "ts-canary" })).version, 2);
    await prompts.tags.rename("ts-canary", "ts-beta");
    assert.equal((await prompts.get("ts/bot:ts-beta")).version, 2);
    await prompts.tags.delete("ts-beta");
    await assert.rejects(() => prompts.get("ts/bot:ts-beta"), /not found|has no tag/i);
  });
}

await operation("list", async () => {
  const handles = (await prompts.getAll()).map(({ handle }) => handle);
  assert.ok(handles.includes("ts/bot"), handles.join());
});

await operation("sync: created, up to date, updated, conflict", async () => {
  const sync = (text, localVersion) =>
    prompts.sync({
      name: "ts/file",
      localVersion,
      configData: {
        model: "openai/gpt-5",
        prompt: text,
        messages: [{ role: "user", content: "{{input}}" }],
        inputs: [{ identifier: "input", type: "str" }],
        outputs: [{ identifier: "output", type: "str" }],
      },
    });
  assert.equal((await sync("one", 0)).action, "created");
  assert.equal((await sync("one", 1)).action, "up_to_date");
  assert.equal((await sync("two", 1)).action, "updated");
  const { action, conflictInfo } = await sync("three", 1);
  assert.equal(action, "conflict");
  assert.deepEqual([conflictInfo.localVersion, conflictInfo.remoteVersion], [1, 2]);
});

await operation("delete; the prompt is gone", async () => {
  assert.deepEqual(await prompts.delete("ts/file"), { success: true });
  await assert.rejects(() => prompts.get("ts/file"), /prompt_not_found|there is no prompt/);
});

await operation("error: no such prompt; a taken handle; a wrong key", async () => {
  await assert.rejects(() => prompts.get("nope"), /prompt_not_found|there is no prompt/);
  await assert.rejects(() => prompts.create({ handle: "ts/bot", prompt: "x" }), /Conflict|handle already exists/);
  await assert.rejects(() => client("nonsense").get("ts/bot"), /Unauthorized|Invalid credentials/);
});

await operation("error: a read-only key", async () => {
  const reader = client(readKey);
  assert.equal((await reader.get("ts/bot")).version, 3);
  for (const change of [
    () => reader.create({ handle: "ts/new", prompt: "x" }),
    () => reader.update("ts/bot", { prompt: "x", commitMessage: "m" }),
    () => reader.delete("ts/bot"),
  ])
    await assert.rejects(change, /Forbidden|takes the role `write`/);
  assert.equal((await prompts.get("ts/bot")).version, 3);
});
process.exit(0);
