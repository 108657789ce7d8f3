// `cuecard-server` as npm installs it, started on folders of a test file's own.
import { spawn } from "node:child_process";
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { freePort } from "../ports.mjs";
import { folder } from "./lab.mjs";

export const app = folder();
/** The program. */
export let main;
const running = new Set();
/** Root may write to every folder, so a server that may not runs as another user. */
export const uid = process.getuid() === 0 ? 65534 : undefined;

before(async () => {
  await app.install();
  for (let at = app.dir; at !== "/" && uid !== undefined; at = join(at, "..")) chmodSync(at, statSync(at).mode | 0o055);
  main = join(app.dir, "node_modules/cuecard-server/dist/main.js");
});
after(() => Promise.all([...running].map((server) => server.stop())));

/** Starts `cuecard-server` on this folder; `wrap` precedes the command. */
export async function serve(dir, { more = [], wrap = [], uid: user } = {}) {
  const port = await freePort();
  const [program, ...args] = [
    ...wrap,
    process.execPath,
    main,
    "--dir",
    dir,
    "--port",
    String(port),
    "--no-samples",
    ...more,
  ];
  const child = spawn(program, args, { cwd: app.dir, env: app.env, uid: user, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const ready = new Promise((resolve) =>
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      if (stdout.includes("Ctrl-C stops it")) resolve(true);
    }),
  );
  if (!(await Promise.race([ready, ended.then(() => false)]))) return { code: await ended, stdout, stderr };
  const url = `http://localhost:${port}`;
  const key = /cue_\w+/.exec(stdout)?.[0];
  const server = {
    child,
    url,
    key,
    errors: () => stderr,
    output: () => stdout,
    async call(method, path, body, auth = key) {
      const headers = { authorization: `Bearer ${auth}`, "content-type": "application/json" };
      const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: text.startsWith("{") ? JSON.parse(text) : undefined,
      };
    },
    async stop(signal = "SIGTERM") {
      running.delete(server);
      child.kill(signal);
      return ended;
    },
  };
  running.add(server);
  return server;
}

const document = (text) => ({ messages: [{ role: "user", content: text }] });
export const commit = (server, slug, text) => server.call("POST", `/v1/prompts/${slug}/versions`, document(text));
