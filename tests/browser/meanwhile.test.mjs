// Concurrent events: Back under a dialog, deleted prompts, a second change before the answer to the first, changes by
// other people.
import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../eventually.mjs";
import { fill, go, saved, studioOfFile, template } from "./studio.mjs";

const site = studioOfFile();

let count = 0;
async function prompt(content = "one", more = {}) {
  const slug = `meanwhile/p${++count}`;
  await site.commit(slug, { messages: [{ role: "user", content }], ...more });
  return slug;
}
const heading = (page, slug) => page.getByRole("heading", { level: 1, name: slug, exact: true }).waitFor();
const draft = async (slug) => (await site.call("GET", `/v1/prompts/${slug}/draft`)).messages[0].content;

test("Back under an open dialog closes it; Esc gives the focus back", async () => {
  const [a, b] = [await prompt("of a"), await prompt("of b")];
  const page = await site.open(`#/${a}`);
  await heading(page, a);
  await go(page, `#/${b}`);
  await heading(page, b);
  const more = page.getByRole("button", { name: "More", exact: true });
  const ask = async () => {
    await more.click();
    await page.getByRole("menuitem", { name: "Name, description, sharing…" }).click();
    await page.getByRole("dialog").waitFor();
  };
  await ask();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.ok(await more.evaluate((button) => button === document.activeElement));
  await ask();
  await page.goBack();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await heading(page, a);
  await fill(page, template(page), "typed in a");
  await saved(page);
  assert.deepEqual([await draft(a), page.problems], ["typed in a", []]);
});

test("Undo applies only to the prompt for which it was offered, and disappears with it", async () => {
  const [a, b] = [await prompt("of a"), await prompt("of b")];
  const page = await site.open(`#/${a}`);
  await page.getByRole("button", { name: "Add a message" }).click();
  await page.keyboard.insertText("second");
  await page.getByLabel("Remove message 2").click();
  const undo = page.getByRole("button", { name: "Undo", exact: true });
  await undo.waitFor();
  await go(page, `#/${b}`);
  await heading(page, b);
  await undo.waitFor({ state: "detached" });
  await page.locator(".cm-line", { hasText: "of b" }).waitFor();
  assert.deepEqual((await site.call("GET", `/v1/prompts/${b}/drafts`)).drafts, []);
  assert.deepEqual(page.problems, []);
});

test("a prompt is deleted while it is edited: it can be restored or saved under another name, with all typed text", async () => {
  const slug = await prompt();
  const page = await site.open(`#/${slug}`);
  await fill(page, template(page), "mine");
  await saved(page);
  const gone = page.getByRole("alert", { name: "The prompt is gone" });
  await site.call("DELETE", `/v1/prompts/${slug}`);
  await fill(page, template(page), "mine, and more");
  await gone.getByText("This prompt was deleted. What you typed is kept in this browser.").waitFor();
  await page.reload();
  await gone.waitFor();
  assert.equal(await template(page).innerText(), "mine, and more");
  await gone.getByRole("button", { name: "Restore it" }).click();
  await gone.waitFor({ state: "detached" });
  await saved(page);
  assert.equal(await draft(slug), "mine, and more");

  await site.call("DELETE", `/v1/prompts/${slug}`);
  await fill(page, template(page), "mine, and elsewhere");
  await gone.getByRole("button", { name: "Begin it under another name…" }).click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill(`${slug}-anew`);
  await page.keyboard.press("Enter");
  await heading(page, `${slug}-anew`);
  await saved(page);
  assert.equal(await template(page).innerText(), "mine, and elsewhere");
  assert.equal(await draft(`${slug}-anew`), "mine, and elsewhere");
  assert.deepEqual(page.problems, []);
});

test("a prompt is renamed while it is edited: the typed text is saved under the new name", async () => {
  const slug = await prompt();
  const page = await site.open(`#/${slug}`);
  await template(page).waitFor();
  await site.call("PATCH", `/v1/prompts/${slug}`, { slug: `${slug}-moved` });
  await fill(page, template(page), "typed under the old name");
  await page.getByRole("button", { name: `Go on in ${slug}-moved` }).click();
  await heading(page, `${slug}-moved`);
  await page.locator(".cm-line", { hasText: "typed under the old name" }).waitFor();
  await saved(page);
  assert.equal(await draft(`${slug}-moved`), "typed under the old name");
  assert.deepEqual(page.problems, []);
});

test("a second change of the retention of runs, made before the answer to the first, wins", async () => {
  const page = await site.open("#/?view=projects");
  const mode = page.getByLabel("What is kept of runs of default");
  await mode.waitFor();
  let slow = 600;
  const sent = [];
  await page.route("**/v1/projects/default", async (route) => {
    sent.push(route.request().postDataJSON().recording);
    const wait = slow;
    slow = 0;
    await new Promise((done) => setTimeout(done, wait));
    await route.continue();
  });
  const both = async () => (await site.call("GET", "/v1/projects/default")).recording;
  const holds = async (rule) => {
    await eventually(both, (seen) => assert.deepEqual(seen, rule));
    await page.locator(".awaited").waitFor({ state: "detached" });
    assert.deepEqual(await both(), rule);
  };
  await mode.selectOption("full");
  await page.getByLabel("Days that runs of default are kept").fill("7");
  await page.keyboard.press("Tab");
  await holds({ mode: "full", days: 7 });
  slow = 600;
  await mode.selectOption("usage");
  await mode.selectOption("off");
  await holds({ mode: "off", days: 7 });
  assert.deepEqual(
    sent.map((rule) => rule.mode),
    ["full", "full", "usage", "off"],
  );
  assert.equal(await mode.inputValue(), "off");
  assert.deepEqual(page.problems, []);
});

test("a table is pasted as it was copied: quotes of the text, quotes around a cell, and the line ends of any system", async () => {
  const names = ["a", "b"];
  const slug = await prompt("{{ a }} {{ b }}", { inputs: names.map((name) => ({ name, type: "str" })) });
  const page = await site.open(`#/${slug}?tab=examples`);
  await page.getByRole("button", { name: "Begin the table" }).click();
  const cell = page.getByLabel("a of row 1", { exact: true });
  await cell.focus();
  await cell.evaluate((element) => {
    const data = new DataTransfer();
    const text = 'the "first" one\t"he said ""hi"""\r\n5" pipe\t"two\r\nlines"\n"so" she said\t"open\r"a\tb"\tlast';
    data.setData("text/plain", text);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await page.getByText("4 rows pasted.").waitFor();
  await saved(page);
  const { demonstrations } = await site.call("GET", `/v1/prompts/${slug}/draft`);
  assert.deepEqual(
    demonstrations.rows.map(({ a, b }) => [a, b]),
    [
      ['the "first" one', 'he said "hi"'],
      ['5" pipe', "two\r\nlines"],
      ['"so" she said', '"open'],
      ["a\tb", "last"],
    ],
  );
  assert.deepEqual(page.problems, []);
});

test("every view reports JSON that is not the server's, and can request it again", async () => {
  await prompt();
  const page = await site.open();
  const told = page.locator("main").getByText("What answers is not the server").first();
  const broken = [];
  for (const body of ["null", "{}", "[]", '"ok"', '{"projects": 5, "keys": {}, "events": null, "connections": "x"}'])
    for (const [view, path] of [
      ["projects", "**/v1/projects"],
      ["keys", "**/v1/keys?*"],
      ["audit", "**/v1/events?*"],
      ["connections", "**/v1/connections"],
    ]) {
      await page.route(path, (route) => route.fulfill({ contentType: "application/json", body }));
      await go(page, `#/?view=${view}`);
      await told.waitFor().catch(() => broken.push(`${view}: ${body}`));
      await page.unroute(path);
      await page.locator("main").getByRole("button", { name: "Try again" }).click();
      await told.waitFor({ state: "detached" });
      await go(page, "#/");
    }
  assert.deepEqual(broken, []);
  await page.route("**/v1/prompts?*", (route) => route.fulfill({ contentType: "application/json", body: "null" }));
  await page.reload();
  await page.getByRole("heading", { name: "The prompts could not be read" }).waitFor();
  await page.unroute("**/v1/prompts?*");
  await page.locator("main").getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Choose a prompt" }).waitFor();
  assert.deepEqual(page.problems, []);
});
