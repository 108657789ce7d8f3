// Two browsers act at random on one prompt: in any order of actions no typed text is lost unless its author discards
// it, and both pages show the store's state at the end.
import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../eventually.mjs";
import { PATIENCE, fill, go, studioOfFile, template } from "./studio.mjs";

const site = studioOfFile();

/** Pseudo-random numbers that are the same for the same seed. */
function randomOf(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SEEDS = (process.env.SEEDS ?? "1,2").split(",").map(Number);
const STEPS = Number(process.env.STEPS ?? 25);

const visible = (locator) => locator.first().isVisible();
const dialog = (page) => page.getByRole("dialog");

for (const seed of SEEDS)
  test(`two browsers act at random on one prompt, seed ${seed}`, async () => {
    const random = randomOf(seed);
    const slug = `together/p${seed}`;
    await site.commit(slug, { messages: [{ role: "user", content: "begin" }] });
    const pages = [await site.open(`#/${slug}`), await site.open(`#/${slug}`)];
    for (const page of pages) await template(page).waitFor();
    /** The last text that each browser typed, until its author commits it, takes the other's text, or discards it. */
    const typed = [undefined, undefined];
    const log = [];
    let count = 0;

    const read = async (path) => {
      const response = await fetch(`${site.worker.url}/v1/prompts/${slug}${path}`, {
        headers: { Authorization: `Bearer ${site.worker.key}` },
      });
      return response.ok ? response.json() : undefined;
    };
    /** Waits until the page has saved, or for as long as one that cannot save is given. */
    const settled = async (page, timeout = 3_000) => {
      await page.locator(".awaited").waitFor({ state: "detached" });
      const hasSaved = () => !["changed", "saving"].some((state) => document.querySelector(`.head .state.${state}`));
      await page.waitForFunction(hasSaved, undefined, { timeout }).catch(() => undefined);
    };
    const menu = async (page, name) => {
      const more = page.getByRole("button", { name: "More", exact: true });
      if (!(await visible(more))) return false;
      await more.click();
      const item = page.getByRole("menuitem", { name });
      if (await visible(item)) {
        await item.click();
        return true;
      }
      await page.keyboard.press("Escape");
      return false;
    };
    const press = async (page, name) => {
      const button = page.getByRole("button", { name, exact: true });
      if (!(await visible(button))) return false;
      await button.first().click();
      return true;
    };

    const ACTIONS = {
      async edit(page, at) {
        if (!(await visible(template(page))) || (await template(page).getAttribute("contenteditable")) === "false")
          return;
        typed[at] = `text ${++count} of ${"ab"[at]}`;
        await fill(page, template(page), typed[at]);
      },
      async editOn(page, at) {
        // The second edit does not wait for the first to be saved.
        await ACTIONS.edit(page, at);
        await ACTIONS.edit(page, at);
      },
      settle: (page) => settled(page),
      async commit(page, at) {
        await page.keyboard.press("Control+s");
        if (!(await visible(dialog(page)))) return;
        await page.waitForTimeout(150);
        await page.getByLabel("What changed, and why").press("Enter");
        await page
          .waitForFunction(
            () => !document.querySelector("dialog[open]") || document.querySelector("dialog footer .problem"),
          )
          .catch(() => undefined);
        if (await visible(dialog(page))) await page.keyboard.press("Escape");
        else typed[at] = undefined;
      },
      async reload(page) {
        await page.reload();
        await page.locator("h1, .empty").first().waitFor();
      },
      async look(page) {
        await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      },
      async throwAway(page, at) {
        await settled(page);
        if (await menu(page, "Throw the draft away…")) {
          await dialog(page).getByRole("button", { name: "Throw away" }).click();
          await dialog(page)
            .waitFor({ state: "detached", timeout: 3_000 })
            .catch(() => page.keyboard.press("Escape"));
          typed[at] = undefined;
        }
      },
      async remove(page) {
        if (random(3) > 0 || !(await menu(page, "Delete…"))) return;
        await dialog(page).getByRole("button", { name: "Delete", exact: true }).click();
        await dialog(page)
          .waitFor({ state: "detached", timeout: 3_000 })
          .catch(() => page.keyboard.press("Escape"));
        await go(page, `#/${slug}`);
      },
      async restore(page) {
        if ((await press(page, "Restore it")) || (await press(page, "Restore"))) await settled(page);
      },
      async move() {
        const versions = (await read("/versions"))?.versions ?? [];
        if (versions.length > 0)
          await site.call("PUT", `/v1/prompts/${slug}/tags/production`, {
            version: versions[random(versions.length)].version,
          });
      },
      async keepMine(page) {
        await press(page, "Keep mine");
      },
      async takeTheirs(page, at) {
        if (await press(page, "Take theirs")) typed[at] = undefined;
      },
    };
    const names = Object.keys(ACTIONS);

    /** All places that keep text: versions, drafts, the pages, and the browsers' storage. */
    const everywhere = async () => {
      const parts = [];
      for (const page of pages) {
        parts.push(await page.locator("body").innerText());
        parts.push(await page.evaluate(() => JSON.stringify({ ...localStorage })));
      }
      for (const path of ["/versions", "/draft", "/drafts"]) parts.push(JSON.stringify((await read(path)) ?? ""));
      return parts.join("\n");
    };

    for (let step = 0; step < STEPS; step++) {
      const at = random(2);
      const name = names[random(names.length)];
      log.push(`${"ab"[at]} ${name}`);
      await ACTIONS[name](pages[at], at);
      // A text can move from a place that is not yet read to one that is: the next look finds it.
      await eventually(everywhere, (all) => {
        for (const text of typed)
          if (text !== undefined) assert.ok(all.includes(text), `${text} is lost after: ${log.join(", ")}`);
      });
      assert.deepEqual([...pages[0].problems, ...pages[1].problems], [], log.join(", "));
    }

    assert.ok(count >= 2, `only ${count} texts were typed`);
    // The prompt is restored, and each browser resolves its conflict with the other.
    await fetch(`${site.worker.url}/v1/prompts/${slug}/restore`, {
      method: "POST",
      headers: { Authorization: `Bearer ${site.worker.key}` },
    });
    for (const page of [...pages, ...pages]) {
      await page.reload();
      await page.locator("h1").waitFor();
      await settled(page);
      if (await press(page, "Keep mine")) await settled(page, PATIENCE);
    }
    for (const page of pages) {
      await go(page, `#/${slug}`);
      await page.reload();
      await template(page).waitFor();
      await settled(page, PATIENCE);
    }
    const draft = await read("/draft");
    const production = await read("?tag=production");
    const expected = (draft ?? production).messages[0].content;
    const last = pages[1];
    assert.equal((await template(last).innerText()).trim(), expected, log.join(", "));
    assert.deepEqual([...pages[0].problems, ...pages[1].problems], [], log.join(", "));
  });
