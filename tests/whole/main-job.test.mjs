// The main job from end to end: a prompt is committed over HTTP, deployed by moving a tag, and rolled back. Each time
// it renders to the same bytes on the edge, in a Node program that installed the package, and in a page in Chromium.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { installed } from "../tarball.mjs";
import { start } from "../workerd.mjs";

const SLUG = "support/ticket-summary";
const inputs = { customer_message: 'Größe 42 passt nicht 👟 — I "need" a refund.\n\tThanks, {{ Zoë }}' };
const seed = JSON.parse(
  readFileSync(new URL("../../worker/server/seeds/ticket-summary.json", import.meta.url), "utf8"),
);
const { tags: _, ...first } = seed.versions[0];
const second = {
  ...first,
  commitMessage: "Two bullet points will do, and say when it is urgent",
  messages: [
    {
      role: "system",
      content: "Summarize each ticket in {{ points }} bullet points.{% if urgent %} This one is urgent.{% endif %}",
    },
    { role: "user", content: "{{ customer_message }}" },
  ],
  inputs: [
    ...first.inputs,
    { name: "points", type: "int", required: false, default: 2 },
    { name: "urgent", type: "bool", required: false, default: true },
  ],
};

let worker, app, browser, site;

before(async () => {
  worker = await start();
  app = installed();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  site = await serveSite(app.dir, worker.url);
});

after(async () => {
  await browser?.close();
  site?.close();
  await worker?.stop();
  app?.remove();
});

test("a prompt is committed, deployed, rendered identically everywhere, and rolled back", async () => {
  assert.deepEqual(await api("POST", `${SLUG}/versions`, first).then(pick("version")), [201, 1]);
  assert.deepEqual(await api("POST", `${SLUG}/versions`, second).then(pick("version")), [201, 2]);

  await api("PUT", `${SLUG}/tags/production`, { version: 1 });
  const before = await everywhere();
  assert.deepEqual(before.resolved, { version: 1, tag: "production" });
  assert.equal(before.messages.length, 6, "expected system, two examples as turns, user");
  assert.equal(before.messages.at(-1).content, inputs.customer_message);

  await api("PUT", `${SLUG}/tags/production`, { version: 2 });
  const moved = await everywhere();
  assert.deepEqual(moved.resolved, { version: 2, tag: "production" });
  assert.equal(moved.messages[0].content, "Summarize each ticket in 2 bullet points. This one is urgent.");

  const [status] = await api("POST", `${SLUG}/tags/production/rollback`).then(pick("version"));
  assert.equal(status, 200);
  assert.deepEqual(await everywhere(), before);
});

/** Renders on the edge, in Node and in Chromium; all three must agree to the byte. */
async function everywhere() {
  const [, version] = await api("GET", `${SLUG}?tag=production`).then(pick("version"));
  const response = await request("POST", `${SLUG}/render?tag=production`, { inputs });
  assert.equal(response.status, 200);
  const rendered = await response.json();
  const edge = JSON.stringify(rendered.messages);
  assert.equal(await inNode(), edge, "Node and the edge render different bytes");
  assert.equal(await inChromium(), edge, "Chromium and the edge render different bytes");
  assert.equal(rendered.resolved.version, version);
  const { tag } = rendered.resolved;
  return { messages: rendered.messages, resolved: { version, tag } };
}

const PROGRAM = `
import { Cuecard } from "cuecard";
const [url, key, slug, inputs] = process.argv.slice(2);
const cue = new Cuecard({ url, key, tag: "production" });
const { messages } = await cue.render(slug, JSON.parse(inputs));
process.stdout.write(JSON.stringify(messages));
`;

async function inNode() {
  writeFileSync(join(app.dir, "main.js"), PROGRAM);
  const args = ["main.js", worker.url, worker.key, SLUG, JSON.stringify(inputs)];
  const { stdout } = await promisify(execFile)("node", args, { cwd: app.dir });
  return stdout;
}

async function inChromium() {
  const page = await browser.newPage();
  try {
    await page.goto(site.url);
    return await page.evaluate(
      async ({ key, slug, inputs }) => {
        const { Cuecard } = await import("/cuecard/index.js");
        const cue = new Cuecard({ url: location.origin, key, tag: "production" });
        return JSON.stringify((await cue.render(slug, inputs)).messages);
      },
      { key: worker.key, slug: SLUG, inputs },
    );
  } finally {
    await page.close();
  }
}

/** A site that serves the installed package and forwards `/v1` to the Worker. */
async function serveSite(dir, upstream) {
  const server = createServer(async (request, response) => {
    if (request.url.startsWith("/v1/")) {
      const { authorization } = request.headers;
      const answer = await fetch(upstream + request.url, { method: request.method, headers: { authorization } });
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") });
      return response.end(Buffer.from(await answer.arrayBuffer()));
    }
    if (request.url.startsWith("/cuecard/")) {
      response.writeHead(200, { "content-type": "text/javascript" });
      return response.end(readFileSync(join(dir, "node_modules/cuecard/dist", request.url.slice("/cuecard/".length))));
    }
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>A page</title>");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

function request(method, path, body) {
  return fetch(`${worker.url}/v1/prompts/${path}`, {
    method,
    headers: { authorization: `Bearer ${worker.key}`, ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
}

async function api(method, path, body) {
  const response = await request(method, path, body);
  const json = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(json)}`);
  return { status: response.status, json };
}

function pick(field) {
  return ({ status, json }) => [status, json[field]];
}
