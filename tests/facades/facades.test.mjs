// The clients of other systems, as they are published, against the built Worker; ends with a table client × operation.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { client as api, says } from "../api/client.mjs";
import { start } from "../workerd.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const python = process.env.PYTHON;
const cli = join(here, "node_modules/langwatch/dist/cli/index.js");
let worker, call;
const table = [];

before(async () => {
  worker = await start();
  call = api(worker);
});
after(async () => {
  await worker?.stop();
  const width = Math.max(...table.map(([client]) => client.length));
  for (const [client, operation, ok] of table) console.log(`${client.padEnd(width)} | ${operation} | ${ok ? "ok" : "FAILED"}`);
  console.log(`${table.filter(([, , ok]) => ok).length} of ${table.length} operations of ${new Set(table.map(([client]) => client)).size} clients`);
});

/** Runs a client's program, which prints a JSON line per operation. */
async function drive(t, client, program, file, target = worker) {
  const output = await new Promise((resolve, reject) => {
    const child = spawn(program, [join(here, file), target.url, target.key], { cwd: here, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (err += text));
    child.once("error", reject);
    child.once("exit", () => resolve(out.includes('"operation"') ? out : err));
  });
  const lines = output.split("\n").filter((line) => line.startsWith('{"operation"'));
  assert.ok(lines.length > 0, output);
  for (const line of lines) {
    const { operation, ok, error } = JSON.parse(line);
    table.push([client, operation, ok]);
    await t.test(`${client}: ${operation}`, () => assert.ok(ok, error));
  }
}

test("athina-client 0.2.11", (t) => drive(t, "athina-client 0.2.11 (Python)", python, "athina.py"));

test("basalt-sdk 1.1.10", async (t) => {
  const second = await start();
  const call = api(second);
  const greet = (text) => ({
    messages: [{ role: "system", content: "You are {{ role }}" }, { role: "user", content: text }],
    model: "openai/gpt-4o",
    parameters: { maxTokens: 100 },
  });
  for (const [text, tag] of [["Hello {{ name }}", "production"], ["Hi {{ name }}", "staging"], ["Hey {{ name }}"]]) {
    const made = await call("POST", "/v1/prompts/team/greet/versions", { ...greet(text), ...(tag && { tags: [tag] }) });
    assert.equal(made.status, 201, made.text);
  }
  await call("POST", "/v1/prompts/other/versions", says("x"));
  try {
    await drive(t, "basalt-sdk 1.1.10 (Python)", python, "basalt_client.py", second);
  } finally {
    await second.stop();
  }
});

test("langwatch 1.4.0 (Python)", async (t) => {
  const own = await start();
  try {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const outputs = [{ name: "out", type: "json_schema", schema }];
    await api(own)("POST", "/v1/prompts/py/json/versions", says("x", { outputs }));
    await drive(t, "langwatch 1.4.0 (Python)", python, "langwatch_client.py", own);
    await drive(t, "langwatch 1.4.0 (Python)", python, "langwatch_client.py", { url: own.url, key: "nonsense" });
  } finally {
    await own.stop();
  }
});

test("langwatch 0.16.1 (npm)", (t) => drive(t, "langwatch 0.16.1 (npm)", process.execPath, "langwatch_client.mjs"));

test("langwatch 0.16.1 (CLI)", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "cuecard-cli-"));
  const run = (...args) =>
    new Promise((resolve) => {
      const env = { ...process.env, LANGWATCH_API_KEY: worker.key, LANGWATCH_ENDPOINT: worker.url, NO_COLOR: "1", CI: "1" };
      const child = execFile(process.execPath, [cli, "prompt", ...args], { cwd: dir, env }, (error, out, err) => resolve({ code: error?.code ?? 0, text: out + err }));
      child.stdin.end("r\n");
    });
  const step = async (name, body) => {
    let failure;
    await t.test(`CLI: ${name}`, async () => {
      try {
        await body();
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    table.push(["langwatch 0.16.1 (CLI)", name, !failure]);
  };
  const does = async (...args) => {
    const { code, text } = await run(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${text}`);
    return text;
  };
  const made = await call("POST", "/api/prompts", { handle: "cli/remote", prompt: "Hi {{ name }}", model: "openai/gpt-5" });
  assert.equal(made.status, 200, made.text);
  await step("init", () => does("init"));
  await step("create", () => does("create", "cli-local"));
  await step("add", () => does("add", "cli/remote"));
  await step("add a version", () => does("add", "cli/remote@1"));
  await step("sync", async () => {
    await does("sync");
    assert.equal((await call("GET", "/api/prompts/cli-local")).json.version, 1);
    assert.ok(readFileSync(join(dir, "prompts-lock.json"), "utf8").includes("cli/remote"));
  });
  await step("sync again: nothing to do", async () => {
    await does("sync");
    assert.equal((await call("GET", "/api/prompts/cli-local")).json.version, 1);
  });
  await step("push", async () => {
    const file = join(dir, "prompts/cli-local.prompt.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/You are[^\n]*/, "You are changed."));
    await does("push");
    assert.equal((await call("GET", "/api/prompts/cli-local")).json.version, 2);
  });
  await step("pull", async () => {
    await call("PUT", "/api/prompts/cli%2Fremote", { prompt: "Hello {{ name }}", commitMessage: "m" });
    await does("pull");
  });
  await step("list", async () => assert.match(await does("list"), /cli\/remote/));
  await step("remove", () => does("remove", "cli/remote"));
  rmSync(dir, { recursive: true, force: true });
});

test("the origin is down: reads of every client are answered from the edge; two keys share nothing", async (t) => {
  const edge = await start({ vars: { ORIGIN: worker.url } });
  const reads = [
    ["/api/v1/prompt/down/default", "athina-api-key"],
    ["/prompts/down", "authorization"],
    ["/prompts/down?version=1.0.0", "authorization"],
    ["/api/prompts/down", "x-auth-token"],
    ["/api/prompts/down:1", "x-auth-token"],
  ];
  const get = (path, header, key) =>
    fetch(edge.url + path, { headers: { [header]: header === "authorization" ? `Bearer ${key}` : key } });
  const other = await start();
  try {
    await call("POST", "/v1/prompts/down/versions", says("Hello {{ name }}"));
    const seen = [];
    for (const [path, header] of reads) {
      const answer = await get(path, header, worker.key);
      assert.equal(answer.status, 200, path);
      seen.push(await answer.json());
      assert.equal((await get(path, header, other.key)).status, 401, path);
    }
    await worker.kill9();
    for (const [index, [path, header]] of reads.entries()) {
      const answer = await get(path, header, worker.key);
      assert.equal(answer.status, 200, path);
      assert.deepEqual(await answer.json(), seen[index], path);
      assert.match(answer.headers.get("cache-status"), /cuecard/, path);
      assert.notEqual((await get(path, header, other.key)).status, 200, path);
    }
    table.push(["all", "reads while the origin is down", true]);
  } finally {
    await edge.stop();
    await other.stop();
  }
});
