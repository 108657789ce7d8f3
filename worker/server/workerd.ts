/** The Worker in the real workerd: its configuration, made from `wrangler.jsonc`. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import assets from "./emulation/assets.js?text";
import cache from "./emulation/cache.js?text";
import clock from "./emulation/clock.js?text";
import connections from "./emulation/connections.js?text";
import isolates from "./emulation/isolates.js?text";
import files from "./emulation/objects.js?text";
import { readWrangler } from "./wrangler.ts";

/** The settings of one Worker. */
export interface WorkerOptions {
  /** Folder for its configuration and, below, its store. */
  readonly dir: string;
  /** The interface to listen on. Default `localhost`. */
  readonly host?: string | undefined;
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Variables in addition to those in wrangler.jsonc. */
  readonly vars?: Readonly<Record<string, unknown>> | undefined;
  /** Secrets, as set by `wrangler secret`. */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  /** A fault of the Cache API's backend: errors, or entries that no Worker of ours stored. */
  readonly cache?: "fail" | "foreign" | undefined;
  /** Whether time stands still until a test sets it: see `emulation/clock.js`. */
  readonly clock?: boolean | undefined;
  /** Whether there are two isolates with one Cache API: see `emulation/isolates.js`. For a Worker with an `ORIGIN`, as
   * each would have a store of its own. */
  readonly isolates?: boolean | undefined;
  /** Flags for V8, such as `--stack-size=200` (in KiB). */
  readonly v8Flags?: readonly string[] | undefined;
}

/**
 * The largest half of V8's young generation, in MiB. workerd's own memory of requests and answers is freed when V8
 * collects them, and V8 does not count it: with 8 the process grows by 172 MiB in a flood of 100,000 names, and with
 * V8's default, 16, by more. With 2 a hit takes a tenth longer.
 */
const YOUNG = "--max-semi-space-size=8";

/** A command line. */
export interface ProgramCall {
  readonly program: string;
  readonly arguments: readonly string[];
  /** Descriptor of a listening socket that it serves, rather than one that it opens. */
  readonly socket?: number | undefined;
}

/** The package's folder: with `wrangler.jsonc`, `build/` and `studio/dist/`. */
export const folder = fileURLToPath(new URL("..", import.meta.url));

/** Writes the files that workerd needs into the folder, and returns the command that serves it. */
export function prepare(options: WorkerOptions): ProgramCall {
  mkdirSync(join(options.dir, "store"), { recursive: true });
  for (const name of ["index.js", "index.wasm"]) cpSync(join(folder, "build", name), join(options.dir, name));
  const file = join(options.dir, "workerd.capnp");
  // It contains secrets.
  writeFileSync(file, configuration(options), { mode: 0o600 });
  return { program: workerd(), arguments: ["serve", file] };
}

/** workerd itself, as npm installed it: the binary, not its JavaScript launcher, so that a signal reaches it. */
export function workerd(): string {
  const found = createRequire(import.meta.url)("workerd") as { readonly default: string };
  return found.default;
}

function configuration(options: WorkerOptions): string {
  const { dir, host = "localhost", port = 0, v8Flags = [] } = options;
  const wrangler = readWrangler(join(folder, "wrangler.jsonc"));
  const date = text(wrangler.compatibility_date);
  const objects = wrangler.durable_objects?.bindings ?? [];
  const vars = { ...wrangler.vars, ...options.vars, ...options.secrets };
  const bindings = Object.entries(vars).map(([name, value]) => {
    const [kind, written] = typeof value === "string" ? ["text", value] : ["json", JSON.stringify(value)];
    return `(name = ${text(name)}, ${kind} = ${text(written)})`;
  });
  for (const { name, class_name } of objects)
    bindings.push(`(name = ${text(name)}, durableObjectNamespace = ${text(class_name)})`);

  // `worker/src/disk.rs` asks OBJECTS.
  bindings.push(`(name = "OBJECTS", service = "objects")`);

  const services = [
    `(name = "store", disk = (path = ${text(join(dir, "store"))}, writable = true))`,
    `(name = "internet", network = (allow = ["public", "local"], tlsOptions = (trustBrowserCas = true)))`,
    script("objects", date, files, [`(name = "DISK", service = "store")`]),
    script("cache", date, cache, [`(name = "INSTEAD", text = ${text(options.cache ?? "")})`]),
  ];
  if (wrangler.assets !== undefined) {
    const { directory, binding, run_worker_first } = wrangler.assets;
    // Otherwise Cloudflare would serve assets before it asks the Worker, which this configuration does not do.
    if (run_worker_first !== true) throw new Error("wrangler.jsonc: assets.run_worker_first must be true");
    const path = join(folder, directory);
    // Missing when only the Worker has been built.
    mkdirSync(path, { recursive: true });
    bindings.push(`(name = ${text(binding)}, service = "assets")`);
    services.push(`(name = "disk", disk = (path = ${text(path)}))`);
    services.push(script("assets", date, assets, [`(name = "DISK", service = "disk")`]));
  }

  // The first module is the entry point.
  const [outer, inner] = [`esModule = ${text(connections)}`, `esModule = embed "index.js"`];
  const modules = [
    `(name = "connections.js", ${outer})`,
    ...(options.clock ? [`(name = "inner.js", esModule = ${text(clock)})`] : []),
    `(name = "${options.clock ? "index" : "inner"}.js", ${inner})`,
    `(name = "index.wasm", wasm = embed "index.wasm")`,
  ];
  const isolate = (suffix: string) => {
    const namespaces = objects.map(({ class_name: name }) => {
      return `(className = ${text(name)}, uniqueKey = ${text(name + suffix)}, enableSql = true)`;
    });
    return `(name = "cuecard${suffix}", worker = (
      compatibilityDate = ${date},
      compatibilityFlags = ${list((wrangler.compatibility_flags ?? []).map(text))},
      modules = ${list(modules)},
      bindings = ${list(bindings)},
      durableObjectNamespaces = ${list(namespaces)},
      durableObjectStorage = (localDisk = "store"),
      cacheApiOutbound = "cache",
      globalOutbound = "internet",
    ))`;
  };
  services.push(isolate(""));
  if (options.isolates) {
    const both = [`(name = "FIRST", service = "cuecard")`, `(name = "SECOND", service = "cuecard-2")`];
    services.push(isolate("-2"), script("isolates", date, isolates, both));
  }

  return `# Made from wrangler.jsonc; changes are lost.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = ${list([YOUNG, ...v8Flags].map(text))},
  sockets = [(
    name = "http",
    address = ${text(`${host.includes(":") ? `[${host}]` : host}:${port}`)},
    http = (),
    service = ${text(options.isolates ? "isolates" : "cuecard")},
  )],
  services = ${list(services)},
);
`;
}

/** A Worker of one module. */
function script(name: string, date: string, source: string, bindings: readonly string[]): string {
  return `(name = ${text(name)}, worker = (
      compatibilityDate = ${date},
      modules = [(name = ${text(`${name}.js`)}, esModule = ${text(source)})],
      bindings = ${list(bindings)},
    ))`;
}

function list(items: readonly string[]): string {
  return `[${items.join(", ")}]`;
}

/** A string literal of capnp's text format, whose escapes are C's. */
function text(value: string): string {
  const escapes: Record<string, string> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return `"${value.replace(/["\\\n\r\t]/g, (character) => escapes[character] ?? character)}"`;
}
