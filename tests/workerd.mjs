// Starts the built Worker in the real workerd, for tests. Needs `cargo xtask build worker server` to have run.
//
//   const worker = await start();
//   await fetch(`${worker.url}/healthz`);
//   await worker.stop();
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { generateKey as makeKey, prepare, run, workerd } from "../worker/dist/index.js";

export { makeKey };

/**
 * Starts one Worker and waits until it listens.
 *
 * @param {object} [options]
 * @param {string} [options.dir] folder of its store, kept by `stop`; one that `stop` removes when left out
 * @param {number} [options.port] a free one when left out
 * @param {Record<string, unknown>} [options.vars] on top of those in wrangler.jsonc, such as `{ ORIGIN: url }`
 * @param {string} [options.key] the bootstrap key; a new one when left out
 * @param {"fail" | "foreign"} [options.cache] the Cache API answers every call with an error, or with what is not ours
 * @param {boolean} [options.clock] time stands still until `PUT /clock` moves it: see worker/server/emulation/clock.js
 * @param {boolean} [options.isolates] two of them in one location, of which the second answers requests with the header
 *   `second-isolate`; takes an `ORIGIN`
 * @param {string[]} [options.v8Flags] for V8, such as `--stack-size=200` (in KiB)
 * @param {boolean} [options.log] pass on what the Worker logs, rather than keep it for `worker.logs()`
 */
export async function start(options = {}) {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "cuecard-"));
  const key = options.key ?? makeKey();
  const secrets = { BOOTSTRAP_KEY: key };
  const log = options.log ? (text) => process.stderr.write(text) : undefined;
  const launch = (port) => {
    const { vars, cache, clock, isolates, v8Flags } = options;
    return run(prepare({ dir, port, vars, secrets, cache, clock, isolates, v8Flags }), log);
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
      return worker.pid;
    },
    /** What it has printed since it was last started. */
    logs: () => worker.logs(),
    /** Ends it. Requests under way are cut off, as draining could take for ever. */
    async stop() {
      await worker.kill();
      if (!options.dir) rmSync(dir, { recursive: true, force: true });
    },
    /** Ends it without notice and leaves the folder as it is. */
    kill9: () => worker.kill(),
    /** Starts it again, on the same port and folder. */
    async restart() {
      await worker.kill();
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
  const config = join(dir, "script.capnp");
  const kind = (name) => (name.endsWith(".wasm") ? "wasm" : "esModule");
  const modules = names.map((name) => `(name = "${name}", ${kind(name)} = embed "${join(folder, name)}")`);
  const bindings = Object.entries(vars).map(([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`);
  writeFileSync(
    config,
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
  const worker = await run({ program: workerd(), arguments: ["serve", "--import-path=/", config] });
  return {
    port: worker.port,
    pid: worker.pid,
    logs: worker.logs,
    async stop() {
      await worker.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
