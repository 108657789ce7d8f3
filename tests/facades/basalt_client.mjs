// Basalt's TypeScript client against a Worker: basalt_client.mjs URL KEY. Its module is at BASALT_MODULE. Prints one
// JSON line per operation.
import assert from "node:assert/strict";

const [url, key] = process.argv.slice(2);
process.env.BASALT_PUBLIC_API_URL = url;
const { Basalt } = await import(process.env.BASALT_MODULE);
const client = (apiKey) => new Basalt({ apiKey, telemetry: { enabled: false } }).prompt;
const prompts = client(key);

async function operation(name, body) {
  try {
    await body();
    console.log(JSON.stringify({ operation: name, ok: true }));
  } catch (error) {
    console.log(JSON.stringify({ operation: name, ok: false, error: String(error.stack).slice(0, 1500) }));
  }
}

async function get(slug, options = {}) {
  const { value, error } = await prompts.get(slug, { cache: false, ...options });
  if (error) throw error;
  return value;
}

await operation("get: `production` by default, rendered by the client", async () => {
  const got = await get("team/greet", { variables: { name: "Ada", role: "kind" } });
  assert.deepEqual([got.text, got.systemText], ["Hello Ada", "You are kind"]);
});

await operation("get by tag and by version", async () => {
  const variables = { name: "Ada", surname: "L", role: "kind" };
  assert.equal((await get("team/greet", { tag: "staging", variables })).text, "Hi Ada");
  assert.equal((await get("team/greet", { version: "3.0.0", variables })).text, "Hey Ada L");
});

await operation("list and describe", async () => {
  const listed = await prompts.list();
  assert.equal(listed.error, null);
  assert.ok(listed.value.some(({ slug }) => slug === "team/greet"));
  const { value, error } = await prompts.describe("team/greet");
  assert.equal(error, null);
  assert.deepEqual(value.availableVersions, ["3.0.0", "2.0.0", "1.0.0"]);
});

await operation("few-shot examples are part of the system text", async () => {
  const got = await get("shots", { variables: { question: "?" } });
  assert.equal(got.systemText, "Answer.\n\nExamples:\n\nquestion: {{ hi }}\nanswer: yes");
});

await operation("text that looks like template syntax stays unchanged", async () => {
  const got = await get("braces");
  assert.deepEqual([got.systemText, got.text], ["{{ a }}{% b\n", "{# c #}"]);
});

await operation("error: no such prompt, tag, version, key", async () => {
  for (const [slug, options] of [
    ["nope", {}],
    ["team/greet", { tag: "nope" }],
    ["team/greet", { version: "9.9.9" }],
  ]) {
    const { error } = await prompts.get(slug, { cache: false, ...options });
    assert.equal(error?.constructor.name, "NotFound", String(error));
  }
  const { error } = await client("nonsense").get("team/greet", { cache: false });
  assert.equal(error?.constructor.name, "Unauthorized", String(error));
});
process.exit(0);
