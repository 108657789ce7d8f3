// A folder with the packed tarball installed and the suite beside it: the base of every cell of the matrix.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { freePort } from "../ports.mjs";
import { version } from "./origin.mjs";

const run = promisify(execFile);
export const root = fileURLToPath(new URL("../..", import.meta.url));
export const modules = join(root, "tests/node_modules");
const require = createRequire(join(modules, "a.js"));
export const bin = (name) => join(modules, ".bin", name);

/** Makes the folder, and an origin for the suite's client. `write` adds files to the folder; `exec` runs a program in
 * it and returns its output. */
export async function lab() {
  const origin = await serveVersion();
  const dir = mkdtempSync(join(tmpdir(), "cuecard-lab-"));
  const packed = join(dir, "packed");
  mkdirSync(packed);
  await run("npm", ["pack", "--silent", "--pack-destination", packed], { cwd: join(root, "pkg") });
  const [tarball] = readdirSync(packed);
  const home = join(dir, "node_modules/cuecard");
  mkdirSync(home, { recursive: true });
  await run("tar", ["-xzf", join(packed, tarball), "-C", home, "--strip-components=1"]);
  const write = (files, base = dir) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(base, name, ".."), { recursive: true });
      writeFileSync(join(base, name), text);
    }
  };
  const suite = readFileSync(join(root, "tests/runtimes/suite.mjs"), "utf8");
  write({
    "suite.mjs": suite,
    // The same suite through the other entry.
    "light/suite.mjs": suite.replace('"cuecard"', '"cuecard/client"'),
    "light/cases.mjs": 'export * from "../cases.mjs";',
    "light/print.mjs":
      'import { run } from "./suite.mjs";\nrun().then((result) => console.log(JSON.stringify(result)));',
    "light/worker.mjs":
      'import { run } from "./suite.mjs";\nexport default { fetch: async () => Response.json(await run()) };',
    "package.json": JSON.stringify({ name: "lab", type: "module", private: true, dependencies: { cuecard: "*" } }),
    "cases.mjs": `export const origin = "${origin.url}";
export const cases = ${JSON.stringify(cases().map(({ id, document, inputs }) => ({ id, document, inputs })))};`,
    "print.mjs": 'import { run } from "./suite.mjs";\nrun().then((result) => console.log(JSON.stringify(result)));',
    "worker.mjs":
      'import { run } from "./suite.mjs";\nexport default { fetch: async () => Response.json(await run()) };',
  });
  return {
    dir,
    tarball: join(packed, tarball),
    origin: origin.url,
    write,
    exec: async (program, args, options) =>
      (await run(program, args, { cwd: dir, maxBuffer: 1 << 26, timeout: 240_000, ...options })).stdout,
    remove: () => {
      rmSync(dir, { recursive: true, force: true });
      return origin.close();
    },
  };
}

/** Every case of the render fixtures. */
function cases() {
  const folder = join(root, "tests/fixtures/render");
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();
  return files.flatMap((file) => {
    const { prompt: document, cases } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    return cases.map((one) => ({ ...one, document }));
  });
}

/** SHA-256 of the fixtures' expected results, in the format of the suite. Rust's tests check the crate against the
 * same hash. */
export function expectedHash() {
  const lines = cases().map(({ id, code, messages }) => `${id}\t${code ?? JSON.stringify(messages)}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

/** Checks the result of the suite in a runtime against the fixtures, and returns it. The result is an object, or
 * printed as the last line of a text. */
export function passed(given) {
  const result = typeof given === "string" ? JSON.parse(given.trim().split("\n").at(-1)) : given;
  assert.deepEqual(result.wrong, []);
  assert.equal(result.hash, expectedHash(), "the outputs differ from the fixtures");
  return result;
}

/** An origin with one version, which pages of any origin may read. It requires the key. */
function serveVersion() {
  const cors = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "authorization, if-none-match",
    "access-control-expose-headers": "etag, cuecard-revision",
  };
  return listen((request, response) => {
    if (request.method === "OPTIONS") return response.writeHead(204, cors).end();
    const { pathname, searchParams } = new URL(request.url, "http://a");
    const known =
      pathname === "/v1/prompts/a%2Fb" &&
      searchParams.get("tag") === "production" &&
      request.headers.authorization === "Bearer k";
    const answer = known
      ? version("a/b", 3, { tag: "production", content: "Hello {{ name }}" })
      : { code: "key_invalid", status: 401 };
    response.writeHead(known ? 200 : 401, {
      ...cors,
      "content-type": "application/json",
      etag: '"e"',
      "cuecard-revision": "3",
    });
    response.end(JSON.stringify(answer));
  });
}

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

/** Serves a folder on loopback with additional headers. */
export function serve(folder, headers = {}) {
  return listen((request, response) => {
    const file = join(folder, new URL(request.url, "http://a").pathname);
    if (!existsSync(file)) return response.writeHead(404).end();
    response
      .writeHead(200, { "content-type": types[extname(file)] ?? "text/plain", ...headers })
      .end(readFileSync(file));
  });
}

async function listen(answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}

/** Starts a program that listens, waits until `url` answers, passes the answer and the process to `use`, ends the
 * program, and returns the result of `use`. */
export async function listening(program, args, options, url, use) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let log = "";
  child.stdout.on("data", (text) => (log += text));
  child.stderr.on("data", (text) => (log += text));
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await use(await fetch(url), child);
      } catch (error) {
        if (tries > 600 || child.exitCode !== null) throw new Error(`${program} does not answer: ${error}\n${log}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    child.kill("SIGKILL");
  }
}

/** Bundles a Worker of the lab, runs it in workerd, and returns the text of its answer. */
export async function inWorkerd(home, entry) {
  const port = await freePort();
  const { build } = await import(require.resolve("esbuild"));
  await build({
    absWorkingDir: home.dir,
    entryPoints: [entry],
    outfile: "workerd/worker.js",
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["./*.wasm"],
  });
  home.write({ "workerd/config.capnp": capnp(port) });
  linkWasm(home, "workerd");
  const args = ["serve", join(home.dir, "workerd/config.capnp")];
  return listening(bin("workerd"), args, { cwd: home.dir }, `http://127.0.0.1:${port}/`, (response) => response.text());
}

/** Starts Chromium. */
export async function chromium() {
  const { default: playwright } = await import(require.resolve("playwright-core"));
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return playwright.chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Opens a page of a folder and returns its `globalThis.result`. `timeout` is in milliseconds. */
export async function resultOf(browser, folder, path, { headers, timeout }) {
  const server = await serve(folder, headers);
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();
    const said = [];
    tab.on("pageerror", (error) => said.push(String(error)));
    tab.on("console", (message) => said.push(message.text()));
    await tab.goto(server.url + path);
    const handle = await tab
      .waitForFunction(() => globalThis.result, undefined, { timeout })
      .catch((error) => {
        throw new Error(`${error}\n${said.join("\n")}`);
      });
    return await handle.jsonValue();
  } finally {
    await context.close();
    await server.close();
  }
}

/** The program in the package's README whose first line is a comment with this name. */
export function example(name) {
  const readme = readFileSync(join(root, "pkg/README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```\w+\n(?:\/\/|<!--) (\S+).*\n([^]*?)^```$/gm)];
  const found = blocks.find(([, of]) => of === name);
  if (found === undefined) throw new Error(`the README has no ${name}`);
  return found[2];
}

/** A workerd configuration that serves `worker.js` on a port, with wasm modules beside it and texts in its
 * environment. */
export const capnp = (port, env = {}, wasm = WASM) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    compatibilityDate = "2026-04-01",
    modules = [(name = "worker.js", esModule = embed "worker.js")${wasm.map((name) => `, (name = "${name}", wasm = embed "${name}")`).join("")}],
    bindings = [${Object.entries(env).map(([name, text]) => `(name = "${name}", text = "${text}")`)}]
  )), (name = "internet", network = (allow = ["public", "local"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);`;

/** The modules of the package that a Worker imports. */
export const WASM = ["cuecard.wasm", "payloads.wasm"];

/** Links the modules beside a Worker in a folder of the lab. */
export function linkWasm(home, folder) {
  for (const name of WASM) symlinkSync(join(home.dir, "node_modules/cuecard/dist", name), join(home.dir, folder, name));
}
