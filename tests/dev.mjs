// Runs `cargo xtask dev` for tests.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { processorSeconds } from "./processor.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const xtask = process.env.XTASK ? [process.env.XTASK] : ["cargo", "xtask"];

/** Starts the command and does not wait for its output. */
export function spawnDev(args, env = {}, command = xtask) {
  const [program, ...before] = command;
  return spawn(program, [...before, "dev", ...args.map(String)], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Starts the command and waits until it prints that it is ready. */
export async function startDev(...args) {
  const started = Date.now();
  const child = spawnDev(args);
  let [stdout, stderr] = ["", ""];
  child.stderr.on("data", (text) => (stderr += text));
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => {
      stdout += text;
      if (stdout.includes("Ctrl-C")) resolve();
    });
    ended.then((code) => reject(new Error(`it ended (${code})\n${stderr}`)));
  });
  const url = /http:\/\/localhost:\d+/.exec(stdout)[0];
  const key = /cue_\w+/.exec(stdout)?.[0];
  const request = async (path, auth, init = {}) => {
    const headers = { authorization: `Bearer ${auth}`, "content-type": "application/json" };
    const response = await fetch(url + path, { ...init, headers });
    const json = await response.json();
    assert.ok(response.ok, `${path}: ${JSON.stringify(json)}`);
    return json;
  };
  return {
    url,
    key,
    stdout,
    seconds: (Date.now() - started) / 1000,
    /** Seconds of a processor until it was ready. */
    processor: processorSeconds(child.pid).all,
    get: (path, auth = key) => request(path, auth),
    commit: (slug, body) =>
      request(`/v1/prompts/${slug}/versions`, key, { method: "POST", body: JSON.stringify(body) }),
    async stop() {
      child.kill("SIGINT");
      assert.equal(await ended, 0, "Ctrl-C ends the command with exit code 0");
      await assert.rejects(fetch(url), "workerd has ended, too");
    },
  };
}
