/** One workerd process, from its start to its end. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

import type { ProgramCall } from "./workerd.ts";

/** A listening workerd. */
export interface Running {
  readonly port: number;
  readonly pid: number;
  /** Settles when the process has ended, for whatever reason: with its exit code or signal. */
  readonly ended: Promise<number | string>;
  /** Its output so far. */
  logs(): string;
  /** Ends it once the requests under way are answered, or after some seconds: streams could take for ever. */
  end(): Promise<void>;
  /** Ends it at once. Requests under way are cut off. */
  kill(): Promise<void>;
}

/** How long requests under way may take when it is told to end, in milliseconds. */
const LAST_ANSWERS = 5_000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Ends workerd when this process is killed, which no handler of its own can do. */
function endWithUs(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === "win32") return;
  // `read` fails when the pipe's other end is gone. A session of its own has no terminal whose Ctrl-C could end it first.
  const guard = spawn("/bin/sh", ["-c", 'read -r _ || kill -KILL "$0"', String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  // Where there is no shell, a start that finds the orphan names it.
  guard.once("error", () => {});
  guard.stdin.once("error", () => {});
  guard.unref();
  child.once("exit", () => guard.stdin.end("ended\n"));
}

/** Starts it and waits until it listens. `log` gets its output. */
export async function run(
  command: ProgramCall,
  log?: (text: string) => void,
  started?: (pid: number) => void,
): Promise<Running> {
  // The control pipe reports which port was taken.
  const { socket } = command;
  const inherited = socket === undefined ? [] : ["--socket-fd=http=4"];
  const child = spawn(command.program, [...command.arguments, "--control-fd=3", ...inherited], {
    stdio: ["ignore", "pipe", "pipe", "pipe", ...(socket === undefined ? [] : [socket])],
  });
  running.add(child);
  endWithUs(child);
  if (child.pid !== undefined) started?.(child.pid);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    (stream as Readable).setEncoding("utf8").on("data", (text: string) => {
      if (printed.length < 1_000_000) printed += text;
      log?.(text);
    });
  }
  const ended = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => {
      running.delete(child);
      resolve(code ?? signal ?? "");
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    let control = "";
    (child.stdio[3] as Readable).setEncoding("utf8").on("data", (text: string) => {
      control += text;
      for (const line of control.split("\n").slice(0, -1)) {
        const { event, port } = JSON.parse(line) as { readonly event: string; readonly port: number };
        if (event === "listen") resolve(port);
      }
    });
    child.once("error", (error) => reject(new Error(`workerd cannot be started: ${error.message}`)));
    void ended.then((code) => reject(new Error(`workerd ended (${code}) before it listened\n${printed.trim()}`)));
  });
  return {
    port,
    pid: child.pid ?? 0,
    ended,
    logs: () => printed,
    async end() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), LAST_ANSWERS);
      await ended;
      clearTimeout(late);
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
