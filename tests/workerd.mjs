// Starts the built Worker in the real workerd, for tests. Needs `cargo xtask build worker` to have run.
//
//   const worker = await start();
//   await fetch(`${worker.url}/healthz`);
//   await worker.stop();
import { execFileSync, spawn } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/**
 * Starts one Worker and waits until it listens.
 *
 * @param {object} [options]
 * @param {string} [options.dir] folder of its store, kept by `stop`; one that `stop` removes when left out
 * @param {number} [options.port] a free one when left out
 * @param {Record<string, unknown>} [options.vars] on top of those in wrangler.jsonc, such as `{ ORIGIN: url }`
 * @param {string} [options.key] the bootstrap key; a new one when left out
 * @param {"fail" | "foreign"} [options.cache] the Cache API answers every call with an error, or with what is not ours
 * @param {boolean} [options.clock] time stands still until `PUT /clock` moves it: see crates/xtask/src/workerd/clock.js
 * @param {boolean} [options.isolates] two of them in one location, of which the second answers requests with the header
 *   `second-isolate`; takes an `ORIGIN`
 * @param {string[]} [options.v8Flags] for V8, such as `--stack-size=200` (in KiB)
 * @param {boolean} [options.log] pass on what the Worker logs, rather than keep it for `worker.logs()`
 */
export async function start(options = {}) {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "cuecard-"));
  const key = options.key ?? makeKey();
  const secrets = { BOOTSTRAP_KEY: key };
  const launch = async (port) => {
    const { vars, cache, clock, isolates, v8Flags } = options;
    const { program, arguments: args } = xtask(
      "config",
      JSON.stringify({ dir, port, vars, secrets, cache, clock, isolates, v8Flags }),
    );
    return listen(program, args, options.log);
  };

  let worker = await launch(options.port ?? 0);
  const { port } = worker;
  return {
    key,
    dir,
    port,
    url: `http://127.0.0.1:${port}`,
    /** Its process. */
    get pid() {
      return worker.child.pid;
    },
    /** What it has printed since it was last started. */
    logs: () => worker.logs(),
    /** Ends it. Requests under way are cut off, as draining could take for ever. */
    async stop() {
      await kill(worker.child);
      if (!options.dir) rmSync(dir, { recursive: true, force: true });
    },
    /** Ends it without notice and leaves the folder as it is. */
    kill9: () => kill(worker.child),
    /** Starts it again, on the same port and folder. */
    async restart() {
      await kill(worker.child);
      worker = await launch(port);
    },
  };
}

/**
 * Starts another script in the same workerd: one module with a `fetch` handler.
 *
 * @param {string} source
 */
export async function startScript(source) {
  const dir = mkdtempSync(join(tmpdir(), "cuecard-"));
  writeFileSync(join(dir, "script.js"), source);
  const script = await startModules(dir, ["script.js"]);
  return {
    ...script,
    async stop() {
      await script.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * Starts the modules of a folder in the same workerd, the first of which has a `fetch` handler.
 *
 * @param {string} folder
 * @param {string[]} names `*.js` and `*.wasm`
 * @param {Record<string, string>} [vars]
 */
export async function startModules(folder, names, vars = {}) {
  const dir = mkdtempSync(join(tmpdir(), "cuecard-"));
  const { program, arguments: args } = xtask("config", JSON.stringify({ dir, port: 0 }));
  const kind = (name) => (name.endsWith(".wasm") ? "wasm" : "esModule");
  const modules = names.map((name) => `(name = "${name}", ${kind(name)} = embed "${join(folder, name)}")`);
  const bindings = Object.entries(vars).map(([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`);
  writeFileSync(
    join(dir, "script.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  sockets = [(name = "http", address = "localhost:0", http = (), service = "script")],
  services = [
    (name = "script", worker = (
      compatibilityDate = "2026-04-01",
      modules = [${modules.join(", ")}],
      bindings = [${bindings.join(", ")}],
      globalOutbound = "internet",
    )),
    (name = "internet", network = (allow = ["public", "local"])),
  ],
);`,
  );
  const worker = await listen(program, [...args.slice(0, -1), join(dir, "script.capnp")]);
  return {
    port: worker.port,
    pid: worker.child.pid,
    logs: worker.logs,
    async stop() {
      await kill(worker.child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A new key in the store's format: `cue_<organisation>_<id>_<secret><checksum>`. */
export function makeKey(organization = random(12), id = random(12)) {
  const body = `cue_${organization}_${id}_${random(32)}`;
  let rest = createHash("sha256").update(body).digest().readBigUInt64BE();
  let checksum = "";
  for (let i = 0; i < 6; i++) {
    checksum += (rest % 36n).toString(36);
    rest /= 36n;
  }
  return body + checksum;
}

function random(length) {
  return Array.from({ length }, () => randomInt(36).toString(36)).join("");
}

/** Runs `cargo xtask …` and reads the JSON that it prints. */
function xtask(...args) {
  const [program, ...before] = process.env.XTASK ? [process.env.XTASK] : ["cargo", "xtask"];
  return JSON.parse(execFileSync(program, [...before, ...args], { cwd: root, encoding: "utf8" }));
}

/** Starts workerd and reads from its control pipe which port it took. */
function listen(program, args, log) {
  const child = spawn(program, [...args, "--control-fd=3"], { cwd: root, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      printed += text;
      if (log) process.stderr.write(text);
    });
  }
  return new Promise((resolve, reject) => {
    let control = "";
    child.stdio[3].setEncoding("utf8").on("data", (text) => {
      control += text;
      for (const line of control.split("\n").slice(0, -1)) {
        const { event, port } = JSON.parse(line);
        if (event === "listen") resolve({ child, port, logs: () => printed });
      }
    });
    child.once("exit", (code, signal) =>
      reject(new Error(`workerd ended (${code ?? signal}) before it listened\n${printed}`)),
    );
    child.once("error", reject);
  });
}

function kill(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  return ended;
}
