// Every view is accessible (axe-core, keyboard, narrow page), safe (policy, markup that stays text) and small.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { after, afterEach, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { eventually } from "../eventually.mjs";
import { axe, fill, go, rendered, saved, shoot, studio, template } from "./studio.mjs";

const VIEWS = {
  welcome: "#/",
  edit: "#/support/reply@2",
  inputs: "#/support/reply@2?tab=inputs",
  outputs: "#/support/reply@2?tab=outputs",
  examples: "#/support/reply@2?tab=examples",
  model: "#/support/reply@2?tab=model&pane=payload",
  tools: "#/support/reply@2?tab=tools&pane=use",
  json: "#/support/reply@2?tab=json",
  run: "#/support/reply@2?view=run",
  compare: "#/support/reply?view=compare",
  history: "#/support/reply?view=history",
  move: "#/support/reply@2?view=move",
  missing: "#/no/such/prompt",
  keys: "#/?view=keys",
  projects: "#/?view=projects",
  connections: "#/?view=connections",
  audit: "#/?view=audit",
  deleted: "#/?view=deleted",
};

let site;
before(async () => {
  site = await studio();
  const inputs = [
    { name: "company", type: "str", default: "Cue" },
    { name: "order", type: "dict", schema: { type: "object", properties: { total: { type: "number" } } } },
    { name: "mood", type: "str", enum: ["calm", "upset"], required: false },
  ];
  const demonstrations = {
    columns: [{ id: "company", type: "str" }],
    rows: [
      { id: "a", company: "Acme" },
      { id: "b", company: "Cue" },
    ],
  };
  const more = { inputs, demonstrations, model: "openai/gpt-4o-mini", parameters: { temperature: 0.5, logitBias: {} } };
  const messages = (text) => [
    { role: "system", content: `You answer for {{ company }}. ${text}` },
    { role: "placeholder", content: "{{ history }}" },
    {
      role: "user",
      content: [
        { type: "text", text: "{{ order.total }} {{ mood | default('') }}" },
        { type: "image", image: "https://example.com/{{ company }}.png" },
      ],
    },
  ];
  const history = { name: "history", type: "messages" };
  const outputs = [{ name: "answer", type: "json_schema", schema: { type: "object", properties: {} } }];
  await site.commit("support/reply", {
    messages: messages("one"),
    ...more,
    inputs: [...inputs, history],
    commitMessage: "first",
  });
  await site.commit("support/reply", {
    messages: messages("two"),
    ...more,
    inputs: [...inputs, history],
    outputs,
    commitMessage: "second\n\nlong",
  });
  await site.call("PUT", "/v1/prompts/support/reply/cases/angry", {
    inputs: { order: { total: 3 }, mood: "upset", history: [{ role: "user", content: "hi" }] },
  });
  await site.commit("gone", { messages: [{ role: "user", content: "x" }] });
  await site.call("DELETE", "/v1/prompts/gone");
});
after(() => site?.close());
afterEach(async () => {
  await site.tidy();
  const { drafts } = await site.call("GET", "/v1/drafts");
  for (const { slug, author } of drafts) await site.call("DELETE", `/v1/prompts/${slug}/draft?author=${author}`);
});

for (const [look, { schemes, ...options }] of Object.entries({
  "wide, light and dark": { schemes: ["light", "dark"] },
  narrow: { schemes: ["light"], viewport: { width: 390, height: 844 }, hasTouch: true },
})) {
  test(`axe finds no violation in any view: ${look}`, async () => {
    const page = await site.open("#/", options);
    const found = {};
    for (const [name, hash] of Object.entries(VIEWS)) {
      await go(page, hash);
      await page.waitForFunction(() => !document.querySelector("main [aria-busy=true]"));
      for (const scheme of schemes) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.waitForTimeout(150);
        await shoot(page, `${schemes.length > 1 ? scheme : look}-${name}`);
        const violations = await axe(page);
        if (violations.length > 0) found[`${name}, ${scheme}`] = violations;
      }
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (sideways > 0) found[`${name} scrolls sideways`] = sideways;
    }
    assert.deepEqual(found, {});
    assert.deepEqual(page.problems, []);
  });
}

test("dialogs, the palette and the key form are accessible, too", async () => {
  const page = await site.open("#/support/reply@2");
  const found = {};
  const look = async (name) => {
    await shoot(page, `dialog-${name}`);
    const violations = await axe(page);
    if (violations.length > 0) found[name] = violations;
  };
  await fill(page, template(page, 1), "changed {{ company }}");
  await saved(page);
  await page.keyboard.press("Control+s");
  await page.getByLabel("What changed, and why").waitFor();
  await look("commit");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await look("palette");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "More", exact: true }).click();
  await look("menu");
  await page.getByRole("menuitem", { name: "Name, description, sharing…" }).click();
  await look("describe");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "New prompt" }).click();
  await look("new");
  await page.keyboard.press("Escape");
  const context = await site.browser.newContext();
  const gate = await context.newPage();
  await gate.goto(site.worker.url);
  await gate.getByLabel("Key").fill("cue_nonsense");
  await gate.keyboard.press("Enter");
  await gate.getByText("key_malformed").waitFor();
  const violations = await axe(gate);
  await context.close();
  assert.deepEqual({ ...found, ...(violations.length && { gate: violations }) }, {});
});

test("an admin limits a key, sets its expiry, sets the retention of runs, and restores a connection", async () => {
  const page = await site.open("#/?view=keys");
  const found = {};
  const look = async (name) => {
    await shoot(page, `admin-${name}`);
    const violations = await axe(page);
    if (violations.length > 0) found[name] = violations;
  };
  await page.getByLabel("Name", { exact: true }).fill("crawler");
  await page.getByLabel("Role", { exact: true }).selectOption("run");
  await page.getByLabel("Expires").fill("2099-12-31");
  await page.getByLabel("Runs a minute").fill("20");
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByText("Copy it now").waitFor();
  const row = page.getByRole("row", { name: /crawler/ });
  await row.getByText("20 runs a minute").waitFor();
  await row.getByText("until Dec 31, 2099").or(row.getByText("until Jan 1, 2100")).waitFor();
  await look("keys");
  await row.getByRole("button", { name: /Limits of crawler/ }).click();
  await page.getByRole("dialog").getByLabel("Runs a minute").fill("");
  await page.getByRole("dialog").getByLabel("Tokens a day").fill("100000");
  await look("limits");
  await page.keyboard.press("Enter");
  await row.getByText("100,000 tokens a day").waitFor();
  const { keys } = await site.call("GET", "/v1/keys");
  assert.deepEqual(keys.find(({ name }) => name === "crawler").limits, { tokensPerDay: 100_000 });

  await go(page, "#/?view=projects");
  await page.getByLabel("What is kept of runs of default").selectOption("full");
  await page.getByText("Saved.", { exact: true }).first().waitFor();
  await page.getByLabel("Days that runs of default are kept").fill("7");
  await page.keyboard.press("Tab");
  const recording = async () => (await site.call("GET", "/v1/projects/default")).recording;
  await eventually(recording, (seen) => assert.deepEqual(seen, { mode: "full", days: 7 }));
  await site.call("PATCH", "/v1/projects/default", { recording: { mode: "usage", days: 30 } });

  await site.call("PUT", "/v1/connections/near", { kind: "openai_chat", baseUrl: "https://near.example/v1" });
  await go(page, "#/?view=connections");
  await page.getByRole("button", { name: "Edit near" }).click();
  await page.getByLabel("Address").fill("https://far.example/v1");
  await look("connection");
  await page.getByRole("button", { name: "Save the connection" }).click();
  await page.getByText("https://far.example/v1").waitFor();
  await page.getByRole("button", { name: "Remove near" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Remove near" }).waitFor();
  assert.equal((await site.call("GET", "/v1/connections/near")).baseUrl, "https://far.example/v1");
  await page.getByLabel("API", { exact: true }).selectOption("workers_ai");
  assert.equal(await page.getByLabel("Address").count(), 0);

  await page.getByRole("button", { name: /^This session/ }).click();
  await page.getByLabel("Your name").waitFor();
  await look("who");
  assert.deepEqual(found, {});
  assert.deepEqual(page.problems, []);
});

test("a preference for reduced motion turns off all motion", async () => {
  const page = await site.open("#/support/reply@2", { reducedMotion: "reduce", viewport: { width: 390, height: 844 } });
  await page.getByRole("button", { name: "Prompts", exact: true }).click();
  await page.waitForTimeout(100);
  // An element that waits for an answer pulses.
  await page.evaluate(() => {
    const waiting = document.body.appendChild(document.createElement("div"));
    waiting.className = "empty";
    waiting.ariaBusy = "true";
  });
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll("*"), document.documentElement].filter((element) =>
        ["", "::before", "::after"].some((part) => {
          const { animationName, transitionDuration } = getComputedStyle(element, part || null);
          return animationName !== "none" || transitionDuration.split(", ").some((time) => time !== "0s");
        }),
      ).length,
  );
  assert.equal(moving, 0);
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
});

test("the keyboard does everything: tree, tabs, editor, focus order", async () => {
  const page = await site.open();
  await page.getByRole("treeitem").first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await template(page, 1).waitFor();
  await page.getByRole("tab", { name: "Messages" }).first().focus();
  await page.keyboard.press("ArrowRight");
  await page.getByLabel("Name of company").waitFor();
  await page.keyboard.press("ArrowLeft");
  await template(page, 1).focus();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.closest(".cm-editor")), null, "Tab leaves the editor");
  await template(page, 1).focus();
  await page.keyboard.press("Alt+ArrowDown");
  await page.locator('[data-message="1"]', { hasText: "You answer" }).waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("4");
  await page.getByText("What the model sees").waitFor();
});

/** Markup and addresses that would run code if the page took them for more than text. */
const HOSTILE = [
  `<img src=x onerror="globalThis.hit=1">`,
  `<script>globalThis.hit=1</script>`,
  `"><svg onload=globalThis.hit=1>`,
  `javascript:globalThis.hit=1`,
  `{{ "<img src=x onerror=globalThis.hit=1>" }}`,
  `<iframe srcdoc="<script>parent.hit=1</script>">`,
  `</textarea><script>globalThis.hit=1</script>`,
  `' onfocus=globalThis.hit=1 autofocus='`,
  `\u202e\u0000<b>bold</b>`,
];

test("an author's text stays text in every view", async () => {
  const text = HOSTILE.join("\n").replace("\u0000", "");
  const raw = `{% raw %}${text}{% endraw %}`;
  const document = {
    messages: [
      { role: "system", content: raw },
      {
        role: "user",
        content: [
          { type: "text", text: raw },
          { type: "image", image: "https://e.test/a.png?x=javascript:globalThis.hit=1" },
        ],
      },
    ],
    inputs: [{ name: "x", type: "str", default: text, description: text, enum: [text, "other"] }],
    outputs: [
      {
        name: "output",
        type: "json_schema",
        schema: { type: "object", title: text, properties: { [HOSTILE[0]]: { type: "string", description: text } } },
      },
    ],
    tools: [{ type: "function", function: { name: "look", description: text, parameters: { title: HOSTILE[0] } } }],
    model: HOSTILE[3],
    provider: "<b>",
    parameters: { [HOSTILE[0]]: text, stop: [text] },
    demonstrations: { columns: [{ id: "x", name: text, type: "str" }], rows: [{ id: HOSTILE[1], x: text }] },
    metadata: { [HOSTILE[0]]: text },
  };
  await site.commit("hostile", { ...document, commitMessage: text, author: HOSTILE[0] });
  await site.commit("hostile", {
    messages: [{ role: "user", content: "plain" }],
    commitMessage: text,
    author: HOSTILE[2],
  });
  await site.call("PATCH", "/v1/prompts/hostile", { name: HOSTILE[0], description: text });
  await site.call("PUT", "/v1/prompts/hostile/tags/production", { version: 1, reason: HOSTILE[0] });
  await site.call("PUT", `/v1/prompts/hostile/cases/${encodeURIComponent("<img src=x onerror=globalThis.hit=1>")}`, {
    inputs: { x: text, y: HOSTILE[0] },
  });
  const { key } = await site.call("POST", "/v1/keys", { role: "write", name: HOSTILE[0] });
  const other = await site.call("POST", "/v1/keys", { role: "read", name: HOSTILE[2] });
  // Hostile texts are also names of authors, titles of projects, addresses of connections, and drafts of others.
  const hostileName = HOSTILE[5].slice(0, 100);
  await site.call("PUT", `/v1/prompts/hostile/draft?author=${encodeURIComponent(hostileName)}`, {
    messages: [{ role: "user", content: raw }],
    metadata: { [HOSTILE[1]]: HOSTILE[0] },
  });
  await site.call("POST", "/v1/projects", { slug: "hostile-project", name: HOSTILE[0] });
  await site.call("PUT", "/v1/connections/hostile", {
    kind: "openai_chat",
    baseUrl: "https://e.test/?q=<img%20src=x%20onerror=globalThis.hit=1>",
    models: [{ name: HOSTILE[0] }],
  });
  const page = await site.open("#/", { key });
  for (const hash of [
    "#/hostile@1",
    ...["inputs", "outputs", "examples", "model", "tools", "json"].map((tab) => `#/hostile@1?tab=${tab}&pane=use`),
    "#/hostile@1?case=%3Cimg%20src%3Dx%20onerror%3DglobalThis.hit%3D1%3E",
    "#/hostile?view=history",
    "#/hostile?view=compare",
    "#/hostile@1?view=move",
    "#/hostile@1?view=run",
    `#/hostile@draft?author=${encodeURIComponent(hostileName)}`,
    `#/hostile@draft?author=${encodeURIComponent(HOSTILE[0])}`,
    "#/?view=audit",
    `#/${encodeURIComponent(HOSTILE[0])}?view=${encodeURIComponent(HOSTILE[0])}`,
    `#/hostile@${encodeURIComponent(HOSTILE[0])}?case=${encodeURIComponent(HOSTILE[1])}`,
  ]) {
    await go(page, hash);
    await page.waitForTimeout(250);
    assert.equal(await page.evaluate(() => globalThis.hit), undefined, hash);
    const foreign =
      "main img:not(.cm-widgetBuffer), main script, main iframe, main svg, main [onerror], main [onload], main [onfocus], main b[style]";
    assert.equal(await page.locator(foreign).count(), 0, hash);
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0, hash);
  }
  await go(page, "#/hostile@1");
  await page.locator("#pane pre", { hasText: HOSTILE[1] }).first().waitFor();
  await page.getByRole("button", { name: "Origins" }).click();
  await page.waitForTimeout(200);
  await page.keyboard.press("Control+k");
  await page.waitForTimeout(100);
  await page.keyboard.press("Escape");
  await fill(page, template(page, 1), HOSTILE.slice(0, 3).join("\n"));
  await rendered(page, [HOSTILE.slice(0, 3).join("\n")], 1);
  await saved(page);
  const admin = await site.open("#/?view=keys");
  await admin.getByText(other.id).waitFor();
  for (const view of ["projects", "connections"]) {
    await go(admin, `#/?view=${view}`);
    await admin.getByText("hostile", { exact: false }).first().waitFor();
    if (view === "connections") await admin.getByRole("button", { name: "Edit hostile" }).click();
    await admin.waitForTimeout(100);
  }
  assert.equal(await admin.locator("main img, main script, main iframe, main svg").count(), 0);
  assert.equal(await admin.evaluate(() => globalThis.hit), undefined);
  assert.deepEqual([...page.problems, ...admin.problems], []);
});

test("the policy is strict, and a script that is put into the page does not run", async () => {
  const policy = (await fetch(site.worker.url)).headers.get("content-security-policy");
  const parts = Object.fromEntries(policy.split(/; */).map((part) => part.split(/ (.*)/s).slice(0, 2)));
  assert.equal(parts["default-src"], "'none'");
  assert.equal(parts["script-src"], "'self' 'wasm-unsafe-eval'");
  assert.equal(parts["style-src"], "'self'");
  assert.equal(parts["require-trusted-types-for"], "'script'");
  const page = await site.open("#/support/reply@2");
  await template(page, 1).waitFor();
  assert.deepEqual(page.problems, []);
  await page.evaluate(() => {
    globalThis.violations = 0;
    document.addEventListener("securitypolicyviolation", () => globalThis.violations++);
    const made = (tag, change) => {
      const element = document.createElement(tag);
      try {
        change(element);
      } catch {
        // The policy holds by throwing.
      }
      document.body.append(element);
    };
    made("script", (script) => (script.textContent = "globalThis.injected = true"));
    made("script", (script) => script.append("globalThis.injected = true"));
    made("script", (script) => (script.src = "data:text/javascript,globalThis.injected=true"));
    made("div", (div) => (div.innerHTML = '<img src="/nothing" onerror="globalThis.injected = true">'));
    made("img", (img) => (img.setAttribute("onerror", "globalThis.injected = true"), (img.src = "/nothing")));
  });
  const violations = () => page.evaluate(() => globalThis.violations);
  await eventually(violations, (count) => assert.ok(count >= 3, `${count} violations`));
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate(() => globalThis.injected), undefined);
});

test("bytes to the first keystroke", () => {
  const dist = fileURLToPath(new URL("../../worker/studio/dist/", import.meta.url));
  // The engine and its WebAssembly load after the editor.
  const later = /^(engine\.js|cuecard\.wasm|payloads\.wasm)$/;
  const sizes = readdirSync(dist).map((name) => [name, gzipSync(readFileSync(dist + name), { level: 9 }).length]);
  const first = sizes.filter(([name]) => !later.test(name)).reduce((sum, [, size]) => sum + size, 0);
  console.log(`# gzip: ${sizes.map(([name, size]) => `${name} ${size}`).join(", ")}; to the first keystroke ${first}`);
  assert.ok(first <= 300_000, `${first} bytes`);
});

test("a reader sees everything and changes nothing", async () => {
  const { key } = await site.call("POST", "/v1/keys", { role: "read" });
  const page = await site.open("#/support/reply@2", { key });
  await template(page, 1).waitFor();
  assert.equal(await template(page, 1).getAttribute("contenteditable"), "false");
  assert.equal(await page.getByRole("button", { name: "Commit…" }).count(), 0);
  assert.deepEqual(page.problems, []);
});
