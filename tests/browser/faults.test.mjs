// Typing while something is wrong: a half-composed character, half a JSON text, a server that hangs, breaks off or
// refuses.
import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../eventually.mjs";
import { fill, go, saved, shoot, studioWithModel, template } from "./studio.mjs";

const site = studioWithModel();

let count = 0;
async function prompt(content = "one", more = {}) {
  const slug = `faults/p${++count}`;
  await site.commit(slug, { messages: [{ role: "user", content }], ...more });
  return slug;
}
const versions = async (slug) => (await site.call("GET", `/v1/prompts/${slug}/versions`)).versions.length;
const draft = async (slug) => (await site.call("GET", `/v1/prompts/${slug}/draft`)).messages[0].content;

/** Composes a text as an input method does, and accepts it with Enter. */
async function compose(page, text) {
  const session = await page.context().newCDPSession(page);
  await session.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  // The browser sends the page this event for a key that the input method takes.
  await session.send("Input.dispatchKeyEvent", {
    type: "rawKeyDown",
    key: "Process",
    code: "Enter",
    windowsVirtualKeyCode: 229,
  });
  await page.evaluate(() =>
    document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", code: "Enter", isComposing: true, bubbles: true, cancelable: true }),
    ),
  );
  await session.send("Input.insertText", { text });
  await session.send("Input.dispatchKeyEvent", {
    type: "keyUp",
    key: "Enter",
    code: "Enter",
    windowsVirtualKeyCode: 13,
  });
  await session.detach();
}

test("Enter that accepts a composed character commits, opens and sends nothing", async () => {
  const slug = await prompt("one", {
    demonstrations: { columns: [{ id: "x", type: "str" }], rows: [{ id: "a", x: "1" }] },
  });
  const page = await site.open(`#/${slug}`);
  await template(page).click();
  await page.keyboard.press("ControlOrMeta+End");
  await compose(page, "かな");
  await saved(page);
  assert.equal(await draft(slug), "oneかな");

  await page.keyboard.press("Control+s");
  const message = page.getByLabel("What changed, and why");
  await message.waitFor();
  await page.getByText("Changes to version 1").waitFor();
  await compose(page, "直した");
  const typed = () => message.inputValue();
  await eventually(typed, (value) => assert.equal(value, "直した"));
  await page.waitForTimeout(300);
  assert.equal(await typed(), "直した");
  assert.equal(await versions(slug), 1, "nothing is committed");
  await message.press("Enter");
  await page.getByText("Version 2 is committed.").waitFor();

  await page.keyboard.press("Control+k");
  await compose(page, "faults");
  await page.waitForTimeout(200);
  assert.equal(await page.locator("dialog.palette").count(), 1, "the palette is open");
  await page.keyboard.press("Escape");

  await go(page, `#/${slug}?tab=examples`);
  await page.getByLabel("x of row 1", { exact: true }).click();
  await compose(page, "例");
  await saved(page);
  assert.match((await site.call("GET", `/v1/prompts/${slug}/draft`)).demonstrations.rows[0].x, /例/);

  for (const [hash, label] of [
    [`#/${slug}@1?view=move`, "Reason"],
    ["#/?view=projects", "Name"],
  ]) {
    const writes = [];
    page.on("request", (request) => request.method() !== "GET" && writes.push(`${request.method()} ${request.url()}`));
    await go(page, hash);
    await page.getByLabel(label, { exact: true }).click();
    await compose(page, "理由");
    await page.waitForTimeout(200);
    assert.deepEqual(writes, [], label);
  }
  assert.deepEqual(page.problems, []);
});

test("unfinished JSON: a commit says why it waits, and a reload keeps the typed text", async () => {
  const slug = await prompt();
  const page = await site.open(`#/${slug}?tab=json`);
  const json = page.getByLabel("The whole document, as JSON");
  await json.waitFor();
  const half = '{ "messages": [{ "role": "user", "content": "two" }],';
  await fill(page, json, half);
  await page.getByText("No JSON yet; kept in this browser").waitFor();
  const commit = async () => {
    await page.keyboard.press("Control+s");
    await page.getByRole("dialog").getByText("The JSON of this draft is not finished").waitFor();
    assert.ok(await page.getByRole("button", { name: "Commit", exact: true }).isDisabled());
    await page.getByLabel("What changed, and why").press("Enter");
    await page.waitForTimeout(200);
    assert.equal(await versions(slug), 1);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };
  await commit();
  await shoot(page, "faults-json");
  await page.reload();
  await json.waitFor();
  assert.equal(await json.innerText(), half);
  await page.getByText("No JSON yet; kept in this browser").waitFor();
  await commit();
  await json.click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText(' "model": "m" }');
  await saved(page);
  await page.keyboard.press("Control+s");
  await page.getByLabel("What changed, and why").press("Enter");
  await page.getByText("Version 2 is committed.").waitFor();
  const made = await site.call("GET", `/v1/prompts/${slug}/versions/2`);
  assert.deepEqual([made.messages[0].content, made.model], ["two", "m"]);
  assert.deepEqual(page.problems, []);
});

test("a request that hangs times out after a minute: the text stays, and the request can be repeated", async () => {
  const slug = await prompt();
  const page = await site.open();
  const start = Date.now();
  await page.clock.install({ time: start });
  await go(page, `#/${slug}`);
  await template(page).waitFor();
  // The page's clock stands still and moves only where this test moves it.
  await page.clock.pauseAt(start + 600_000);
  const held = [];
  const hold = (method) =>
    page.route("**/v1/prompts/**", (route) =>
      route.request().method() === method ? void held.push(route) : route.continue(),
    );
  const until = async (n) => {
    await eventually(
      () => held.length,
      (length) => assert.ok(length >= n, `${length} of ${n}`),
    );
  };
  await hold("PUT");
  await fill(page, template(page), "while it hangs");
  await page.clock.runFor(1_000);
  await until(1);
  await page.clock.runFor(58_000);
  assert.equal(await page.getByText("The draft is not saved on the server").count(), 0);
  await page.clock.runFor(3_000);
  await page.getByText("The draft is not saved on the server").waitFor();
  await page.clock.runFor(3_000);
  await until(2);
  assert.equal(await page.getByText("The draft is not saved on the server").count(), 1, "while the page tries again");
  await page.getByText("The server does not answer.").first().waitFor();
  assert.equal(await template(page).innerText(), "while it hangs");
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await saved(page);
  assert.equal(await draft(slug), "while it hangs");

  held.length = 0;
  await hold("POST");
  await page.keyboard.press("Control+s");
  await page.getByLabel("What changed, and why").fill("hangs");
  await page.getByLabel("What changed, and why").press("Enter");
  await until(1);
  await page.clock.runFor(61_000);
  await page.getByRole("dialog").getByText("The server does not answer.").waitFor();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.getByLabel("What changed, and why").press("Enter");
  await page.getByText("Version 2 is committed.").waitFor();
  assert.deepEqual(page.problems, []);
});

test("a lost answer: the repeated request does not make the change twice", async () => {
  const slug = await prompt();
  const page = await site.open(`#/${slug}`);
  await fill(page, template(page), "two");
  await saved(page);
  const loseOne = async (method, path) => {
    let isLost = false;
    await page.route(path, async (route) => {
      if (isLost || route.request().method() !== method) return route.continue();
      isLost = true;
      await route.fetch();
      await route.abort();
    });
  };
  await page.keyboard.press("Control+s");
  await page.getByText("Changes to version 1").waitFor();
  await loseOne("POST", "**/draft/commit*");
  const message = page.getByLabel("What changed, and why");
  await message.fill("once");
  await message.press("Enter");
  await page.getByRole("dialog").getByText("The server does not answer.").waitFor();
  assert.equal(await versions(slug), 2, "the request arrived");
  await message.press("Enter");
  await page.getByText("Version 2 is committed.").waitFor();
  assert.equal(await versions(slug), 2);

  await loseOne("PUT", "**/draft*");
  await fill(page, template(page), "three");
  await page.getByText("The draft is not saved on the server").waitFor();
  await saved(page);
  assert.equal(await page.getByText("saved this draft elsewhere").count(), 0);
  assert.equal(await draft(slug), "three");

  await go(page, "#/?view=keys");
  await page.getByLabel("Name", { exact: true }).fill("only-one");
  await loseOne("POST", "**/v1/keys");
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByText("The server does not answer.").waitFor();
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByText("The key only-one was made when it was first asked for").waitFor();
  const { keys } = await site.call("GET", "/v1/keys");
  assert.equal(keys.filter(({ name }) => name === "only-one").length, 1);
  assert.deepEqual(page.problems, []);
});

test("a second click before the first answer sends no second request", async () => {
  const page = await site.open("#/?view=keys");
  await page.getByLabel("Name", { exact: true }).fill("clicked-twice");
  await page.getByRole("button", { name: "Make a key" }).dblclick();
  await page.getByText("Copy it now").waitFor();
  await page.locator(".awaited").waitFor({ state: "detached" });
  const { keys } = await site.call("GET", "/v1/keys");
  assert.equal(keys.filter(({ name }) => name === "clicked-twice").length, 1);
  assert.deepEqual(page.problems, []);
});

test("a run whose stream breaks off: the received text stays, the page reports it, and the prompt runs again", async () => {
  const slug = await prompt("Hello", { model: "slow" });
  const page = await site.open(`#/${slug}?view=run`);
  const figures = page.locator(".figures");
  const answer = page.locator(".answer pre");
  const runs = async (model) => {
    await page.locator(".run-bar").getByLabel("Model").fill(model);
    await page.locator(".run-bar").getByLabel("Model").press("Tab");
    await page.getByRole("button", { name: /^Run/ }).click();
  };
  // The model API breaks off before an event and in the middle of one; the page's own server breaks off later.
  for (const model of ["mid-reset", "mid-half-event"]) {
    await runs(model);
    await answer.getByText("Hel", { exact: true }).waitFor();
    await page.locator("main .banner.bad").waitFor();
    assert.doesNotMatch(
      await page.locator("main .banner.bad").innerText(),
      /network error|TypeError|undefined|\[object/,
    );
    await figures.waitFor();
  }
  await runs("slow");
  await answer.getByText("0 1 2").waitFor();
  await site.worker.kill9();
  await page.locator("main .banner.bad").getByText("The answer broke off").waitFor();
  assert.match(await answer.innerText(), /^0 1 2/);
  await page.getByRole("button", { name: /^Run/ }).click();
  await page.locator("main .banner.bad").getByText("The server does not answer.").waitFor();
  await shoot(page, "faults-run");
  await site.worker.restart();
  await runs("well");
  await answer.getByText("Hello Ada").waitFor();
  assert.equal(await page.locator("main .banner.bad").count(), 0);
  assert.deepEqual(page.problems, []);
});
