// The preview page in Chromium, before a real Worker and its store.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { after, before, beforeEach, test } from "node:test";

import { start } from "../workerd.mjs";
import { launch } from "./chromium.mjs";

const shots = process.env.SCREENSHOTS ?? fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
const reply = {
  messages: [
    { role: "system", content: "You answer for {{ company }}." },
    {
      role: "user",
      content:
        "{% if vip %}Dear {{ name | title }}{% else %}Hi {{ name }}{% endif %}, {{ questions | join('; ') }} ({{ score }})",
    },
  ],
  inputs: [
    { name: "company", type: "str", default: "Cue & Card" },
    { name: "name", type: "str" },
    { name: "vip", type: "bool" },
    { name: "score", type: "float" },
    { name: "mood", type: "str", enum: ["calm", "upset"], required: false },
    { name: "questions", type: "list[str]" },
  ],
};
const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script>';

let worker, browser, page, problems;

before(async () => {
  worker = await start();
  await commit("support/reply", { ...reply, commitMessage: "first" });
  await commit("support/reply", {
    ...reply,
    model: "openai/gpt-4o-mini",
    tags: ["production"],
    commitMessage: "second",
  });
  await commit("hostile", { messages: [{ role: "user", content: hostile }], commitMessage: hostile });
  browser = await launch();
  mkdirSync(shots, { recursive: true });
});
after(async () => {
  await browser?.close();
  await worker?.stop();
});

beforeEach(async () => {
  await page?.context().close();
  page = await open();
});

test("a key in the address opens the project and leaves the address", async () => {
  assert.deepEqual(await page.locator("#prompts button").allInnerTexts(), ["hostile", "support/reply"]);
  assert.doesNotMatch(page.url(), /cue_/);
});

test("the form has a field for each typed input, and the messages follow what is typed", async () => {
  await choose("support/reply");
  await page.getByLabel("name str").fill("ada lovelace");
  await page.getByLabel("vip bool").selectOption("true");
  await page.getByLabel("score float").fill("2");
  await page.getByLabel("questions list[str]").fill("why?\nwhen?");
  await rendered(["You answer for Cue & Card.", "Dear Ada Lovelace, why?; when? (2.0)"]);
  await page.getByLabel("vip bool").selectOption("false");
  await page.getByLabel("company str, optional").fill("Acme");
  await rendered(["You answer for Acme.", "Hi ada lovelace, why?; when? (2.0)"]);
  await page.screenshot({ path: `${shots}/light.png`, fullPage: true });
});

test("what the page shows is what the edge renders", async () => {
  await choose("support/reply");
  const inputs = { name: "Zoë 🎉\n{{ not a template }}", vip: true, score: 1e21, questions: ["é", "<b>"] };
  await page.getByLabel("name str").fill(inputs.name);
  await page.getByLabel("vip bool").selectOption("true");
  await page.getByLabel("score float").fill("1e21");
  await page.getByLabel("questions list[str]").fill(inputs.questions.join("\n"));
  const answer = await call("POST", "/v1/prompts/support/reply/render?tag=production", { inputs });
  await rendered(answer.messages.map((message) => message.content));
});

test("an input of the wrong type is told at its field", async () => {
  await choose("support/reply");
  await page.getByLabel("score float").fill("much");
  const field = page.locator(".field", { has: page.locator("#input-score") });
  await field.locator(".problem").waitFor();
  assert.match(await field.locator(".problem").innerText(), /float/);
  assert.equal(await page.getByLabel("score float").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#problems .problem").count(), 0);
  await page.getByLabel("score float").fill("1.5");
  await field.locator(".problem").waitFor({ state: "detached" });
});

test("an edited template takes effect at once; its errors stand under it, with line and column", async () => {
  await choose("support/reply");
  const template = page.getByLabel("Template of message 1");
  await template.fill("Bonjour {{ name | upper }}");
  await page.getByLabel("name str").fill("ada");
  await rendered(["Bonjour ADA"], 1);
  await template.fill("line 1\n{{ nmae }}");
  const problem = page.locator("#messages .problem").first();
  await problem.waitFor();
  assert.match(await problem.innerText(), /Line 2, column 4: .*nmae/);
  await problem.click();
  assert.equal(await template.evaluate((area) => area.selectionStart), "line 1\n{{ ".length);
  await page.screenshot({ path: `${shots}/error.png`, fullPage: true });
  await template.fill("{% if %}");
  await page.waitForFunction(() => /Line 1/.test(document.querySelector("#messages .problem")?.textContent ?? ""));
  await page.getByRole("button", { name: "Reset" }).click();
  await page.locator("#messages .problem").waitFor({ state: "detached" });
});

test("the document view edits everything, and says what is wrong", async () => {
  await choose("support/reply");
  await page.getByRole("tab", { name: "Document" }).click();
  const json = page.getByLabel("The whole document, as JSON");
  await json.fill("{");
  await page.locator("#problems li").first().waitFor();
  await json.fill(JSON.stringify({ messages: [{ role: "user", content: "x" }], modle: "m" }));
  await page.getByText(/modle/).first().waitFor();
  await json.fill(JSON.stringify({ messages: [{ role: "user", content: "{{ a }}" }] }));
  await page.getByLabel("a any").fill("7");
  await rendered(["7"]);
});

test("commit, move a tag, and roll it back", async () => {
  await choose("support/reply");
  await page.getByLabel("Template of message 1").fill("Third for {{ company }}");
  await page.getByRole("button", { name: "Commit…" }).click();
  await page.getByLabel("What changed").fill("third");
  await page.getByLabel(/production \(now/).check();
  await page.locator("#commit-ok").click();
  await page.getByText("Committed version 3").waitFor();
  assert.equal((await call("GET", "/v1/prompts/support/reply?tag=production")).version, 3);
  await page.locator("#selector").selectOption("2");
  await page.getByText("support/reply, version 2").waitFor();
  await page.getByRole("button", { name: "Move tag…" }).click();
  await page.getByText("production moves from version 3 to 2.").waitFor();
  await page.locator("#move-ok").click();
  await page.getByText("production points to version 2").waitFor();
  assert.equal((await call("GET", "/v1/prompts/support/reply?tag=production")).version, 2);
});

test("a lost race is told in the dialog, and nothing moves", async () => {
  await choose("support/reply");
  await call("PUT", "/v1/prompts/support/reply/tags/production", { version: 1 });
  await page.getByRole("button", { name: "Move tag…" }).click();
  await page.locator("#move-ok").click();
  await page.getByText("precondition_failed").waitFor();
  assert.equal((await call("GET", "/v1/prompts/support/reply?tag=production")).version, 1);
});

test("markup in a prompt, a message or an input stays text", async () => {
  await choose("hostile");
  await rendered([hostile]);
  assert.deepEqual(problems, []);
  assert.equal(await page.locator("main img, main script").count(), 0);
});

test("the keyboard reaches everything", async () => {
  await page.locator("body").press("/");
  await page.keyboard.type("support");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("support/reply, version").waitFor();
  await page.getByRole("tab", { name: "Messages" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByLabel("The whole document, as JSON").waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.getByLabel("Template of message 1").waitFor();
});

test("nothing that axe knows to be inaccessible, in light and in dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await page.context().close();
    page = await open({ colorScheme });
    await choose("support/reply");
    await page.screenshot({ path: `${shots}/${colorScheme}-page.png`, fullPage: true });
    // Injected from outside, as the page's own policy lets no foreign script in.
    const found = await page.evaluate(
      `${await axe()}; axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes[0].html))`,
    );
    assert.deepEqual(found, []);
  }
});

test("a key that is not valid says so", async () => {
  await page.getByLabel("Key").fill("cue_nonsense");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("key_malformed").waitFor();
});

test("the policy is strict, and a script that got into the page does not run", async () => {
  const policy = (await fetch(worker.url)).headers.get("content-security-policy");
  const parts = Object.fromEntries(policy.split(/; */).map((part) => part.split(/ (.*)/s).slice(0, 2)));
  assert.equal(parts["default-src"], "'none'");
  assert.equal(parts["script-src"], "'self' 'wasm-unsafe-eval'");
  await page.evaluate(() => {
    globalThis.violations = 0;
    document.addEventListener("securitypolicyviolation", () => globalThis.violations++);
    const made = (tag, change) => {
      const element = document.createElement(tag);
      try {
        change(element);
      } catch {
        // a policy that throws is one that holds
      }
      document.body.append(element);
    };
    made("script", (script) => (script.textContent = "globalThis.injected = true"));
    made("script", (script) => script.append("globalThis.injected = true"));
    made("script", (script) => (script.src = "data:text/javascript,globalThis.injected=true"));
    made("div", (div) => (div.innerHTML = '<img src="/nothing" onerror="globalThis.injected = true">'));
    made("img", (img) => (img.setAttribute("onerror", "globalThis.injected = true"), (img.src = "/nothing")));
  });
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate(() => globalThis.injected), undefined);
  const violations = await page.evaluate(() => globalThis.violations);
  assert.ok(violations >= 3, `${violations} violations`);
});

async function open(options = {}) {
  problems = [];
  const context = await browser.newContext({ viewport: { width: 1300, height: 900 }, ...options });
  const fresh = await context.newPage();
  fresh.setDefaultTimeout(10_000);
  fresh.on("dialog", (dialog) => {
    if (dialog.type() !== "confirm") problems.push(`dialog: ${dialog.message()}`);
    void dialog.accept();
  });
  fresh.on("pageerror", (error) => problems.push(error.message));
  fresh.on("console", (message) => message.text().includes("Content Security Policy") && problems.push(message.text()));
  await fresh.goto(`${worker.url}/#key=${worker.key}`);
  await fresh.locator("#prompts button").first().waitFor();
  return fresh;
}

async function choose(slug) {
  await page.getByRole("button", { name: slug, exact: true }).click();
  await page.getByText(`${slug}, version`).waitFor();
}

/** Waits until the page shows just these messages (the first few, with `count`). */
async function rendered(expected, count = expected.length) {
  const shown = () => [...document.querySelectorAll("#preview:not(.stale) .role ~ pre")].map((pre) => pre.textContent);
  await page
    .waitForFunction(
      ([wanted, n]) =>
        JSON.stringify(
          [...document.querySelectorAll("#preview:not(.stale) .role ~ pre")].slice(0, n).map((pre) => pre.textContent),
        ) === wanted,
      [JSON.stringify(expected), count],
    )
    .catch(async () => assert.deepEqual(await page.evaluate(shown), expected));
  assert.deepEqual(problems, []);
}

async function commit(slug, body) {
  return call("POST", `/v1/prompts/${slug}/versions`, body);
}

async function call(method, path, body) {
  const headers = { Authorization: `Bearer ${worker.key}`, "Content-Type": "application/json" };
  const response = await fetch(worker.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const answer = await response.json();
  assert.ok(response.ok, JSON.stringify(answer));
  return answer;
}

async function axe() {
  const { default: source } = await import("axe-core");
  return source.source;
}
