/** The command line of `cuecard-server`. */
import { createServer } from "node:net";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { UsageError, WrongUse } from "./errors.ts";
import { variables } from "./variables.ts";

/** Turns errors of the file system into mistakes of the caller; other errors pass unchanged. */
export function unwritable(dir: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    EACCES: "it may not be written by this user",
    EPERM: "it may not be written by this user",
    EROFS: "the disk is read-only",
    ENOSPC: "the disk is full",
    EDQUOT: "this user's quota is used up",
    ENOTDIR: "a part of its path is a file",
    EEXIST: "it is a file",
  };
  const reason = code === undefined ? undefined : reasons[code];
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  return new UsageError(`the folder ${dir} cannot be used: ${reason ?? message} (${code})`);
}

/** Runs work in a folder.
 *
 * @throws UsageError where the file system refuses
 */
export function writing<T>(dir: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unwritable(dir, error);
  }
}

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  /** Folder of the store and its key. */
  readonly dir: string;
  /** Another Cuecard to cache, rather than a store of its own. */
  readonly origin?: string | undefined;
  /** Whether a new store starts with a few prompts. */
  readonly samples: boolean;
  /** Variables that replace those in wrangler.jsonc. */
  readonly vars?: Readonly<Record<string, string>> | undefined;
}

export interface CommandLine extends ServeOptions {
  /** For a program: one line of JSON when it is ready; it ends when its standard input ends. */
  readonly json: boolean;
  /** Only checks the options and the port. */
  readonly check: boolean;
}

export const USAGE = `usage: cuecard-server [--port N] [--host HOST] [--dir DIR] [--origin URL] [--no-samples] [--json]
                      [--log] [--metrics] [--var NAME=VALUE]…
       cuecard-server rotate [--dir DIR]
       cuecard-server key | folder

Serves a Cuecard with its store in DIR (default .cuecard) on http://localhost:8787.
With --origin it is an edge before another Cuecard and has no store. --log prints a line of JSON for each answer, --metrics has counts
at /metrics, for admin keys; --var sets a variable of the Worker.
\`rotate\` makes a new admin key for the store in DIR, which must not be served, and revokes the old one.
\`key\` prints a new key, for the Worker's secret BOOTSTRAP_KEY; \`folder\` where wrangler.jsonc and the built Worker are.`;

/** @throws WrongUse */
export function parse(args: readonly string[]): CommandLine {
  const given = values(args);
  const port = Number(given.port ?? 8787);
  if (!/^\d+$/.test(given.port ?? "8787") || port < 1 || port > 65_535)
    throw new WrongUse("--port takes a number from 1 to 65535");
  if (given.origin !== undefined && !isOrigin(given.origin))
    throw new WrongUse(
      "--origin takes the URL of another Cuecard: https://HOST[:PORT], or http:// for localhost; without a path",
    );
  return {
    port,
    host: given.host ?? "localhost",
    dir: resolve(given.dir ?? ".cuecard"),
    origin: given.origin,
    samples: given["no-samples"] !== true,
    vars: {
      ...(given.log && { LOG: "requests" }),
      ...(given.metrics && { METRICS: "on" }),
      ...variables(given.var ?? []),
    },
    json: given.json === true,
    check: given.check === true,
  };
}

/** As the Worker reads it. */
function isOrigin(text: string): boolean {
  const [, scheme, host, port = "443"] = /^(https?):\/\/([A-Za-z0-9.-]+)(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  const local = host === "127.0.0.1" || host === "localhost";
  return (scheme === "https" || (scheme === "http" && local)) && Number(port) >= 1 && Number(port) <= 65_535;
}

function values(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        host: { type: "string" },
        dir: { type: "string" },
        origin: { type: "string" },
        "no-samples": { type: "boolean" },
        log: { type: "boolean" },
        metrics: { type: "boolean" },
        var: { type: "string", multiple: true },
        json: { type: "boolean" },
        check: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    const { message } = error as Error;
    const unknown = /Unknown option '([^']*)'/.exec(message);
    const missing = /'([^']*)' argument missing/.exec(message);
    if (unknown)
      throw new WrongUse(`no option \`${unknown[1]}\`: --port, --host, --dir, --origin and --no-samples are`);
    if (missing) throw new WrongUse(`${missing[1]?.replace(/ .*/, "")} takes a value`);
    throw new WrongUse(message);
  }
}

/** workerd itself would take the port without an error when another workerd already has it.
 *
 * @throws UsageError
 */
export async function portIsFree({ port, host }: ServeOptions): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((listening, failed) => {
      server.once("error", failed).listen(port, host === "localhost" ? "127.0.0.1" : host, listening);
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === "EADDRINUSE"
        ? `port ${port} is taken (${code}): stop what listens there, or choose another with --port`
        : `cannot listen on ${host}, port ${port}: ${message}`,
    );
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}
