// Runs in the studio, against the tests' own model API.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { eventually } from "../eventually.mjs";
import { startUpstream } from "../run/upstream.mjs";
import { startModelApi } from "./model-api.mjs";
import { fill, go, saved, shoot, studio, template } from "./studio.mjs";

let site, upstream;
before(async () => {
  upstream = await startUpstream();
  site = await studio({ vars: { UPSTREAM_TEST: "sk-test" } });
  await site.call("PATCH", "/v1/projects/default", { recording: { mode: "full", days: 1 } });
  await site.commit("greet", {
    messages: [{ role: "user", content: "Hello {{ name }}" }],
    inputs: [{ name: "name", type: "str" }],
    model: "openai/well",
  });
});
after(async () => {
  await site?.close();
  await upstream?.close();
});
afterEach(() => site.tidy());

test("without a connection the page says how to make one; with one, Ctrl+Enter streams the answer", async () => {
  const page = await site.open("#/greet");
  await page.getByLabel("name str", { exact: true }).fill("Ada");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("heading", { name: "No model API to run on yet" }).waitFor();
  await page.getByRole("link", { name: "Add a connection" }).click();
  await page.getByLabel("Name", { exact: true }).fill("test");
  await page.getByLabel("API", { exact: true }).selectOption("openai_chat");
  await page.getByLabel("Address").fill(upstream.url);
  await page.getByLabel("Secret").fill("UPSTREAM_TEST");
  await page
    .getByLabel("Models")
    .fill(JSON.stringify([{ name: "well", prices: { input: 1, inputCached: 1, output: 10 } }]));
  await page.getByLabel("Runs go there when nothing else is said").check();
  await page.getByRole("button", { name: "Save the connection" }).click();
  await page.getByText("The connection test is saved.").waitFor();
  await go(page, "#/greet");
  await template(page).waitFor();
  await page.keyboard.press("Control+Enter");
  await page.locator(".answer pre", { hasText: "Hello Ada" }).waitFor();
  assert.deepEqual(upstream.last().body.messages, [{ role: "user", content: "Hello Ada" }]);
  await page.locator(".figures div", { hasText: "Tokens in" }).getByText("12").waitFor();
  await page.locator(".figures div", { hasText: "Cost" }).getByText("$").waitFor();
  assert.match(await page.locator(".figures div", { hasText: "First token" }).innerText(), /\d ms/);
  await shoot(page, "run");
  assert.deepEqual(page.problems, []);
});

test("a draft runs without a commit; Esc stops it; an upstream's error is shown in its own words", async () => {
  const page = await site.open("#/greet");
  await fill(page, template(page), "Goodbye {{ name }}");
  await saved(page);
  await page.keyboard.press("Control+Enter");
  await page.locator(".answer pre", { hasText: "Hello Ada" }).waitFor();
  assert.match(upstream.last().body.messages[0].content, /^Goodbye/);
  const model = page.locator(".run-bar").getByLabel("Model");
  await model.fill("slow");
  await model.press("Tab");
  await page.keyboard.press("Control+Enter");
  await page.locator(".answer pre", { hasText: "0 1 2" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("stopped", { exact: true }).waitFor();
  const ended = (closed) => assert.ok(closed, "the request to the model API is ended, too");
  await eventually(() => upstream.last().closed, ended);
  await model.fill("500");
  await model.press("Tab");
  await page.keyboard.press("Control+Enter");
  await page.locator(".banner", { hasText: "no, says the model (500)" }).waitFor();
  // A model API that answers in one piece works as well.
  await model.fill("tools");
  await model.press("Tab");
  await page.keyboard.press("Control+Enter");
  await page.locator(".answer", { hasText: "calls look" }).waitFor();
  // The model API refused the connection's key, so the page keeps the session's key.
  await model.fill("401");
  await model.press("Tab");
  await page.keyboard.press("Control+Enter");
  await page.locator(".banner", { hasText: "wrong key" }).waitFor();
  assert.equal(await page.getByRole("form", { name: "The key does not work any more" }).count(), 0);
  assert.deepEqual(page.problems, []);
});

test("an execution becomes a case", async () => {
  const page = await site.open("#/greet@1");
  await template(page).waitFor();
  await page.getByLabel("name str", { exact: true }).fill("someone else");
  await page.getByRole("button", { name: "From a run…" }).click();
  await page
    .getByRole("button", { name: /Use the inputs of run/ })
    .last()
    .click();
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".input-form textarea")].some((area) => area.value === "Ada"),
  );
  await page.getByRole("button", { name: "Save case…" }).click();
  await page.getByLabel("Name", { exact: true }).fill("from a run");
  await page.keyboard.press("Enter");
  await page.getByText("The case from a run is saved.").waitFor();
  assert.deepEqual((await site.call("GET", "/v1/prompts/greet/cases/from%20a%20run")).inputs, { name: "Ada" });
  assert.deepEqual(page.problems, []);
});

test("columns of a comparison run over the cases", async () => {
  const page = await site.open("#/greet?view=compare&columns=1,1~well");
  await page.locator(".compare-table").getByText("Hello Ada").first().waitFor();
  await page.getByRole("button", { name: "Run all" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".compare-table .answer").length === 2);
  assert.deepEqual(page.problems, []);
});

test("a comparison runs a few cells at once; Stop all ends them and starts no more", async () => {
  const names = Array.from({ length: 7 }, (_, at) => `stop${at}`);
  for (const name of names) await site.call("PUT", `/v1/prompts/greet/cases/${name}`, { inputs: { name } });
  const page = await site.open(`#/greet?view=compare&columns=1~slow&cases=${names.join(",")}`);
  await page.locator(".compare-table").getByText("Hello stop6").waitFor();
  const before = upstream.requests.length;
  await page.getByRole("button", { name: "Run all" }).click();
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll(".compare-table .answer pre")].filter(({ textContent }) =>
        textContent.includes("1"),
      ).length === 4,
  );
  await page.getByRole("button", { name: /^Stop all/ }).click();
  await page.getByRole("button", { name: "Run all" }).waitFor();
  await eventually(
    () => upstream.requests.slice(before).map(({ closed }) => closed),
    (closed) => assert.deepEqual(closed, [true, true, true, true]),
  );
  for (const name of names) await site.call("DELETE", `/v1/prompts/greet/cases/${name}`);
  assert.deepEqual(page.problems, []);
});

test("tool calls of every API are shown as such, and structured output with its mismatches", async () => {
  const api = await startModelApi();
  try {
    const message = [{ role: "user", content: "Hello" }];
    await site.commit("tools", { messages: message });
    const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
    await site.commit("shape", { messages: message, outputs: [{ name: "answer", type: "json_schema", schema }] });
    for (const kind of ["openai_chat", "openai_responses", "anthropic", "gemini"])
      await site.call("PUT", `/v1/connections/${kind.replace("_", "-")}`, {
        kind,
        baseUrl: api.url,
        secret: "UPSTREAM_TEST",
        models: [
          { name: `at-${kind}` },
          ...(kind === "openai_chat" ? [{ name: "good" }, { name: "bad" }, { name: "hostile" }] : []),
        ],
      });
    const page = await site.open("#/tools");
    const problems = [];
    for (const kind of ["openai_chat", "openai_responses", "anthropic", "gemini"]) {
      await go(page, `#/tools@1?view=run&model=at-${kind}`);
      await page.getByText("Hello").first().waitFor();
      await page.keyboard.press("Control+Enter");
      const call = page.locator(".answer", { hasText: "calls look" });
      await call.waitFor().catch(() => problems.push(`${kind}: no call`));
      if (!(await call.count())) continue;
      await page.locator(".figures div", { hasText: "Tokens in" }).getByText("7").waitFor();
      assert.equal(await page.locator(".answer pre").first().innerText(), "Let me look.", kind);
      assert.deepEqual(JSON.parse(await call.locator("pre").innerText()), { q: "Ada" }, kind);
    }
    assert.deepEqual(problems, []);
    await shoot(page, "run-tools");
    const runShape = async (model) => {
      await go(page, `#/shape@1?view=run&model=${model}`);
      await page.getByText("Hello").first().waitFor();
      await page.keyboard.press("Control+Enter");
    };
    await runShape("good");
    await page.locator(".answer", { hasText: '"n": 3' }).getByText("JSON", { exact: true }).waitFor();
    await page.getByText("fits the outputs", { exact: true }).waitFor();
    await runShape("bad");
    await page.locator(".banner", { hasText: "How it does not fit the outputs" }).getByText("/n").waitFor();
    await shoot(page, "run-issues");
    await runShape("hostile");
    await page.locator(".answer pre", { hasText: "<img src=x onerror" }).waitFor();
    assert.equal(await page.evaluate(() => globalThis.hit), undefined);
    assert.equal(await page.locator("main img").count(), 0);
    assert.deepEqual(page.problems, []);
  } finally {
    await api.close();
  }
});

test("on a narrow page Run and its answer are in view, however tall the inputs are", async () => {
  await site.commit("narrow", {
    messages: [{ role: "user", content: Array.from({ length: 12 }, (_, n) => `{{ i${n} }}`).join(" ") }],
    inputs: Array.from({ length: 12 }, (_, n) => ({ name: `i${n}`, type: "str" })),
    model: "openai/well",
  });
  const page = await site.open("#/narrow?view=run", { viewport: { width: 390, height: 844 }, hasTouch: true });
  const isInView = (locator) =>
    locator.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });
  const run = page.locator(".run-bar .primary");
  await run.waitFor();
  assert.ok(await isInView(run), "Run");
  const last = page.getByLabel("i11 str", { exact: true });
  await last.fill("last");
  await page.keyboard.press("Control+Enter");
  const answer = page.locator(".answer pre");
  await answer.waitFor();
  await shoot(page, "narrow-answer");
  assert.ok(await isInView(run), "Run, after a run that was started from below");
  assert.ok(await isInView(answer), "the answer");
  assert.deepEqual(page.problems, []);
});
