// `dev` with a browser and on other interfaces, and those differences of macOS and Windows that Linux can test.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { freePort } from "../ports.mjs";
import { folder, root, started, until } from "./lab.mjs";

const parts = mkdtempSync(join(tmpdir(), "cuecard-parts-"));
const app = folder();
after(() => rmSync(parts, { recursive: true, force: true }));
let opener, Credentials;

before(async () => {
  const { buildSync } = createRequire(join(root, "pkg/build.mjs"))("esbuild");
  buildSync({
    entryPoints: ["open", "credentials"].map((name) => join(root, `pkg/cli/${name}.ts`)),
    outdir: parts,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
  });
  ({ opener } = await import(pathToFileURL(join(parts, "open.mjs"))));
  ({ Credentials } = await import(pathToFileURL(join(parts, "credentials.mjs"))));
  await app.install();
});

test("--open opens the page with the key, once it answers; without a browser it prints the page's URL", async (t) => {
  app.write(
    "bin/xdg-open",
    '#!/bin/sh\nprintf "%s" "$1" > "$(dirname "$0")/../opened.txt.tmp"\nmv "$(dirname "$0")/../opened.txt.tmp" "$(dirname "$0")/../opened.txt"\n',
  );
  chmodSync(join(app.dir, "bin/xdg-open"), 0o755);
  const cli = join(app.dir, "node_modules/cuecard/dist/cli.js");
  const dev = async (path, ...more) =>
    started(process.execPath, [cli, "dev", "--port", await freePort(), "--open", ...more], {
      cwd: app.dir,
      env: { ...app.env, PATH: path },
    });
  const opened = await dev(`${join(app.dir, "bin")}:${app.env.PATH}`);
  t.after(() => opened.stop());
  await until("the browser", () => existsSync(join(app.dir, "opened.txt")));
  const url = app.read("opened.txt");
  assert.equal(url, `${opened.url}/#key=${opened.key}`);
  assert.equal((await fetch(url)).status, 200);
  await opened.stop();
  const none = await dev("/nowhere");
  t.after(() => none.stop());
  await until("the line", () => none.errors().includes(`no browser could be started: open ${none.url}/#key=`));
  assert.equal((await none.get("/v1/prompts")).prompts.length, 3, "dev serves without a browser");
});

test("--host listens on that address, and the printed URL answers", async (t) => {
  for (const [host, shown] of [
    ["127.0.0.1", "127.0.0.1"],
    ["0.0.0.0", "localhost"],
  ]) {
    const port = await freePort();
    const cli = join(app.dir, "node_modules/cuecard/dist/cli.js");
    const dev = await started(
      process.execPath,
      [cli, "dev", "--port", port, "--host", host, "--json"],
      { cwd: app.dir, env: app.env },
      /\n/,
    );
    t.after(() => dev.child.kill("SIGTERM"));
    const { url, key } = JSON.parse(dev.output().split("\n")[0]);
    assert.equal(url, `http://${shown}:${port}`);
    assert.equal((await fetch(`${url}/v1/prompts`, { headers: { authorization: `Bearer ${key}` } })).status, 200);
    // The commands find the server by its folder.
    assert.equal((await app.cuecard("status")).code, 0);
    await dev.stop();
  }
  const { code, stderr } = await app.cuecard("dev", "--host", "203.0.113.7", "--port", await freePort());
  assert.equal(code, 1);
  assert.match(stderr, /^error: cannot listen on 203\.0\.113\.7, port \d+: .*\n$/);
});

test("the program that opens a page gets the URL as one argument, on every platform", () => {
  const url = "http://localhost:8787/#key=cue_a&b|c";
  assert.deepEqual(opener("linux", url), ["xdg-open", url]);
  assert.deepEqual(opener("darwin", url), ["open", url]);
  assert.deepEqual(opener("win32", url), ["rundll32", "url.dll,FileProtocolHandler", url]);
});

test("keys are in the user's own folder on every platform", () => {
  const file = (env, platform) => new Credentials(env, platform).file;
  assert.equal(file({ HOME: "/u/ada" }, "linux"), "/u/ada/.config/cuecard/keys.json");
  assert.equal(file({ HOME: "/Users/ada" }, "darwin"), "/Users/ada/.config/cuecard/keys.json");
  assert.equal(file({ HOME: "/u/ada", XDG_CONFIG_HOME: "/etc/ada" }, "linux"), "/etc/ada/cuecard/keys.json");
  assert.equal(
    file({ HOME: "/u/ada", APPDATA: "/c/Users/ada/AppData/Roaming" }, "win32"),
    "/c/Users/ada/AppData/Roaming/cuecard/keys.json",
  );
});

test("each signal that ends a terminal ends dev and workerd, and leaves the folder free", async () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    const dev = await app.dev();
    dev.child.kill(signal);
    await new Promise((resolve) => (dev.child.exitCode === null ? dev.child.once("exit", resolve) : resolve()));
    assert.equal(dev.child.exitCode, 0, signal);
    await assert.rejects(fetch(dev.url));
    assert.ok(!existsSync(join(app.dir, ".cuecard/serving.json")), signal);
  }
});
