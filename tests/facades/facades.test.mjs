// Runs the published clients of other systems against the built Worker. Prints a table of client × operation at the
// end.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { client as api, says } from "../api/client.mjs";
import { start } from "../workerd.mjs";
import { driveCli } from "./cli.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const installed = (name) => join(here, "../node_modules", name);
/** Runtimes with a `fetch` of their own, as the command that starts them. */
const runtimes = {
  "Node.js 20": installed("node-20/bin/node"),
  "Node.js 22": installed("node-22/bin/node"),
  "Node.js 24": installed("node-24/bin/node"),
  Bun: installed(".bin/bun"),
  Deno: [installed(".bin/deno"), "run", "--allow-net", "--no-config"],
};
const python = process.env.PYTHON;
let worker, call;
const table = [];

before(async () => {
  worker = await start();
  call = api(worker);
});
after(async () => {
  await worker?.stop();
  const width = Math.max(...table.map(([client]) => client.length));
  for (const [client, operation, ok] of table)
    console.log(`${client.padEnd(width)} | ${operation} | ${ok ? "ok" : "FAILED"}`);
  console.log(
    `${table.filter(([, , ok]) => ok).length} of ${table.length} operations of ${new Set(table.map(([client]) => client)).size} clients`,
  );
});

/** Runs a client's program, which prints one JSON line per operation. `program` is a command, or a command with
 * arguments. */
async function drive(t, client, program, file, target = worker, ...more) {
  const output = await new Promise((resolve, reject) => {
    const [command, ...before] = [program].flat();
    const child = spawn(command, [...before, join(here, file), target.url, target.key, ...more], {
      cwd: here,
      env: target.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
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

/** Makes a key and returns its text. */
async function keyOf(call, wanted) {
  const made = await call("POST", "/v1/keys", wanted);
  assert.equal(made.status, 201, made.text);
  return made.json.key;
}

test("athina-client 0.2.11", (t) => drive(t, "athina-client 0.2.11 (Python)", python, "athina.py"));

test("basalt-sdk 1.1.10", async (t) => {
  const second = await start();
  const call = api(second);
  const greet = (text) => ({
    messages: [
      { role: "system", content: "You are {{ role }}" },
      { role: "user", content: text },
    ],
    model: "openai/gpt-4o",
    parameters: { maxTokens: 100 },
  });
  for (const [text, tag] of [
    ["Hello {{ name }}", "production"],
    ["Hi {{ name }}", "staging"],
    ["Hey {{ name }} {{ surname }}"],
  ]) {
    const made = await call("POST", "/v1/prompts/team/greet/versions", { ...greet(text), ...(tag && { tags: [tag] }) });
    assert.equal(made.status, 201, made.text);
  }
  await call("POST", "/v1/prompts/other/versions", says("x"));
  const shots = {
    messages: [
      { role: "system", content: "Answer." },
      { role: "user", content: "{{ question }}" },
    ],
    inputs: [{ name: "question", type: "str" }],
    outputs: [{ name: "answer", type: "str" }],
    promptingTechnique: "few_shot",
    demonstrations: {
      columns: [
        { id: "question", type: "str" },
        { id: "answer", type: "str" },
      ],
      rows: [{ question: "{{ hi }}", answer: "yes" }],
    },
  };
  const braces = {
    messages: [
      { role: "system", content: "{{ a }}{% b\n" },
      { role: "user", content: "{# c #}" },
    ],
    template: { language: "text" },
  };
  for (const [slug, document] of Object.entries({ shots, braces })) {
    const made = await call("POST", `/v1/prompts/${slug}/versions`, document);
    assert.equal(made.status, 201, made.text);
  }
  try {
    await drive(
      t,
      "basalt-sdk 1.1.10 (Python)",
      python,
      "basalt_client.py",
      second,
      await keyOf(call, { role: "read" }),
    );
    if (process.env.BASALT_MODULE)
      await drive(t, "@basalt-ai/sdk (from its repository)", process.execPath, "basalt_client.mjs", second);
    else console.log("not run: @basalt-ai/sdk is not on npm; BASALT_MODULE says where its module is");
  } finally {
    await second.stop();
  }
});

test("langwatch 1.4.0 (Python)", async (t) => {
  const own = await start();
  try {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const outputs = [{ name: "out", type: "json_schema", schema }];
    const admin = api(own);
    await admin("POST", "/v1/prompts/py/json/versions", says("x", { outputs }));
    for (const [handle, file] of [
      ["seed/bot", "langwatch"],
      ["seed/table", "langwatch-columns"],
    ]) {
      const { source } = JSON.parse(readFileSync(join(here, `../fixtures/documents/import/${file}.json`), "utf8"));
      const keys = ["prompt", "model", "temperature", "maxTokens", "messages", "inputs", "outputs"];
      const body = { handle, promptingTechnique: source.promptingTechnique, demonstrations: source.demonstrations };
      for (const key of keys) if (key in source) body[key] = source[key];
      if (body.prompt) body.messages = body.messages?.filter(({ role }) => role !== "system");
      const made = await admin("POST", "/api/prompts", body);
      assert.equal(made.status, 200, made.text);
      const tables = (made.json.demonstrations.columns ?? []).map(({ type }) => type);
      const types = source.demonstrations.columns ?? source.demonstrations.inline.columnTypes;
      assert.deepEqual(
        tables,
        types.map(({ type }) => type),
        made.text,
      );
      const again = await admin("PUT", `/api/prompts/${encodeURIComponent(handle)}`, {
        ...Object.fromEntries(Object.keys(body).map((key) => [key, key === "handle" ? handle : made.json[key]])),
        messages: made.json.messages.filter(({ role }) => role !== "system"),
        commitMessage: "as it was told",
      });
      assert.deepEqual([again.status, again.json.version], [200, 1], again.text);
      // The list, the version history, the read and the update describe a version identically.
      const list = (await admin("GET", "/api/prompts")).json.find((prompt) => prompt.handle === handle);
      const [version] = (await admin("GET", `/api/prompts/${encodeURIComponent(handle)}/versions`)).json;
      const got = (await admin("GET", `/api/prompts/${encodeURIComponent(handle)}`)).json;
      for (const told of [list, version, again.json]) assert.deepEqual(told, got);
      assert.equal(got.deletedAt, null);
    }
    const as = (key, whose) =>
      drive(t, "langwatch 1.4.0 (Python)", python, "langwatch_client.py", { url: own.url, key }, whose);
    await as(own.key, "all");
    await as("nonsense", "nobody");
    await as(await keyOf(admin, { role: "read" }), "reader");
    assert.equal((await admin("POST", "/v1/projects", { slug: "second" })).status, 201);
    assert.equal((await admin("POST", "/api/prompts/tags", { name: "of-both" })).status, 201);
    await as(await keyOf(admin, { role: "write", project: "second" }), "second");
    const names = (await admin("GET", "/api/prompts/tags")).json.map((tag) => tag.name);
    assert.deepEqual(names, ["production", "renamed", "staging"]);
    // Lists contain only the prompts that clients have written.
    const written = ["py/bot", "py/made", "py/shared", "seed/bot", "seed/table"];
    for (const [path, items] of [
      ["/v1/prompts", ({ prompts }) => prompts.map((prompt) => prompt.slug)],
      ["/v1/snapshot?tag=latest", ({ prompts }) => prompts.map((prompt) => prompt.slug)],
      ["/prompts", ({ prompts }) => prompts.map((prompt) => prompt.slug)],
      ["/api/v1/prompt/slug/all", ({ data }) => data.slugs.map((slug) => slug.name)],
      ["/api/prompts", (prompts) => prompts.map((prompt) => prompt.handle)],
    ]) {
      assert.deepEqual(items((await admin("GET", path)).json).sort(), written, path);
    }
  } finally {
    await own.stop();
  }
});

test("langwatch 0.16.1 (npm)", async (t) => {
  const reader = await keyOf(call, { role: "read" });
  const { LANGWATCH_MODULE, ...env } = process.env;
  await drive(t, "langwatch 0.16.1 (npm)", process.execPath, "langwatch_client.mjs", { ...worker, env }, reader);
  if (!LANGWATCH_MODULE) return console.log("not run: a newer langwatch; LANGWATCH_MODULE says where its module is");
  const newer = await start();
  try {
    const reader = await keyOf(api(newer), { role: "read" });
    await drive(t, "langwatch (from its repository)", process.execPath, "langwatch_client.mjs", newer, reader);
  } finally {
    await newer.stop();
  }
});

test("langwatch 0.16.1 (CLI)", (t) => driveCli(t, worker, table));

test("a client that stays busy past the server's idle timeout can still read", async (t) => {
  const made = await call("POST", "/v1/prompts/idle/versions", says("Hello {{ name }}"));
  assert.equal(made.status, 201, made.text);
  await Promise.all([
    drive(t, "idle connections (Python)", python, "idle.py", worker, "idle"),
    drive(t, "idle connections (Node.js)", process.execPath, "idle.mjs", worker, "idle"),
    ...Object.entries(runtimes).map(([name, program]) =>
      drive(t, `idle connections (${name})`, program, "idle_fetch.mjs", worker, "idle"),
    ),
  ]);
});

test("documents of the three systems are imported with a call each, and exported again", async () => {
  const folder = join(here, "../fixtures/documents/import");
  const names = readdirSync(folder).map((name) => name.replace(".json", ""));
  const files = names.filter((name) => /^(athina|basalt|langwatch)/.test(name));
  assert.equal(files.length, 8, files.join());
  for (const file of files) {
    const [system] = file.split("-");
    const { source } = JSON.parse(readFileSync(join(folder, `${file}.json`), "utf8"));
    const path = `/v1/prompts/imported/${file}`;
    const made = await call("POST", `${path}/import?from=${system}`, source);
    assert.equal(made.status, 201, `${file}: ${made.text}`);
    assert.ok(made.json.messages.length > 0 && Array.isArray(made.json.lost), made.text);
    for (const other of ["athina", "basalt", "langwatch"]) {
      const out = await call("GET", `${path}/export?to=${other}&version=1`);
      assert.equal(out.status, 200, `${file} to ${other}: ${out.text}`);
      if (other !== system) continue;
      assert.deepEqual(out.json.lost, [], `${file}: an export to the system it came from loses no field`);
      const again = await call("POST", `${path}/import?from=${system}`, out.json.prompt);
      assert.deepEqual(
        [again.status, again.json.version, again.json.hash],
        [200, 1, made.json.hash],
        `${file}: ${again.text}`,
      );
    }
  }
  const wrong = await call("POST", "/v1/prompts/imported/x/import?from=nobody", {});
  assert.deepEqual([wrong.status, wrong.json.code], [400, "query_invalid"]);
  const nowhere = await call("GET", "/v1/prompts/imported/basalt/export");
  assert.deepEqual([nowhere.status, nowhere.json.code], [400, "query_invalid"]);
});

test("a version lists its current tags, at once through the Worker that moved them", async () => {
  const first = await call("POST", "/api/prompts", { handle: "moved", prompt: "1", tags: ["staging"] });
  const second = await call("PUT", "/api/prompts/moved", { prompt: "2", commitMessage: "m" });
  assert.equal(second.status, 200, second.text);
  const expect = async (one, two) => {
    for (const [path, names] of [
      ["moved:1", one],
      ["moved:production", one],
      ["moved", two],
      ["moved:2", two],
    ]) {
      const { json, text } = await call("GET", `/api/prompts/${path}`);
      assert.deepEqual(
        json.tags.map((tag) => tag.name),
        names,
        `${path}: ${text}`,
      );
    }
    const listed = (await call("GET", "/api/prompts/moved/versions")).json;
    assert.deepEqual(
      listed.map(({ tags }) => tags.map((tag) => tag.name)),
      [two, one],
    );
  };
  const assign = async (tag, { json }) => {
    const { status, text } = await call("PUT", `/api/prompts/moved/tags/${tag}`, { versionId: json.versionId });
    assert.equal(status, 200, text);
  };
  await expect(["production", "staging"], ["latest"]);
  await assign("staging", second);
  await expect(["production"], ["latest", "staging"]);
  await assign("production", second);
  assert.equal((await call("GET", "/v1/prompts/moved")).json.version, 2, "the default version of readers");
  await assign("production", first);
  await expect(["production"], ["latest", "staging"]);
  assert.equal((await call("DELETE", "/v1/prompts/moved/tags/staging")).status, 204);
  await expect(["production"], ["latest"]);
});

test("two clients change the same prompt at once: no accepted update is lost, and the other gets a conflict", async () => {
  const path = "/api/prompts/both";
  let before = await call("POST", "/api/prompts", { handle: "both", prompt: "0", temperature: 0 });
  assert.equal(before.status, 200, before.text);
  const seen = { 200: 0, 409: 0 };
  // At least 20 rounds, and then until two updates conflict: how often they do depends on the machine.
  for (let round = 1; round <= 20 || (seen[409] === 0 && round <= 500); round++) {
    const [words, warmth] = await Promise.all([
      call("PUT", path, { prompt: String(round), commitMessage: "words" }),
      call("PUT", path, { temperature: round / 1000, commitMessage: "warmth" }),
    ]);
    for (const { status, text } of [words, warmth]) assert.ok(status in seen, text), seen[status]++;
    const after = await call("GET", `${path}:${Math.max(words.json.version ?? 0, warmth.json.version ?? 0)}`);
    const expected = [
      words.status === 200 ? String(round) : before.json.prompt,
      warmth.status === 200 ? round / 1000 : before.json.temperature,
    ];
    assert.deepEqual([after.json.prompt, after.json.temperature], expected, `${words.text} ${warmth.text}`);
    before = after;
  }
  assert.ok(seen[409] > 0, "no two updates conflicted");
  const names = ["made-0", "made-1", "made-2", "made-2"];
  const made = await Promise.all(names.map((name) => call("POST", "/api/prompts/tags", { name })));
  assert.deepEqual(made.map(({ status }) => status).sort(), [201, 201, 201, 409]);
  const kept = (await call("GET", "/api/prompts/tags")).json.map((tag) => tag.name);
  assert.deepEqual(kept, ["made-0", "made-1", "made-2", "production", "staging"]);
});

test("basalt-sdk 1.1.10 while the origin is down: two projects' prompts of one slug", async (t) => {
  const client = "basalt-sdk 1.1.10 (Python)";
  const origin = await start();
  const edge = await start({ vars: { ORIGIN: origin.url } });
  const projects = [];
  try {
    const admin = api(origin);
    assert.equal((await admin("POST", "/v1/projects", { slug: "second" })).status, 201);
    const other = await admin("POST", "/v1/keys", { role: "write", project: "second" });
    assert.equal(other.status, 201, other.text);
    for (const [key, text] of [
      [origin.key, "first project"],
      [other.json.key, "second project"],
    ]) {
      const made = await api({ url: origin.url, key })("POST", "/v1/prompts/down/versions", says(text));
      assert.equal(made.status, 201, made.text);
      projects.push({ url: edge.url, key, text });
    }
    for (const state of ["up", "down"]) {
      if (state === "down") await origin.kill9();
      for (const { text, ...target } of projects) await drive(t, client, python, "basalt_down.py", target, text, state);
    }
  } finally {
    await edge.stop();
    await origin.stop();
  }
});

test("the origin is down: reads of every client are answered from the edge; two keys share nothing", async (t) => {
  const edge = await start({ vars: { ORIGIN: worker.url } });
  const reads = [
    ["/api/v1/prompt/down/default", "athina-api-key"],
    ["/prompts/down", "authorization"],
    ["/prompts/down?version=1.0.0", "authorization"],
    ["/api/prompts/down", "x-auth-token"],
    ["/api/prompts/down:1", "x-auth-token"],
    // Lists: the edge passes these to the origin while the origin answers.
    ["/api/v1/prompt/down/version", "athina-api-key"],
    ["/api/v1/prompt/slug/all", "athina-api-key"],
    ["/prompts", "authorization"],
    ["/prompts?featureSlug=group", "authorization"],
    ["/prompts/down/describe", "authorization"],
    ["/prompts/down/describe?version=1.0.0", "authorization"],
    ["/api/prompts", "x-auth-token"],
    ["/api/prompts/down/versions", "x-auth-token"],
    ["/api/prompts/tags", "x-auth-token"],
    ["/v1/prompts", "authorization"],
    ["/v1/prompts?prefix=do&limit=1", "authorization"],
    ["/v1/prompts/down/versions", "authorization"],
    ["/v1/prompts/down/versions/1", "authorization"],
    ["/v1/prompts/down/tags", "authorization"],
    ["/v1/prompts/down/tags/production", "authorization"],
    ["/v1/prompts/down/tags/production/history", "authorization"],
    ["/v1/snapshot?tag=production", "authorization"],
    ["/v1/tags", "authorization"],
  ];
  const isList = (path) => reads.findIndex(([read]) => read === path) >= 5 && !path.startsWith("/prompts/down/");
  const get = (path, header, key) =>
    fetch(edge.url + path, { headers: { [header]: header === "authorization" ? `Bearer ${key}` : key } });
  const other = await start();
  try {
    await call("POST", "/v1/prompts/down/versions", says("Hello {{ name }}"));
    // A deleted prompt does not come back: after the delete, the edge serves no older copy of this list.
    await call("POST", "/v1/prompts/gone/versions", says("x"));
    const list = () => get("/v1/prompts?limit=2", "authorization", worker.key);
    assert.equal((await list()).status, 200);
    const through = api({ url: edge.url, key: worker.key });
    assert.equal((await through("DELETE", "/v1/prompts/gone")).status, 204);
    const seen = [];
    for (const [path, header] of reads) {
      const answer = await get(path, header, worker.key);
      assert.equal(answer.status, 200, path);
      seen.push(await answer.json());
      const { tags } = seen.at(-1);
      if (/^.api.prompts.down(:1)?$/.test(path))
        assert.deepEqual(
          tags.map((tag) => tag.name),
          ["latest", "production"],
          path,
        );
      assert.equal((await get(path, header, other.key)).status, 401, path);
    }
    await worker.kill9();
    assert.equal((await list()).status, 503);
    for (const [index, [path, header]] of reads.entries()) {
      const answer = await get(path, header, worker.key);
      assert.equal(answer.status, 200, path);
      assert.deepEqual(await answer.json(), seen[index], path);
      assert.match(answer.headers.get("cache-status"), /cuecard/, path);
      if (isList(path)) {
        assert.match(answer.headers.get("cache-status"), /hit; ttl=-?\d+; detail=stale-if-error/, path);
        assert.match(answer.headers.get("age"), /^\d+$/, path);
      }
      assert.notEqual((await get(path, header, other.key)).status, 200, path);
    }
    table.push(["all", "reads while the origin is down", true]);
  } finally {
    await edge.stop();
    await other.stop();
  }
});
