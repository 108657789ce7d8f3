// `cuecard-server` behind a socket unit of systemd: a restart refuses no connection and cuts off no request.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../ports.mjs";
import { folder, until } from "./lab.mjs";

const app = folder();
let unit;

before(() => app.install());
after(() => unit?.kill());

test("a restart: connections wait, requests under way are answered, and no write is lost", async () => {
  const port = await freePort();
  const main = join(app.dir, "node_modules/cuecard-server/dist/main.js");
  const script = fileURLToPath(new URL("socket-unit.py", import.meta.url));
  const args = [script, port, process.execPath, main, "--dir", join(app.dir, "store"), "--port", port, "--no-samples"];
  unit = spawn("python3", args.map(String), { cwd: app.dir, env: app.env, stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  unit.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
  const starts = () => printed.split("Ctrl-C stops it").length - 1;
  await until("the first start", async () => starts() === 1);
  const headers = { authorization: `Bearer ${/cue_\w+/.exec(printed)[0]}`, "content-type": "application/json" };
  const open = (method, path, more) =>
    request({ port, host: "127.0.0.1", method, path, agent: false, headers: { ...headers, ...more } });
  /** Sends a request on a connection of its own; again where workerd closed that before it read the request. */
  async function ask(method, path, body) {
    const sent = open(method, path, { "idempotency-key": path.replaceAll("/", "-") });
    try {
      return await answerOf(sent.end(body));
    } catch (error) {
      assert.match(error.code, /^(ECONNRESET|EPIPE)$/, error.message);
      return ask(method, path, body);
    }
  }
  const document = (content) => JSON.stringify({ messages: [{ role: "user", content }] });
  assert.equal((await ask("POST", "/v1/prompts/first/versions", document("first"))).status, 201);

  const written = [];
  for (let round = 0; round < 2; round++) {
    const begun = starts();
    const body = document("half of it");
    const slow = open("POST", `/v1/prompts/slow${round}/versions`, { "content-length": body.length });
    const answer = answerOf(slow);
    slow.write(body.slice(0, 10));
    // A read after it shows that the request has arrived.
    await ask("GET", "/v1/prompts/first");
    unit.kill("SIGHUP");
    await sleep(300);
    slow.end(body.slice(10));
    assert.equal((await answer).status, 201);
    for (let n = 0; starts() === begun || n < 5; n++) {
      const slug = `w${round}-${n}`;
      const [{ status }, read] = await Promise.all([
        ask("POST", `/v1/prompts/${slug}/versions`, document(slug)),
        ask("GET", "/v1/prompts/first"),
      ]);
      assert.deepEqual([status, read.status], [201, 200]);
      written.push(slug);
    }
  }
  for (const slug of ["slow0", "slow1", ...written]) {
    const { status } = await ask("GET", `/v1/prompts/${slug}`);
    assert.equal(status, 200, slug);
  }
});

async function answerOf(sent) {
  const [response] = await once(sent, "response");
  response.resume();
  await once(response, "end");
  return { status: response.statusCode };
}
