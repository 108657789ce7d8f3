// The editor: typed text, the compiler's findings, and the preview.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { eventually } from "../eventually.mjs";
import { fill, go, rendered, saved, shoot, studio, template } from "./studio.mjs";

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
    { name: "facts", type: "list[str]", required: false },
    {
      name: "order",
      type: "dict",
      required: false,
      schema: { type: "object", properties: { total: { type: "number" }, customer: { type: "object" } } },
    },
  ],
  model: "openai/gpt-4o-mini",
};

let site, page;
before(async () => {
  site = await studio();
  await site.commit("support/reply", reply);
});
after(() => site?.close());
afterEach(async () => {
  const { problems } = page;
  await site.tidy();
  await fetch(`${site.worker.url}/v1/prompts/support/reply/draft`, {
    method: "DELETE",
    headers: { Authorization: `Bearer ${site.worker.key}` },
  });
  assert.deepEqual(problems, []);
});

test("a key in the address opens the project and leaves the address", async () => {
  page = await site.open();
  await page.getByRole("treeitem", { name: "reply" }).waitFor();
  assert.doesNotMatch(page.url(), /cue_/);
});

test("the form has a field for each typed input, and the messages follow its values", async () => {
  page = await site.open("#/support/reply");
  await page.getByLabel("name str", { exact: true }).fill("ada lovelace");
  await page.getByLabel("vip bool").selectOption("true");
  await page.getByLabel("score float").fill("2");
  await page.getByLabel("questions list[str]").fill("why?\nwhen?");
  await rendered(page, ["You answer for Cue & Card.", "Dear Ada Lovelace, why?; when? (2.0)"]);
  await page.getByLabel("vip bool").selectOption("false");
  await page.getByLabel("company str, optional").fill("Acme");
  await rendered(page, ["You answer for Acme.", "Hi ada lovelace, why?; when? (2.0)"]);
  await page.reload();
  await rendered(page, ["You answer for Acme.", "Hi ada lovelace, why?; when? (2.0)"]);
});

test("the page shows the messages that the edge renders", async () => {
  page = await site.open("#/support/reply");
  const inputs = { name: "Zoë 🎉\n{{ not a template }}", vip: true, score: 1e21, questions: ["é", "<b>"] };
  await page.getByLabel("name str", { exact: true }).fill(inputs.name);
  await page.getByLabel("vip bool").selectOption("true");
  await page.getByLabel("score float").fill("1e21");
  await page.getByLabel("questions list[str]").fill(inputs.questions.join("\n"));
  const answer = await site.call("POST", "/v1/prompts/support/reply/render?tag=production", { inputs });
  await rendered(
    page,
    answer.messages.map((message) => message.content),
  );
});

test("an empty optional list is omitted, as in production", async () => {
  page = await site.open("#/support/reply");
  await fill(page, template(page, 1), "{% if facts is defined %}given{% else %}left out{% endif %}");
  await rendered(page, ["left out"], 1);
  await page.getByLabel("facts list[str], optional").fill("one");
  await rendered(page, ["given"], 1);
  await page.getByLabel("facts list[str], optional").fill("");
  await rendered(page, ["left out"], 1);
});

test("an input of the wrong type shows an error at its field", async () => {
  page = await site.open("#/support/reply");
  const score = page.getByLabel("score float");
  await score.fill("much");
  await page.locator(".field", { has: score }).locator(".problem").waitFor();
  assert.equal(await score.getAttribute("aria-invalid"), "true");
  await score.fill("1.5");
  await page.locator(".field", { has: score }).locator(".problem").waitFor({ state: "detached" });
});

test("an error appears under its message with line and column, is underlined, and can be jumped to; the nearest name is offered", async () => {
  page = await site.open("#/support/reply");
  const editor = template(page, 1);
  await fill(page, editor, "line 1\n{{ nmae }}");
  const problem = page.locator('[data-message="0"] .problems li');
  await problem.getByText("Line 2, column 4:").waitFor();
  assert.equal(await page.locator('[data-message="0"] .cm-lintRange-error').innerText(), "nmae");
  await shoot(page, "error");
  await template(page, 2).click();
  await problem.getByRole("button").first().click();
  await page.locator('[data-message="0"] .cm-focused').waitFor();
  await page.keyboard.insertText("X");
  await page.locator(".cm-line", { hasText: "{{ Xnmae }}" }).waitFor();
  await page.keyboard.press("Backspace");
  await problem.getByRole("button", { name: "Use name" }).click();
  await problem.waitFor({ state: "detached" });
  await page.getByLabel("name str", { exact: true }).fill("Ada");
  await rendered(page, ["line 1\nAda"], 1);
});

test("completion knows inputs, their attributes, filters, tests and tags", async () => {
  page = await site.open("#/support/reply");
  const editor = template(page, 1);
  const options = async (text) => {
    await fill(page, editor, "");
    await page.keyboard.type(text);
    await page.locator(".cm-tooltip-autocomplete li").first().waitFor();
    const labels = await page.locator(".cm-tooltip-autocomplete .cm-completionLabel").allInnerTexts();
    await page.keyboard.press("Escape");
    return labels;
  };
  assert.ok((await options("{{ comp")).includes("company"));
  assert.ok((await options("{{ order.")).includes("total"));
  assert.ok((await options("{{ name | up")).includes("upper"));
  assert.ok((await options("{% if name is def")).includes("defined"));
  assert.ok((await options("{% f")).includes("for"));
});

test("messages are added, moved, removed and restored; roles change; images and placeholders are parts of messages", async () => {
  page = await site.open("#/support/reply");
  await page.getByRole("button", { name: "Add a message" }).click();
  await page.keyboard.insertText("third");
  await page.getByLabel("score float").fill("1");
  await page.getByLabel("Move message 3 up (Alt ↑)").click();
  await page.locator('[data-message="1"]').getByText("third").waitFor();
  await page.getByLabel("Role of message 2").selectOption("assistant");
  await page.getByLabel("Remove message 2").click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator('[data-message="1"]').getByText("third").waitFor();
  await page.getByLabel("Add an image to message 3").click();
  await fill(page, page.getByLabel("Part 2 of message 3", { exact: true }), "https://example.com/a.png");
  await page.locator("#pane .image-part code", { hasText: "https://example.com/a.png" }).waitFor();
  assert.equal(await page.locator("#pane img").count(), 0);
  await saved(page);
  const draft = await site.call("GET", "/v1/prompts/support/reply/draft");
  assert.deepEqual(
    draft.messages.map(({ role }) => role),
    ["system", "assistant", "user"],
  );
  assert.deepEqual(draft.messages[2].content[1], { type: "image", image: "https://example.com/a.png" });
});

test("inputs, outputs, examples, model and tools are edited as forms and as JSON, and both show the same", async () => {
  page = await site.open("#/support/reply?tab=inputs");
  await page.getByLabel("Name of company").fill("firm");
  await page.getByLabel("Name of company").press("Tab");
  await page.getByRole("button", { name: "Add an input" }).click();
  await page.getByLabel("Type of input_9").selectOption("int");
  await page.getByLabel("Default of input_9").fill("3");
  await page.getByRole("tab", { name: "Outputs" }).click();
  await page.getByRole("button", { name: "Add an output" }).click();
  await page.getByLabel("Type of output 1").selectOption("json_schema");
  await page.getByRole("tab", { name: "Model" }).click();
  await page.getByLabel("temperature").fill("0.5");
  await page.getByRole("tab", { name: "Tools" }).click();
  await page.getByRole("button", { name: "Add a tool" }).click();
  await page.getByRole("tab", { name: "Examples" }).click();
  await page.getByLabel("Few-shot").check();
  await page.getByRole("button", { name: "Begin the table" }).click();
  const cell = page.getByLabel("name of row 1", { exact: true });
  await cell.focus();
  await cell.evaluate((element) => {
    const data = new DataTransfer();
    data.setData("text/plain", 'Ada\ttrue\nGrace\tfalse\n"two\nlines"\ttrue');
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await page.getByText("3 rows pasted.").waitFor();
  await saved(page);
  const draft = await site.call("GET", "/v1/prompts/support/reply/draft");
  assert.match(draft.messages[0].content, /\{\{ firm \}\}/);
  assert.deepEqual(draft.inputs[0], { name: "firm", type: "str", default: "Cue & Card" });
  assert.deepEqual(draft.inputs.at(-1), { name: "input_9", type: "int", default: 3 });
  assert.equal(draft.outputs[0].type, "json_schema");
  assert.equal(draft.parameters.temperature, 0.5);
  assert.equal(draft.tools.length, 1);
  assert.equal(draft.promptingTechnique, "few_shot");
  assert.deepEqual(
    draft.demonstrations.rows.map(({ name, vip }) => [name, vip]),
    [
      ["Ada", true],
      ["Grace", false],
      ["two\nlines", true],
    ],
  );

  await page.getByRole("tab", { name: "JSON" }).click();
  const json = page.getByLabel("The whole document, as JSON");
  await fill(page, json, "{ nope");
  await page.getByText("No JSON yet").waitFor();
  await page.reload();
  await page.getByText("No JSON yet").waitFor();
  await fill(page, json, JSON.stringify({ messages: [{ role: "user", content: "x" }], modle: "m" }));
  await page.locator(".problems").getByText("modle").first().waitFor();
  await fill(page, json, JSON.stringify({ messages: [{ role: "user", content: "{{ a }}" }] }));
  await page.getByLabel("a any").fill("7");
  await rendered(page, ["7"]);
});

test("the settings of templates: language, dialect, and options that show the default if the document has no value", async () => {
  page = await site.open("#/support/reply?tab=model");
  const missing = page.getByLabel("A missing value");
  const trim = page.getByLabel("Trim blocks");
  assert.deepEqual([await missing.inputValue(), await trim.isChecked()], ["strict", false]);
  await page.getByLabel("Dialect").selectOption("huggingface");
  await page.waitForFunction(() => document.querySelector(".check input").checked);
  assert.deepEqual([await missing.inputValue(), await trim.isChecked()], ["lenient", true]);
  const ofDraft = () => site.call("GET", "/v1/prompts/support/reply/draft").then(({ template }) => template);
  const isSaved = (expected) =>
    eventually(
      () => ofDraft().catch(() => undefined),
      (seen) => assert.deepEqual(seen, expected),
    );
  await isSaved({ dialect: "huggingface" });
  await missing.selectOption("strict");
  await trim.uncheck();
  await page.getByLabel("Keep the last line end").check();
  await isSaved({
    dialect: "huggingface",
    undefined: "strict",
    trimBlocks: false,
    keepTrailingNewline: true,
  });
  await missing.selectOption("lenient");
  await trim.check();
  await page.getByLabel("Keep the last line end").uncheck();
  await isSaved({ dialect: "huggingface" });
  // The page's engine knows the functions of the dialect; without the dialect their names are names like any other.
  await page.getByRole("tab", { name: "JSON" }).click();
  const content = '{{ raise_exception("no " + a) if a == "x" else a }}';
  const document = { messages: [{ role: "user", content }], template: { dialect: "huggingface" } };
  await fill(page, page.getByLabel("The whole document, as JSON"), JSON.stringify(document));
  await page.getByLabel("a any").fill("fine");
  await rendered(page, ["fine"]);
  await page.getByRole("tab", { name: "Model" }).click();
  await page.getByLabel("Dialect").selectOption("jinja2");
  await page.getByLabel("raise_exception any").waitFor();
  await page.getByLabel("Language").selectOption("text");
  await rendered(page, [content]);
});

test("origins are shown: each byte comes from the template or an input", async () => {
  page = await site.open("#/support/reply");
  await page.getByLabel("name str", { exact: true }).fill("ada");
  await page.getByLabel("vip bool").selectOption("true");
  await page.getByLabel("score float").fill("2");
  await page.getByLabel("questions list[str]").fill("why?\nwhen?");
  await page.getByRole("button", { name: "Origins" }).click();
  await page.locator("#pane mark[data-input=name]").first().waitFor();
  const marks = await page
    .locator("#pane mark[data-input]")
    .evaluateAll((all) => all.map((m) => [m.dataset.input, m.textContent]));
  assert.deepEqual(marks, [
    ["company", "Cue & Card"],
    ["name", "Ada"],
    ["questions", "why?"],
    ["questions", "when?"],
    ["score", "2.0"],
  ]);
  await rendered(page, ["You answer for Cue & Card.", "Dear Ada, why?; when? (2.0)"]);
});

test("the page shows the payload of each API, and how an app uses the prompt", async () => {
  page = await site.open("#/support/reply@1?pane=payload");
  for (const [target, sign] of [
    ["OpenAI Chat", '"messages"'],
    ["OpenAI Responses", '"input"'],
    ["Anthropic", '"system"'],
    ["Gemini", '"contents"'],
  ]) {
    await page.getByLabel("API", { exact: true }).selectOption(target);
    await page.locator("#pane pre.json", { hasText: sign }).waitFor();
  }
  await page.getByRole("tab", { name: "Use it" }).click();
  await page.getByText('cue.render("support/reply@1"').waitFor();
  await page.getByLabel("Library").selectOption("curl");
  await page.getByText("render?version=1").waitFor();
});

test("every state has an address: Back works, and a reload keeps the state", async () => {
  page = await site.open("#/support/reply");
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: /Version 1/ }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: /Version 1/ }).waitFor();
  await page.goBack();
  await template(page, 1).waitFor();
  await go(page, "#/support/reply@99");
  await page.getByRole("heading", { name: "There is no version 99" }).waitFor();
  await go(page, "#/no/such");
  await page.getByRole("heading", { name: "There is no prompt no/such" }).waitFor();
});

test("the keyboard undoes and redoes changes outside of a text", async () => {
  page = await site.open("#/support/reply?tab=model");
  await page.getByLabel("temperature").fill("0.5");
  await page.waitForTimeout(800);
  await page.getByLabel("Language").selectOption("text");
  await page.locator("h1").click();
  await page.keyboard.press("Control+z");
  await page.waitForFunction(() => document.querySelector("select[id]:has(option[value=text])").value === "jinja2");
  await page.keyboard.press("Control+z");
  await page.waitForFunction(() => document.querySelector("input[type=number]").value === "");
  await page.keyboard.press("Control+y");
  await page.waitForFunction(() => document.querySelector("input[type=number]").value === "0.5");
});

test("arrow keys go from cell to cell of the examples, in both directions", async () => {
  page = await site.open("#/support/reply?tab=examples");
  await page.getByRole("button", { name: "Begin the table" }).click();
  await page.getByRole("button", { name: "Add a row" }).click();
  const focused = () => page.evaluate(() => document.activeElement.getAttribute("data-cell"));
  await page.getByLabel("company of row 1", { exact: true }).click();
  await page.keyboard.type("Acme");
  const steps = { ArrowRight: "0,1", ArrowDown: "1,1", ArrowLeft: "1,0", ArrowUp: "0,0" };
  for (const [key, cell] of Object.entries(steps)) {
    await page.keyboard.press(key);
    assert.equal(await focused(), cell, key);
  }
});

test("a version links to its source, and the tree shows tags other than production", async () => {
  await site.call("PUT", "/v1/prompts/support/reply/tags/staging", { version: 1 });
  page = await site.open("#/support/reply?view=history");
  await page.getByRole("treeitem", { name: /reply/ }).getByText("staging 1").waitFor();
  await page.getByRole("link", { name: "Source of version 1" }).click();
  const json = page.getByLabel("The whole document, as JSON");
  await json.waitFor();
  assert.match(page.url(), /@1\?tab=json/);
  await page.locator(".cm-line", { hasText: "You answer for" }).waitFor();
});

test("a renamed prompt keeps its draft", async () => {
  await site.commit("old/name", { messages: [{ role: "user", content: "one" }] });
  page = await site.open("#/old/name");
  await fill(page, template(page), "two");
  await saved(page);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("name, desc");
  await page.keyboard.press("Enter");
  await page.getByLabel("Name", { exact: true }).fill("new/name");
  await page.getByText("Apps that read it by its old name get an error").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("It is called new/name now.").waitFor();
  await page.getByRole("heading", { level: 1, name: "new/name" }).waitFor();
  await page.locator(".cm-line", { hasText: "two" }).waitFor();
  assert.equal((await site.call("GET", "/v1/prompts/new/name/draft")).messages[0].content, "two");
  await site.call("DELETE", "/v1/prompts/new/name");
});
