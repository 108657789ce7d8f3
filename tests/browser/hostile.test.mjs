// Hostile text in every field that people can write through the API or as a model: none of it runs or becomes markup,
// and the content security policy reports nothing.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, test } from "node:test";

import { fill, go, saved, studio, template } from "./studio.mjs";

const HIT = "globalThis.hit=1";
const PAYLOADS = [
  `<img src=x onerror=${HIT}>`,
  `<script>${HIT}</script>`,
  `<svg/onload=${HIT}>`,
  `"><iframe srcdoc="<script>parent.hit=1</script>"></iframe>`,
  `'"--><style>@import 'x'</style><object data=javascript:${HIT}>`,
  `</title></textarea></select></script><body onload=${HIT}>`,
  `<a href="javascript:${HIT}">click</a>`,
  `javascript:${HIT}//`,
  `data:text/html,<script>parent.hit=1</script>`,
  `<math><mtext></p><style><!--</style><img title="--><img src onerror=${HIT}>">`,
  `<details open ontoggle=${HIT}><summary>x</summary></details>`,
  `<form><button formaction=javascript:${HIT}>go</button></form>`,
  `\${${HIT}}{{${HIT}}}<b style=position:fixed>&lt;script&gt;`,
];
const ALL = PAYLOADS.join(" ");
const raw = (text) => `{% raw %}${text}{% endraw %}`;

let site, model, answer;
before(async () => {
  model = createServer(async (request, response) => {
    for await (const _ of request);
    answer(response);
  });
  await new Promise((listening) => model.listen(0, "127.0.0.1", listening));
  site = await studio({ vars: { UPSTREAM_TEST: "sk" } });
});
after(async () => {
  await site?.close();
  model?.closeAllConnections();
  model?.close();
});
afterEach(() => site.tidy());

/** Whether the API accepts a request; the pages cannot show a text that it refuses. */
async function offer(method, path, body) {
  const response = await fetch(site.worker.url + path, {
    method,
    headers: { Authorization: `Bearer ${site.worker.key}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await response.text();
  return response.ok || said;
}

async function watched(hash) {
  const context = await site.browser.newContext({ viewport: { width: 1300, height: 900 } });
  await context.addInitScript(() => {
    globalThis.reports = [];
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
      globalThis.reports.push(`${violatedDirective} ${blockedURI} ${sample}`),
    );
  });
  return site.open(hash, { context });
}

/** Signs that the page took a text for more: a script that ran, foreign elements, and reports of the policy. */
const inspect = (page) =>
  page.evaluate(() => {
    const foreign = [
      ...document.body.querySelectorAll(
        "script, iframe, object, embed, svg, math, base, meta, link, body form[action]",
      ),
      ...document.body.querySelectorAll("img:not(.cm-widgetBuffer):not([alt='The image at this address'])"),
      ...document.body.querySelectorAll("b[style], [formaction], a[href^='javascript' i], a[href^='data' i]"),
      ...[...document.body.querySelectorAll("*")].filter((element) =>
        element.getAttributeNames().some((name) => name.startsWith("on") || name === "srcdoc"),
      ),
    ].map((element) => element.outerHTML.slice(0, 120));
    return { hit: globalThis.hit, foreign, reports: globalThis.reports };
  });
const CLEAN = { hit: undefined, foreign: [], reports: [] };

test("hostile text in documents, names, reasons, cases, drafts, keys, projects and connections stays text", async () => {
  const schema = (text) => ({
    type: "object",
    title: text,
    description: text,
    properties: { [text]: { const: text } },
  });
  for (const [at, text] of PAYLOADS.entries()) {
    const slug = `hostile/p${at}`;
    const next = PAYLOADS[(at + 1) % PAYLOADS.length];
    const whole = {
      messages: [
        { role: "system", name: "n", content: raw(ALL) },
        {
          role: "user",
          content: [
            { type: "text", text: `${raw(text)} {{ x }}` },
            { type: "image", image: raw(text) },
          ],
        },
      ],
      inputs: [{ name: "x", type: "str", default: text, description: text, enum: [text, next], required: false }],
      outputs: [{ name: "output", type: "json_schema", schema: schema(text) }],
      tools: [{ type: "function", function: { name: "f", description: text, parameters: schema(text) } }],
      model: text.replace(/\s/g, "/"),
      provider: text.replace(/\s/g, "/"),
      parameters: { [text]: text, stop: [text] },
      demonstrations: { columns: [{ id: "x", name: text, type: "str" }], rows: [{ id: text, x: text }] },
      metadata: { [text]: text },
    };
    const about = { commitMessage: `${text}\n${next}`, author: text };
    assert.equal(await offer("POST", `/v1/prompts/${slug}/versions`, { ...whole, ...about }), true);
    await offer("POST", `/v1/prompts/${slug}/versions`, { messages: [{ role: "user", content: raw(next) }], ...about });
    await offer("PATCH", `/v1/prompts/${slug}`, { name: text, description: ALL, labels: [text] });
    await offer("PUT", `/v1/prompts/${slug}/tags/production`, { version: 2, reason: text });
    await offer("POST", `/v1/prompts/${slug}/tags/production/rollback`, { reason: next });
    await offer("PUT", `/v1/prompts/${slug}/cases/${encodeURIComponent(text)}`, { inputs: { x: text, [next]: text } });
    await offer("PUT", `/v1/prompts/${slug}/draft?author=${encodeURIComponent(text.slice(0, 100))}`, {
      messages: [{ role: "user", content: raw(next) }],
    });
    await offer("POST", "/v1/keys", { role: "read", name: text });
    await offer("POST", "/v1/projects", { slug: `p${at}`, name: text });
    await offer("PUT", `/v1/connections/c${at}`, {
      kind: "openai_chat",
      baseUrl: "https://e.test/",
      models: [{ name: text }],
    });
  }
  const page = await watched("#/");
  const broken = [];
  const look = async (where) => {
    await page.locator(".awaited").waitFor({ state: "detached" });
    await page.waitForTimeout(60);
    const seen = await inspect(page);
    if (JSON.stringify(seen) !== JSON.stringify(CLEAN)) broken.push([where, seen]);
    await page.evaluate(() => void (globalThis.reports.length = 0));
  };
  for (const [at, text] of PAYLOADS.entries()) {
    const slug = `hostile/p${at}`;
    const here = encodeURIComponent(text);
    // Each place gets some of these addresses, and some place gets each text.
    const places = [
      `#/${slug}@1`,
      `#/${slug}@1?tab=${["inputs", "outputs", "examples", "model", "tools", "json"][at % 6]}&pane=${["payload", "use"][at % 2]}`,
      `#/${slug}@1?case=${here}`,
      `#/${slug}?view=${["history", "compare", "move", "run"][at % 4]}`,
      `#/${slug}@draft?author=${encodeURIComponent(text.slice(0, 100))}`,
      `#/${here}@${here}?view=${here}&case=${here}&tab=${here}&pane=${here}&to=${here}&columns=${here}&cases=${here}&model=${here}`,
      `#/${slug}@${here}?view=move&to=${here}`,
      `#/?view=${here}`,
    ];
    for (const place of places) {
      await go(page, place);
      await look(place);
    }
  }
  for (const view of ["projects", "keys", "connections", "audit", "deleted"]) {
    await go(page, `#/?view=${view}`);
    await look(view);
  }
  await go(page, "#/?view=connections");
  await page.getByRole("button", { name: "Edit c3" }).click();
  await look("a connection that is edited");
  await page.getByLabel("Filter prompts by name, description or text").fill("onerror");
  await page.waitForTimeout(400);
  await look("a search in texts");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("<img");
  await look("the palette");
  await page.keyboard.press("Escape");
  await go(page, "#/hostile/p0@2");
  await page.getByRole("button", { name: "Origins" }).click();
  await look("origins");
  await fill(page, template(page), ALL);
  await look("an error of the compiler, or a preview, of what is typed");
  await saved(page);
  await page.keyboard.press("Control+s");
  await page.getByText(/Changes to version/).waitFor();
  await look("a commit");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Name, description, sharing…" }).click();
  await look("a description");
  assert.deepEqual(broken, []);
  assert.deepEqual(page.problems, []);
});

test("answers of a model or of a proxy before the server stay text", async () => {
  await site.call("PUT", "/v1/connections/near", {
    kind: "openai_chat",
    baseUrl: `http://127.0.0.1:${model.address().port}/v1`,
    secret: "UPSTREAM_TEST",
    default: true,
  });
  await site.commit("model/answers", { messages: [{ role: "user", content: "Hello" }], model: "m" });
  const page = await watched("#/model/answers?view=run");
  const broken = [];
  const event = (data) => `data: ${JSON.stringify(data)}\n\n`;
  const run = async (name, words, give) => {
    answer = give;
    await page.locator(".run-bar .primary").click();
    await page.locator("main .answer, main .banner.bad").filter({ hasText: words }).first().waitFor();
    await page.waitForTimeout(60);
    const seen = await inspect(page);
    if (JSON.stringify(seen) !== JSON.stringify(CLEAN)) broken.push([name, seen]);
    await page.locator(".run-bar .primary:enabled").waitFor();
  };
  for (const text of PAYLOADS) {
    const words = text.slice(0, 14);
    await run(`streamed: ${text}`, words, (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const content of text.match(/.{1,7}/gs))
        response.write(event({ model: text, choices: [{ index: 0, delta: { content } }] }));
      const call = {
        index: 0,
        id: text,
        type: "function",
        function: { name: text, arguments: JSON.stringify({ [text]: text }) },
      };
      response.write(event({ choices: [{ index: 0, delta: { tool_calls: [call] } }] }));
      response.end(`${event({ choices: [{ index: 0, delta: {}, finish_reason: text }] })}data: [DONE]\n\n`);
    });
    await run(`refused: ${text}`, words, (response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: text, type: text, code: text } }));
    });
  }
  await page.unrouteAll();
  for (const text of PAYLOADS.slice(0, 6)) {
    await page.route("**/v1/prompts/model/answers", (route) =>
      route.fulfill({
        status: 422,
        contentType: "application/problem+json",
        body: JSON.stringify({ code: text, title: text, detail: text, issues: [{ pointer: text, message: text }] }),
      }),
    );
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Name, description, sharing…" }).click();
    await page.getByLabel("Title").fill(text);
    await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("dialog").locator(".problem").first().waitFor();
    const seen = await inspect(page);
    if (JSON.stringify(seen) !== JSON.stringify(CLEAN)) broken.push([`an error: ${text}`, seen]);
    await page.keyboard.press("Escape");
    await page.unrouteAll();
  }
  // `inspect` sees an element that is put into the page.
  await page.evaluate(() => document.body.append(document.createElement("iframe")));
  assert.equal((await inspect(page)).foreign.length, 1);
  assert.deepEqual(broken, []);
  assert.deepEqual(page.problems, []);
});
