// The keyboard alone: Tab reaches every control, Enter works it, and the focus then stays in the page.
import assert from "node:assert/strict";
import { test } from "node:test";

import { PATIENCE, fill, go, saved, studioWithModel, template } from "./studio.mjs";

const site = studioWithModel();

let count = 0;
async function prompt(more = {}) {
  const slug = `keys/p${++count}`;
  const message = (content) => ({ role: "user", content });
  await site.commit(slug, { messages: [message("Hello {{ name }}"), message("two")], ...more });
  await site.commit(slug, { messages: [message("Hi {{ name }}"), message("two")], ...more });
  return slug;
}

/** The focused element: its name, its markup, and whether a person can see that it has the focus. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(" ");
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
      name: (element.ariaLabel || labels || element.textContent || "").replace(/\s+/g, " ").trim().slice(0, 80),
      isBody: element === document.body,
      hasRing: outlineStyle !== "none" && outlineWidth !== "0px",
      isInView: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
      html: element.cloneNode().outerHTML.slice(0, 120),
    };
  });

/** Elements that show their focus without an outline of their own. */
const RINGLESS = /cm-content|id="main"|<dialog|combobox|id="tree"/;

function hands(page) {
  const broken = [];
  /** Presses Tab until the element of this name has the focus. */
  const tabTo = async (name) => {
    const passed = [];
    for (let at = 0; at < 150; at++) {
      const now = await focused(page);
      const isIt = typeof name === "string" ? now.name === name : name.test(now.name);
      if (isIt) {
        if (!now.hasRing && !RINGLESS.test(now.html)) broken.push(`${name}: its focus cannot be seen: ${now.html}`);
        if (!now.isInView) broken.push(`${name}: it is out of sight`);
        return;
      }
      passed.push(now.name);
      await page.keyboard.press("Tab");
    }
    assert.fail(`${name} is not reached: ${passed.join(" | ")}`);
  };
  /** Notes a fault if the page has no focus after all requests have ended. */
  const check = async (what) => {
    await page.locator(".awaited").waitFor({ state: "detached" });
    await page.waitForTimeout(80);
    // A busy machine draws late, so the check waits.
    await page
      .waitForFunction(() => document.activeElement !== document.body, undefined, { timeout: PATIENCE })
      .catch(() => broken.push(`after ${what} the focus is lost`));
  };
  const press = async (key, what = key) => {
    await page.keyboard.press(key);
    await check(what);
  };
  const use = async (name, key = "Enter") => {
    await tabTo(name);
    await press(key, name);
  };
  return { broken, tabTo, check, press, use };
}

test("the parts of a prompt", async () => {
  const slug = await prompt();
  const page = await site.open();
  await page.getByRole("treeitem").first().waitFor();
  const { broken, press, use, check, tabTo } = hands(page);
  await press("/");
  await page.keyboard.type(slug.split("/")[1]);
  await press("ArrowDown");
  await press("End");
  await press("Enter");
  await template(page).waitFor();
  await check("opening a prompt");

  await use("Add a message");
  await page.keyboard.type("three");
  await use("Move message 3 up (Alt ↑)");
  await use("Remove message 2");
  await use("Undo");
  await use("Add an image to message 1");
  await use(/^Remove: Part 2 of message 1/);
  await use("Add a placeholder");
  await use("Remove message 4");
  await use("Origins");
  await tabTo("Messages");
  for (const part of ["Inputs", "Outputs", "Examples", "Model", "Tools", "JSON"]) {
    await press("ArrowRight", part);
    assert.match((await focused(page)).name, new RegExp(`^${part}`));
  }
  await go(page, `#/${slug}@draft?tab=inputs`);
  await use("Declare them");
  await use("Add an input");
  await use(/^Remove input_2|^Remove input|^Remove name_2/);
  await use("Remove name");
  await use("Undo");
  await go(page, `#/${slug}@draft?tab=outputs`);
  await use("Add an output");
  await use(/^Remove /);
  await go(page, `#/${slug}@draft?tab=examples`);
  await use("Begin the table");
  await use("Add a row");
  await use("Add a column");
  await use(/^Remove the column column_/);
  await use("Remove row 1");
  await use("Remove row 1");
  await use("Undo");
  await go(page, `#/${slug}@draft?tab=model`);
  await tabTo("Another parameter");
  await page.keyboard.type("topK");
  await use("Add");
  await use("Remove topK");
  await go(page, `#/${slug}@draft?tab=tools`);
  await use("Add a tool");
  await use(/^Remove /);
  await saved(page);
  assert.deepEqual(broken, []);
  assert.deepEqual(page.problems, []);
});

test("dialogs, cases and the actions on a prompt", async () => {
  const slug = await prompt();
  const page = await site.open(`#/${slug}`);
  await template(page).waitFor();
  const { broken, press, use, check, tabTo } = hands(page);
  const menu = async (name) => {
    await use("More");
    for (let at = 0; at < 12 && (await focused(page)).name !== name; at++) await page.keyboard.press("ArrowDown");
    await press("Enter", name);
  };
  await use("Save case…");
  await page.keyboard.type("first");
  await press("Enter", "saving a case");
  await page.getByText("The case first is saved.").waitFor();
  await use("Delete the case first");
  await use("Undo");
  await use("JSON");
  await press("Escape");
  await use("From a run…");
  await use("Close");
  for (const [name, leave] of [
    ["Name, description, sharing…", "Escape"],
    ["Duplicate…", "Escape"],
  ]) {
    await menu(name);
    await press(leave, `leaving ${name}`);
    assert.equal((await focused(page)).name, "More", name);
  }
  await menu("Name, description, sharing…");
  await page.keyboard.type("Titled");
  await press("Enter", "saving a title");
  await page.locator(".about", { hasText: "Titled" }).waitFor();
  await menu("Reload");
  await fill(page, template(page), "changed {{ name }}");
  await saved(page);
  await press("Control+s", "asking to commit");
  await press("Escape", "leaving a commit");
  await press("Control+s", "asking to commit");
  await page.keyboard.type("why");
  await press("Enter", "committing");
  await page.getByText("Version 3 is committed.").waitFor();
  await check("committing");
  await fill(page, template(page), "changed again {{ name }}");
  await saved(page);
  await menu("Throw the draft away…");
  await press("Enter", "throwing the draft away");
  await page.getByText("The draft is gone.").waitFor();
  await check("throwing the draft away");
  await press("Control+k", "the palette");
  await press("Escape", "leaving the palette");
  await press("Control+k", "the palette");
  await page.keyboard.type("Show: History");
  await press("Enter", "the palette's choice");
  await page.getByText("What the model sees").waitFor();
  await menu("Delete…");
  await press("Enter", "deleting");
  await page.getByText("is deleted.").waitFor();
  await check("deleting");
  await use("Restore");
  await page.getByRole("heading", { level: 1, name: slug, exact: true }).waitFor();
  await check("restoring");
  await menu("Duplicate…");
  await page.keyboard.type("-twin");
  await press("Enter", "duplicating");
  await page.getByText("is made.").waitFor();
  await check("duplicating");
  await tabTo(/^This session/);
  await press("Enter", "the session's dialog");
  await press("Escape", "leaving the session's dialog");
  assert.deepEqual(broken, []);
  assert.deepEqual(page.problems, []);
});

test("run, comparison, history and moves", async () => {
  const slug = await prompt({ model: "slow" });
  const page = await site.open(`#/${slug}`);
  await template(page).waitFor();
  const { broken, press, use, check, tabTo } = hands(page);
  await use("Run");
  await use(/^Run Ctrl/);
  await page.locator(".answer pre", { hasText: "0 1" }).waitFor();
  await use(/^Stop Esc/);
  await page.getByText("stopped", { exact: true }).waitFor();
  await check("stopping");
  await use("Compare");
  await use("Add a column");
  await use("Remove column 3");
  await use("Run all");
  await page.locator(".compare-table .answer").first().waitFor();
  await use(/^Stop all/);
  await page.getByRole("button", { name: "Run all" }).waitFor();
  await check("stopping all");
  await use("History");
  await page.getByText("What the model sees").waitFor();
  await tabTo(/^from 2|^from 1/);
  await press("ArrowDown", "another version");
  await use("Edit from here, version 1");
  await template(page).waitFor();
  await check("editing from an old version");
  await go(page, `#/${slug}@2?view=move`);
  await tabTo("Reason");
  await page.keyboard.type("better");
  await use("Move production to 2");
  await page.getByText("production is at version 2 now.").waitFor();
  await check("moving");
  await use("Roll back to 1");
  await page.getByText("production is back at version 1.").waitFor();
  await check("rolling back");
  assert.deepEqual(broken, []);
  assert.deepEqual(page.problems, []);
});

test("two drafts, a failed save and other banners", async () => {
  const slug = await prompt();
  const [a, b] = [await site.open(`#/${slug}`), await site.open(`#/${slug}`)];
  await template(b).waitFor();
  const { broken, press, use, check } = hands(b);
  for (const [round, choice] of ["Keep mine", "Take theirs"].entries()) {
    await a.reload();
    await fill(a, template(a), `of a ${round}`);
    await saved(a);
    await fill(b, template(b), `of b ${round}`);
    await b.getByText("saved this draft elsewhere").waitFor();
    await use(choice);
    await saved(b);
    await check(choice);
  }
  await use("Undo");
  await saved(b);
  await b.route("**/draft*", (route) => (route.request().method() === "PUT" ? route.abort() : route.continue()));
  await fill(b, template(b), "while it is away");
  await b.getByText("The draft is not saved on the server").waitFor();
  await b.unroute("**/draft*");
  await use("Try again");
  await saved(b);
  await check("saving again");
  await go(b, `#/${slug}@1`);
  await use("Put it into my draft");
  await check("an old version in the draft");
  await go(b, `#/${slug}-none`);
  await use("Begin this prompt");
  await press("Enter", "beginning a prompt");
  await template(b).waitFor();
  await check("beginning a prompt");
  assert.deepEqual(broken, []);
  assert.deepEqual([...a.problems, ...b.problems], []);
});

test("keys, projects, connections, the audit log, deleted prompts", async () => {
  const gone = await prompt();
  await site.call("DELETE", `/v1/prompts/${gone}`);
  const page = await site.open("#/");
  const { broken, press, use, check, tabTo } = hands(page);
  await use("Settings");
  await page.getByText("this session", { exact: true }).waitFor();
  await tabTo("Name");
  await page.keyboard.type("by-hand");
  await use("Make a key");
  await page.getByText("Copy it now").waitFor();
  await use("Copy");
  await use("Dismiss");
  await use(/Limits of by-hand/);
  await press("Escape", "leaving limits");
  await use("Revoke by-hand");
  await press("Enter", "revoking");
  await page.getByText("by-hand is revoked.").waitFor();
  await check("revoking");
  await use("Projects");
  await tabTo("Project");
  await page.keyboard.type("by-hand");
  await use("Make a project");
  await page.getByText("The project by-hand is made.").waitFor();
  await check("making a project");
  await tabTo("Name of by-hand");
  await page.keyboard.type("By hand");
  await press("Tab", "a project's name");
  await page.getByText("Saved.", { exact: true }).waitFor();
  await use("Delete");
  await page.getByText("The project by-hand is deleted").waitFor();
  await check("deleting a project");
  await use("Restore");
  await page.getByText("The project by-hand is back.").waitFor();
  await check("restoring a project");
  await use("Connections");
  await page.getByRole("button", { name: "Edit test" }).waitFor();
  await use("Edit test");
  await use("Cancel");
  await use("Edit test");
  await use("Save the connection");
  await page.getByText("The connection test is saved.").waitFor();
  await check("saving a connection");
  await use("Remove test");
  await page.getByText("The connection test is removed.").waitFor();
  await check("removing a connection");
  await use("Undo");
  await page.getByRole("button", { name: "Remove test" }).waitFor();
  await check("bringing a connection back");
  await use("Audit log");
  await page.locator("main table").waitFor();
  await use("Deleted prompts");
  await use("Restore");
  await page.getByRole("heading", { level: 1, name: gone, exact: true }).waitFor();
  await check("restoring a prompt");
  assert.deepEqual(broken, []);
  assert.deepEqual(page.problems, []);
});

test("single-letter shortcuts can be switched off, and stay off", async () => {
  const slug = await prompt();
  const page = await site.open(`#/${slug}@latest`);
  await template(page).waitFor();
  const { broken, press, use } = hands(page);
  const isNewOpen = () => page.getByRole("dialog", { name: "New prompt" }).isVisible();
  const view = () => new URLSearchParams(new URL(page.url()).hash.split("?")[1]).get("view");
  const focusPage = () => page.locator("#main").focus();
  await focusPage();
  await press("4");
  assert.equal(view(), "history");
  await press("n");
  assert.ok(await isNewOpen());
  await press("Escape");

  await use(/^This session/);
  await use(/^Keys of one letter/, "Space");
  await press("Enter", "keeping it");
  for (const when of ["at once", "after a reload"]) {
    await focusPage();
    for (const key of ["1", "n", "/"]) await press(key, `${key} ${when}`);
    assert.equal(view(), "history", when);
    assert.equal(await isNewOpen(), false, when);
    assert.equal((await focused(page)).html.includes('id="main"'), true, when);
    await press("Control+k");
    await page.getByRole("dialog").waitFor();
    await press("Escape");
    await page.reload();
    await page.getByText("What the model sees").waitFor();
  }
  assert.deepEqual(broken, []);
  assert.deepEqual(page.problems, []);
});
