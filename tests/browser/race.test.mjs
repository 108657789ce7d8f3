// Two browsers change the same case, description, tag or draft, or commit: no change is lost, and none is overwritten
// unseen.
import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../eventually.mjs";
import { axe, fill, go, saved, shoot, studioOfFile, template } from "./studio.mjs";

const site = studioOfFile();

let count = 0;
async function prompt(content = "Hello {{ name }}", more = {}) {
  const slug = `race/p${++count}`;
  await site.commit(slug, { messages: [{ role: "user", content }], ...more });
  return slug;
}
const both = (hash) => Promise.all([site.open(hash), site.open(hash)]);
const fromMenu = async (page, name) => {
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name }).click();
  await page.getByRole("dialog").waitFor();
};
const describe = (page) => fromMenu(page, "Name, description, sharing…");
const save = (page) => page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
const closed = (page) => page.getByRole("dialog").waitFor({ state: "detached" });
const info = async (slug) =>
  (await site.call("GET", `/v1/prompts?prefix=${slug}&limit=1`)).prompts.find((found) => found.slug === slug);

test("two browsers edit a case: the second is asked, with both values in view, and can keep either", async () => {
  const slug = await prompt();
  const path = `/v1/prompts/${slug}/cases/greeting`;
  await site.call("PUT", path, { inputs: { name: "Ada" } });
  const [a, b] = await both(`#/${slug}?case=greeting`);
  const field = (page) => page.getByLabel("name any", { exact: true });
  const store = (page) => page.locator(".case-bar").getByRole("button", { name: "Save", exact: true });
  const inputs = async () => (await site.call("GET", path)).inputs;
  for (const page of [a, b]) await page.locator("#pane").getByText("Hello Ada").waitFor();
  await field(a).fill("Grace of a");
  await store(a).click();
  await a.getByText("The case greeting is saved.").waitFor();
  await field(b).fill("Edsger of b");
  await store(b).click();
  const dialog = b.getByRole("dialog");
  await dialog.getByText("saved the case greeting meanwhile").waitFor();
  assert.deepEqual(await inputs(), { name: "Grace of a" }, "nothing is overwritten");
  assert.match(await dialog.locator("del").first().innerText(), /Grace/);
  assert.match(await dialog.locator("ins").first().innerText(), /Edsger/);
  assert.deepEqual(await axe(b), []);
  await shoot(b, "race-case");
  await b.keyboard.press("Escape");
  await closed(b);
  assert.equal(await field(b).inputValue(), "Edsger of b", "the typed text stays");
  await b.reload();
  await b.locator("#pane").getByText("Hello Edsger of b").waitFor();
  await store(b).click();
  await dialog.getByRole("button", { name: "Keep mine" }).click();
  await b.getByText("The case greeting is saved.").waitFor();
  assert.deepEqual(await inputs(), { name: "Edsger of b" });

  await field(a).fill("Barbara of a");
  await store(a).click();
  await a.getByRole("dialog").getByRole("button", { name: "Take theirs" }).click();
  await a.locator("#pane").getByText("Hello Edsger of b").waitFor();
  assert.deepEqual(await inputs(), { name: "Edsger of b" });

  // One browser saves a case that the other has deleted.
  await field(a).fill("Ken of a");
  await site.call("DELETE", path);
  await store(a).click();
  await a.getByText("There is no case greeting.").waitFor();
  assert.equal(await field(a).inputValue(), "Ken of a", "the typed text stays");
  await a.getByRole("button", { name: "Save case…" }).click();
  await a.getByRole("dialog").getByLabel("Name", { exact: true }).fill("greeting");
  await a.keyboard.press("Enter");
  await a.getByText("The case greeting is saved.").waitFor();
  assert.deepEqual(await inputs(), { name: "Ken of a" });
  assert.deepEqual([...a.problems, ...b.problems], []);
});

test("two browsers edit a description: changes of different fields both hold, and a changed field is shown before it is replaced", async () => {
  const slug = await prompt();
  await site.call("PATCH", `/v1/prompts/${slug}`, { name: "Before", description: "Of before" });
  const [a, b] = await both(`#/${slug}`);
  for (const page of [a, b]) await describe(page);
  await a.getByLabel("Title").fill("Title of a");
  await save(a);
  await closed(a);
  await b.getByLabel("Description", { exact: true }).fill("Description of b");
  await save(b);
  await closed(b);
  let now = await info(slug);
  assert.deepEqual([now.name, now.description], ["Title of a", "Description of b"]);

  await b.getByText("Title of a").first().waitFor();
  await a.reload();
  await a.getByText("Description of b").first().waitFor();
  for (const page of [a, b]) await describe(page);
  await a.getByLabel("Description", { exact: true }).fill("Description of a");
  await save(a);
  await closed(a);
  await b.getByLabel("Description", { exact: true }).fill("Another of b");
  await save(b);
  await b.getByRole("dialog").getByText("Description of a").waitFor();
  assert.equal((await info(slug)).description, "Description of a", "nothing is overwritten");
  assert.equal(await b.getByLabel("Description", { exact: true }).inputValue(), "Another of b", "the typed text stays");
  assert.deepEqual(await axe(b), []);
  await save(b);
  await closed(b);
  now = await info(slug);
  assert.deepEqual([now.name, now.description], ["Title of a", "Another of b"]);
  assert.deepEqual([...a.problems, ...b.problems], []);
});

test("a description that another changed while the dialog asked for the next key is shown before it is replaced", async () => {
  const slug = await prompt();
  const key = (name) => site.call("POST", "/v1/keys", { role: "write", name });
  const [first, second] = [await key("first"), await key("second")];
  const page = await site.open(`#/${slug}`, { key: first.key });
  await describe(page);
  const description = page.getByLabel("Description", { exact: true });
  await description.fill("Mine");
  await site.call("PATCH", `/v1/prompts/${slug}`, { description: "Theirs" });
  await site.call("DELETE", `/v1/keys/${first.id}`);
  await save(page);
  await page.getByRole("dialog").getByLabel("Key", { exact: true }).fill(second.key);
  await page.keyboard.press("Enter");
  await page.locator(".about").getByText("Theirs").waitFor();
  await save(page);
  await page.getByRole("dialog").locator(".problem").getByText("Theirs").waitFor();
  assert.equal((await info(slug)).description, "Theirs", "nothing is overwritten");
  await save(page);
  await closed(page);
  assert.equal((await info(slug)).description, "Mine");
  assert.deepEqual(page.problems, []);
});

test("labels are shown and edited as JSON; a text that is no object is not saved", async () => {
  const slug = await prompt();
  await site.call("PATCH", `/v1/prompts/${slug}`, { labels: { team: "support", level: 3 } });
  const page = await site.open(`#/${slug}`);
  await page.locator(".about").getByText("level: 3").waitFor();
  await describe(page);
  const labels = page.getByRole("dialog").getByLabel("Labels", { exact: true });
  assert.deepEqual(JSON.parse(await labels.inputValue()), { team: "support", level: 3 });
  for (const text of ['{"team": ', '["team"]']) {
    await labels.fill(text);
    await save(page);
    await page.waitForTimeout(200);
    assert.equal(await labels.inputValue(), text);
    assert.deepEqual((await info(slug)).labels, { team: "support", level: 3 });
  }
  await labels.fill('{"team": "sales"}');
  await save(page);
  await closed(page);
  assert.deepEqual((await info(slug)).labels, { team: "sales" });
  await page.locator(".about").getByText("team: sales").waitFor();
  assert.deepEqual(page.problems, []);
});

test("one browser moves a prompt to another folder while another describes it: the typed text is saved there", async () => {
  const slug = await prompt();
  const [a, b] = await both(`#/${slug}`);
  for (const page of [a, b]) await describe(page);
  await a.getByRole("dialog").getByLabel("Name", { exact: true }).fill(`elsewhere/${slug}`);
  await save(a);
  await a.getByText(`It is called elsewhere/${slug} now.`).waitFor();
  await b.getByLabel("Description", { exact: true }).fill("Typed meanwhile");
  await save(b);
  await b.getByRole("dialog").getByText(`This prompt is called elsewhere/${slug} now.`).waitFor();
  assert.equal(await b.getByLabel("Description", { exact: true }).inputValue(), "Typed meanwhile");
  await b.keyboard.press("Escape");
  await b.getByRole("button", { name: `Go on in elsewhere/${slug}` }).click();
  await b.getByRole("heading", { level: 1, name: `elsewhere/${slug}`, exact: true }).waitFor();
  assert.deepEqual([...a.problems, ...b.problems], []);
});

test("two browsers move a tag: the second sees where it points now, and moves it from there", async () => {
  const slug = await prompt("one");
  for (const content of ["two", "three"]) await site.commit(slug, { messages: [{ role: "user", content }] });
  const [a, b] = await both(`#/${slug}@3?view=move`);
  const where = async () => (await site.call("GET", `/v1/prompts/${slug}/tags/production`)).version;
  for (const page of [a, b]) await page.getByRole("button", { name: "Move production to 3" }).waitFor();
  await a.getByLabel("To version").selectOption("2");
  await a.getByLabel("Reason").fill("first");
  await a.getByRole("button", { name: "Move production to 2" }).click();
  await a.getByText("production is at version 2 now.").waitFor();
  await a.locator(".timeline").getByText("first").waitFor();
  await b.getByLabel("Reason").fill("second");
  await b.getByRole("button", { name: "Move production to 3" }).click();
  await b.getByText("Somebody moved production in this moment").waitFor();
  assert.equal(await where(), 2, "nothing is overwritten");
  assert.equal(await b.getByLabel("Reason").inputValue(), "second", "the typed text stays");
  await b.getByRole("heading", { name: "From 2 to 3" }).waitFor();
  await b.locator(".timeline").getByText("first").waitFor();
  await b.getByRole("button", { name: "Move production to 3" }).click();
  await b.getByText("production is at version 3 now.").waitFor();

  // Rolls back with a reason, from a version that the other browser has not seen.
  await a.getByLabel("Reason").fill("too early");
  await a.getByRole("button", { name: "Roll back to 1" }).click();
  await a.getByText("Somebody moved production in this moment").waitFor();
  assert.equal(await where(), 3);
  await a.getByRole("button", { name: "Roll back to 2" }).click();
  await a.getByText("production is back at version 2.").waitFor();
  await a.locator(".timeline li").first().getByText("rolled back").waitFor();
  await a.locator(".timeline li").first().getByText("too early").waitFor();
  const { moves } = await site.call("GET", `/v1/prompts/${slug}/tags/production/history`);
  assert.deepEqual([moves[0].kind, moves[0].to, moves[0].reason], ["rollback", 2, "too early"]);
  assert.equal(await where(), 2);
  assert.deepEqual([...a.problems, ...b.problems], []);
});

test("Roll back goes where its button says, also after a rollback, a deletion and another's move", async () => {
  const slug = await prompt("one");
  for (const content of ["two", "three"]) await site.commit(slug, { messages: [{ role: "user", content }] });
  const path = `/v1/prompts/${slug}/tags/production`;
  const move = (version) => site.call("PUT", path, { version });
  const page = await site.open(`#/${slug}@3?view=move`);
  const reload = async () => {
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Reload" }).click();
  };
  const back = page.getByRole("button", { name: /^Roll back to / });
  const rollsBack = async (version) => {
    await page.getByRole("button", { name: `Roll back to ${version}`, exact: true }).click();
    await page.locator(".effect", { hasText: `production ${version} →` }).waitFor();
    assert.equal((await site.call("GET", path)).version, version);
  };
  await page.getByRole("button", { name: "Move production to 3" }).waitFor();
  await move(2);
  await move(3);
  await reload();
  await rollsBack(2);
  await move(3);
  await reload();
  await rollsBack(2);
  await move(2);
  await site.call("DELETE", path);
  await move(3);
  await reload();
  await rollsBack(2);
  await rollsBack(1);
  await back.waitFor({ state: "detached" });

  // While the page reads the moves, it offers to undo none.
  await move(2);
  await reload();
  await page.getByRole("button", { name: "Roll back to 1", exact: true }).waitFor();
  const held = [];
  await page.route("**/tags/production/history*", (route) => void held.push(route));
  await move(3);
  await reload();
  await page.locator(".effect", { hasText: "production 3 →" }).waitFor();
  assert.equal(await back.count(), 0);
  await eventually(
    () => held.length,
    (length) => assert.equal(length, 1),
  );
  await held[0].continue();
  await page.getByRole("button", { name: "Roll back to 2", exact: true }).waitFor();
  assert.deepEqual(page.problems, []);
});

test("Enter in the field of a tag moves the tag in the field and no other", async () => {
  const slug = await prompt("one");
  await site.commit(slug, { messages: [{ role: "user", content: "two" }] });
  const page = await site.open(`#/${slug}@2?view=move`);
  await page.getByRole("button", { name: "Move production to 2" }).waitFor();
  const tag = page.getByLabel("Tag", { exact: true });
  await tag.fill("staging");
  await tag.press("Enter");
  await page.getByText("staging is at version 2 now.").waitFor();
  const { tags } = await site.call("GET", `/v1/prompts/${slug}/tags`);
  assert.deepEqual(Object.fromEntries(tags.map(({ tag, version }) => [tag, version])), { production: 1, staging: 2 });
  assert.deepEqual(page.problems, []);
});

/** Holds the answers about the prompt's versions that begin from now on, until what it returns is called. */
async function holdVersions(page) {
  let release;
  const released = new Promise((done) => {
    release = done;
  });
  await page.route("**/versions?*", async (route) => {
    await released;
    await route.continue();
  });
  return release;
}
const theirs = (slug, content = "theirs") => site.commit(slug, { messages: [{ role: "user", content }] });
const versions = async (slug) => (await site.call("GET", `/v1/prompts/${slug}/versions`)).versions.length;

test("a commit that loses a race commits nothing and shows the newer version", async () => {
  const slug = await prompt("one");
  const page = await site.open(`#/${slug}`);
  await fill(page, template(page), "mine");
  await saved(page);
  const looked = page.waitForResponse(/\/versions\?/);
  await page.keyboard.press("Control+s");
  await page.getByText("Changes to version 1").waitFor();
  await looked;
  await theirs(slug);
  await page.getByLabel("What changed, and why").press("Enter");
  await page.getByText("Somebody committed or saved in this moment.").waitFor();
  await page.locator("dialog del", { hasText: "theirs" }).waitFor();
  assert.equal(await versions(slug), 2);
  await page.getByLabel("What changed, and why").press("Enter");
  await page.getByText("Version 3 is committed.").waitFor();
});

test("Enter does not commit on top of a version that came into view while its author typed", async () => {
  const slug = await prompt("one");
  const page = await site.open(`#/${slug}`);
  await fill(page, template(page), "mine");
  await saved(page);
  const message = page.getByLabel("What changed, and why");
  const race = page.getByText("Somebody committed or saved in this moment.");
  for (const when of ["before Enter", "after Enter"]) {
    const release = await holdVersions(page);
    await page.keyboard.press("Control+s");
    await message.fill(`Mine, ${when}`);
    const before = await versions(slug);
    await theirs(slug, `theirs, ${when}`);
    if (when === "after Enter") await message.press("Enter");
    release();
    await page
      .locator("dialog")
      .getByText(`committed version ${before + 1}`)
      .waitFor();
    if (when === "before Enter") {
      assert.equal(await race.count(), 0);
      await message.press("Enter");
    }
    await race.waitFor();
    await page.unroute("**/versions?*");
    assert.equal(await versions(slug), before + 1, when);
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
  }
  await page.keyboard.press("Control+s");
  await message.press("Enter");
  await page.getByText("Version 4 is committed.").waitFor();
  assert.deepEqual(page.problems, []);
});

/** Tells the page that a person has come back to it from another tab. */
const comeBack = (page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

test("a draft that its author committed in one browser is not saved again by another", async () => {
  const slug = await prompt("one");
  const [a, b] = await both(`#/${slug}`);
  await fill(a, template(a), "committed by a");
  await saved(a);
  await b.reload();
  await b.locator(".cm-line", { hasText: "committed by a" }).waitFor();
  await a.keyboard.press("Control+s");
  await a.getByLabel("What changed, and why").press("Enter");
  await a.getByText("Version 2 is committed.").waitFor();
  await comeBack(b);
  await b.getByText("This draft was committed or thrown away elsewhere.").waitFor();
  await b.waitForTimeout(1_000);
  assert.deepEqual((await site.call("GET", `/v1/prompts/${slug}/drafts`)).drafts, []);
  await b.getByRole("button", { name: "Undo" }).click();
  await saved(b);
  assert.equal((await site.call("GET", `/v1/prompts/${slug}/draft`)).messages[0].content, "committed by a");
  assert.deepEqual([...a.problems, ...b.problems], []);
});

test("unfinished JSON stays when another browser saves the draft or shows it", async () => {
  const slug = await prompt("one");
  const [a, b] = await both(`#/${slug}?tab=json`);
  const json = (page) => page.getByLabel("The whole document, as JSON");
  await json(a).waitFor();
  await json(b).waitFor();
  const half = '{ "messages": [{ "role": "user", "content": "ha';
  await fill(b, json(b), half);
  await b.getByText("No JSON yet; kept in this browser").waitFor();
  await go(a, `#/${slug}`);
  await fill(a, template(a), "two");
  await saved(a);
  // The draft is the same as B's starting point, so only B's half-typed JSON differs from it.
  await fill(a, template(a), "one");
  await saved(a);
  await comeBack(b);
  await b.waitForTimeout(500);
  assert.equal(await json(b).innerText(), half);
  assert.deepEqual([...a.problems, ...b.problems], []);
});
