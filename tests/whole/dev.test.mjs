// `cargo xtask dev` for a newcomer: the printed command works, a restart loses nothing, and each mistake gives one
// clear line.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { spawnDev, startDev } from "../dev.mjs";
import { freePort } from "../ports.mjs";

const dir = mkdtempSync(join(tmpdir(), "cuecard-dev-"));
after(() => rmSync(dir, { recursive: true, force: true }));

test("the first start adds prompts, and the printed command renders one", async () => {
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

test("a restart is ready in 5 s and loses nothing", async () => {
  const dev = await startDev("--port", await freePort(), "--dir", dir);
  try {
    // Processor time, so that other load on the machine does not count; what it waits for by itself does.
    assert.ok(dev.processor <= 5, `ready after ${dev.processor} s of a processor`);
    assert.ok(dev.seconds <= 60, `ready after ${dev.seconds} s`);
    assert.equal((await dev.get("/v1/prompts/notes/mine")).messages[0].content, "Hello {{ name }}");
    assert.equal((await dev.get("/v1/prompts")).prompts.length, 4, "the restart must not seed again");
  } finally {
    await dev.stop();
  }
});

test("an edge serves the prompts of its origin for the origin's keys", async () => {
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

test("a taken port, a wrong option and a missing tool each give one clear line", async () => {
  const server = createServer().listen(0, "127.0.0.1").unref();
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

test("a broken build ends with one line that says which step failed", async () => {
  // A copy of the program in an empty target folder has to build everything but the server, which other tests use now.
  const xtask = join(dir, "target/debug/xtask");
  const built = process.env.XTASK ?? fileURLToPath(new URL("../../target/debug/xtask", import.meta.url));
  const server = "xtask/server.stamp";
  cpSync(built, xtask);
  cpSync(join(built, "../..", server), join(dir, "target", server));
  const env = { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: "--no-such-option" };
  const { code, stderr } = await fails(["--port", await freePort(), "--dir", dir], env, [xtask]);
  assert.equal(code, 1);
  assert.match(stderr.trim().split("\n").at(-1), /^error: compile cuecard-worker: `cargo build .*` failed/);
});

function fails(args, env, command) {
  const child = spawnDev(args, env, command);
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  return new Promise((resolve) => child.once("exit", (code) => resolve({ code, stderr })));
}
