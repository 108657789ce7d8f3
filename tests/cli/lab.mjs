// Installs both packages as users get them: packed, from the tests' own registry, into empty folders.
import { execFile, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../ports.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const bin = (name) => join(root, "tests/node_modules/.bin", name);
/** The folder of the `node` binary of a major version. */
export const nodeOf = (major) => join(root, `tests/node_modules/node-${major}/bin`);

const shared = mkdtempSync(join(tmpdir(), "cuecard-cli-"));
process.on("exit", () => rmSync(shared, { recursive: true, force: true }));

const FOLDERS = { cuecard: "pkg", "cuecard-server": "worker" };
let packed;

/** The two tarballs, which are packed once. */
export function tarballs() {
  packed ??= Object.fromEntries(
    Object.entries(FOLDERS).map(([name, folder]) => {
      const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", shared];
      const [told] = JSON.parse(
        execFileSync("npm", args, { cwd: join(root, folder), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
      );
      return [name, { ...told, file: join(shared, told.filename) }];
    }),
  );
  return packed;
}

/** A folder into which npm has installed these tarballs, once for all test files; npm's cache provides the rest. */
async function installed() {
  const own = tarballs();
  const hash = createHash("sha256");
  for (const { integrity } of Object.values(own)) hash.update(integrity);
  const all = join(root, "target/tests-cli");
  const made = join(all, hash.digest("hex").slice(0, 16), "app");
  if (existsSync(made)) return made;
  rmSync(all, { recursive: true, force: true });
  mkdirSync(dirname(made), { recursive: true });
  const { dir, run, write } = folder();
  write("package.json", JSON.stringify({ name: "app", private: true, type: "module" }));
  const files = Object.values(own).map(({ file }) => file);
  const { code, stderr } = await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", ...files]);
  if (code !== 0) throw new Error(`npm install failed\n${stderr}`);
  cpSync(dir, `${made}-new`, { recursive: true, verbatimSymlinks: true });
  renameSync(`${made}-new`, made);
  return made;
}

/**
 * Starts a registry with the two packages; it forwards all other requests to the registry that npm is configured with.
 */
export async function registry() {
  const upstream = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim().replace(/\/$/, "");
  const own = tarballs();
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url.slice(1).split("?")[0]);
    const file = Object.values(own).find(({ filename }) => name === `-/${filename}`)?.file;
    if (file) return response.end(readFileSync(file));
    const found = own[name];
    if (!found) return response.writeHead(302, { location: upstream + request.url }).end();
    const manifest = JSON.parse(readFileSync(join(root, FOLDERS[name], "package.json"), "utf8"));
    const bytes = readFileSync(found.file);
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    const dist = { tarball: `${url}/-/${found.filename}`, integrity, shasum: found.shasum };
    const { version } = manifest;
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } }),
    );
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, close: () => new Promise((resolve) => server.close(resolve)) };
}

/**
 * Creates an empty folder and runs commands in it: with this Node first in PATH, without a terminal, and without any
 * user's config.
 */
export function folder({ node, env = {} } = {}) {
  const dir = mkdtempSync(join(shared, "app-"));
  const path = node === undefined ? process.env.PATH : `${node}:${process.env.PATH}`;
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|CUECARD_|LANGFUSE_|CI$)/i.test(name)),
  );
  const whole = { ...clean, PATH: path, XDG_CONFIG_HOME: join(dir, ".config"), ...env };
  const run = (program, args, { input, extra, signal } = {}) =>
    new Promise((resolve) => {
      const options = { cwd: dir, env: { ...whole, ...extra }, maxBuffer: 1 << 26, timeout: 120_000, signal };
      const child = execFile(program, args.map(String), options, (error, stdout, stderr) =>
        resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }),
      );
      child.stdin.on("error", () => {}).end(input ?? "");
    });
  const cli = join(dir, "node_modules/cuecard/dist/cli.js");
  return {
    dir,
    env: whole,
    run,
    write: (name, text) => {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), text);
    },
    read: (name) => readFileSync(join(dir, name), "utf8"),
    /** Installs the tarballs. */
    async install() {
      const from = `${await installed()}/.`;
      // Links, where the folders are on one disk: workerd alone has 100 MB.
      for (const how of ["-al", "-a"]) if ((await run("cp", [how, from, dir])).code === 0) return;
      throw new Error(`${from} cannot be copied`);
    },
    /** Runs the installed command `cuecard`. */
    cuecard: (...args) => {
      const options = typeof args.at(-1) === "object" ? args.pop() : {};
      return run("node", [cli, ...args], options);
    },
    /** Starts `cuecard dev` and waits until it is ready. */
    async dev(...args) {
      const port = await freePort();
      return started("node", [cli, "dev", "--port", port, ...args], { cwd: dir, env: whole });
    },
  };
}

/** Starts a program and waits until its output matches `ready`, which `cuecard dev` prints with its URL. */
export async function started(program, args, options, ready = /Ctrl-C stops it/) {
  const child = spawn(program, args.map(String), { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  process.once("exit", () => child.kill("SIGKILL"));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  await new Promise((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      if (ready.test(stdout)) resolve();
    });
    ended.then((code) => reject(new Error(`dev ended (${code})\n${stdout}${stderr}`)));
  });
  return {
    child,
    url: /http:\/\/[\w.]+:\d+/.exec(stdout)?.[0],
    key: /cue_\w+/.exec(stdout)?.[0],
    output: () => stdout,
    errors: () => stderr,
    async get(path) {
      const response = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.key}` } });
      return response.json();
    },
    async send(method, path, body) {
      const headers = { authorization: `Bearer ${this.key}`, "content-type": "application/json" };
      const response = await fetch(this.url + path, { method, headers, body: JSON.stringify(body) });
      const text = await response.text();
      return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
    },
    async stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** Waits until `probe` returns a truthy value, and returns it. */
export async function until(what, probe, ms = 30_000) {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
