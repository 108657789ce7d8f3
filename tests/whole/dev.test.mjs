// `cargo xtask dev` as a newcomer meets it: what it prints works, a restart loses nothing, mistakes are one clear line.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [program, ...before] = process.env.XTASK ? [process.env.XTASK] : ["cargo", "xtask"];
const dir = mkdtempSync(join(tmpdir(), "cuecard-dev-"));
after(() => rmSync(dir, { recursive: true, force: true }));

test("the first start has prompts in it, and the printed line renders one", async () => {
  const port = await freePort();
  const dev = await startDev("--port", port, "--dir", dir);
  try {
    assert.ok(dev.stdout.includes(`http://localhost:${port}`), dev.stdout);
    const line = dev.stdout.split("\n").find((line) => line.trim().startsWith("curl "));
    const rendered = JSON.parse(execFileSync("bash", ["-c", line], { encoding: "utf8" }));
    assert.match(rendered.messages.at(-1).content, /Write an email to Ada from Analytical Engines/);

    const { prompts } = await dev.get("/v1/prompts");
    assert.deepEqual(prompts.map(({ slug }) => slug).sort(), ["sales/email", "support/bot", "support/ticket-summary"]);
    await dev.commit("notes/mine", { messages: [{ role: "user", content: "Hello {{ name }}" }] });
  } finally {
    await dev.stop();
  }
});

test("a restart is ready in 5 s and has lost nothing", async () => {
  const dev = await startDev("--port", await freePort(), "--dir", dir);
  try {
    assert.ok(dev.seconds <= 5, `ready after ${dev.seconds} s`);
    assert.equal((await dev.get("/v1/prompts/notes/mine")).messages[0].content, "Hello {{ name }}");
    assert.equal((await dev.get("/v1/prompts")).prompts.length, 4, "seeded once");
  } finally {
    await dev.stop();
  }
});

test("an edge before another Cuecard serves its prompts for its keys", async () => {
  const store = await startDev("--port", await freePort(), "--dir", dir);
  const edgeDir = mkdtempSync(join(tmpdir(), "cuecard-edge-"));
  const edge = await startDev("--port", await freePort(), "--dir", edgeDir, "--origin", store.url);
  try {
    const version = await edge.get("/v1/prompts/notes/mine", store.key);
    assert.equal(version.messages[0].content, "Hello {{ name }}");
  } finally {
    await edge.stop();
    await store.stop();
    rmSync(edgeDir, { recursive: true, force: true });
  }
});

test("a taken port, a wrong option and a missing tool are one clear line each", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  const failures = [
    [["--port", port], {}, new RegExp(`^error: port ${port} is taken .*--port`)],
    [["--prot", 1], {}, /^error: no option `--prot`/],
    [["--origin", "example.com"], {}, /^error: --origin takes the URL/],
    [["--port", await freePort(), "--dir", dir], { PATH: "/nowhere" }, /^error: .*install Node.js 20/],
  ];
  for (const [args, env, message] of failures) {
    const { code, stderr } = await fails(args, env);
    assert.notEqual(code, 0);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  }
  server.close();
});

/** Starts it and waits for what it prints when it is ready. */
async function startDev(...args) {
  const started = Date.now();
  const child = spawn(program, [...before, "dev", ...args.map(String)], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stderr.on("data", (text) => (stderr += text));
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => {
      stdout += text;
      if (stdout.includes("Ctrl-C")) resolve();
    });
    ended.then((code) => reject(new Error(`it ended (${code})\n${stderr}`)));
  });
  const url = /http:\/\/localhost:\d+/.exec(stdout)[0];
  const key = /cue_\w+/.exec(stdout)?.[0];
  const request = async (path, auth, init = {}) => {
    const headers = { authorization: `Bearer ${auth}`, "content-type": "application/json" };
    const response = await fetch(url + path, { ...init, headers });
    const json = await response.json();
    assert.ok(response.ok, `${path}: ${JSON.stringify(json)}`);
    return json;
  };
  return {
    url,
    key,
    stdout,
    seconds: (Date.now() - started) / 1000,
    get: (path, auth = key) => request(path, auth),
    commit: (slug, body) => request(`/v1/prompts/${slug}/versions`, key, { method: "POST", body: JSON.stringify(body) }),
    async stop() {
      child.kill("SIGINT");
      assert.equal(await ended, 0, "Ctrl-C is a good end");
      await assert.rejects(fetch(url), "workerd has ended, too");
    },
  };
}

function fails(args, env) {
  const child = spawn(program, [...before, "dev", ...args.map(String)], { cwd: root, env: { ...process.env, ...env } });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  return new Promise((resolve) => child.once("exit", (code) => resolve({ code, stderr })));
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
