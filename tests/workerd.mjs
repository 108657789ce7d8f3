// Starts the built Worker in the real workerd, for tests. Needs `cargo xtask build worker server` to have run.
//
//   const worker = await start();
//   await fetch(`${worker.url}/healthz`);
//   await worker.stop();
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { generateKey as makeKey, prepare, run, workerd } from "../worker/dist/index.js";
import { freePort } from "./ports.mjs";

export { makeKey };

/**
 * Starts one Worker and waits until it listens.
 *
 * @param {object} [options]
 * @param {string} [options.dir] folder of the store, which `stop` keeps; by default a new one, which `stop` removes
 * @param {number} [options.port] by default a free port, which `restart` takes again
 * @param {Record<string, unknown>} [options.vars] added to those in wrangler.jsonc, such as `{ ORIGIN: url }`
 * @param {string} [options.key] the bootstrap key; by default a new one
 * @param {"fail" | "foreign"} [options.cache] the Cache API answers every call with an error or with a foreign response
 * @param {boolean} [options.clock] time stands still until `PUT /clock` moves it: see worker/server/emulation/clock.js
 * @param {boolean} [options.isolates] starts two isolates in one location, of which the second answers requests with
 *   the header `second-isolate`; requires an `ORIGIN`
 * @param {string[]} [options.v8Flags] flags of V8, such as `--stack-size=200` (in KiB)
 * @param {boolean} [options.log] prints the Worker's log instead of keeping it for `worker.logs()`
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

  let worker = await launch(options.port ?? (await freePort()));
  const { port } = worker;
  return {
    key,
    dir,
    port,
    url: `http://127.0.0.1:${port}`,
    /** The id of the Worker's process. */
    get pid() {
      return worker.pid;
    },
    /** The Worker's output since its last start. */
    logs: () => worker.logs(),
    /** Kills the Worker, which cuts off requests under way, as draining could take forever. */
    async stop() {
      await worker.kill();
      if (!options.dir) rmSync(dir, { recursive: true, force: true });
    },
    /** Kills the Worker and keeps its folder. */
    kill9: () => worker.kill(),
    /** Restarts the Worker on the same port and folder. */
    async restart() {
      await worker.kill();
      worker = await launch(port);
    },
  };
}

/**
 * Starts one module with a `fetch` handler in the workerd of the Worker.
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
 * Starts the modules of a folder in the workerd of the Worker; the first module has a `fetch` handler.
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
