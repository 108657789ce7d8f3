// Opens the studio in Chromium, on a real Worker and its store.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, afterEach, before } from "node:test";
import { fileURLToPath } from "node:url";

import { startUpstream } from "../run/upstream.mjs";
import { start } from "../workerd.mjs";
import { launch } from "./chromium.mjs";

export const shots = process.env.SCREENSHOTS ?? fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
mkdirSync(shots, { recursive: true });

/** Milliseconds that the page may take to show something on a busy machine. */
export const PATIENCE = 30_000;

/** Starts a Worker and a browser, and returns helpers for both; `close` ends them. */
export async function studio(options = {}) {
  const worker = await start(options);
  const browser = await launch();
  const contexts = new Set();

  const call = async (method, path, body, headers = {}) => {
    const response = await fetch(worker.url + path, {
      method,
      headers: { Authorization: `Bearer ${headers.key ?? worker.key}`, "Content-Type": "application/json", ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : undefined;
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return answer;
  };

  /**
   * Opens a page in a browser context of its own, with the key and then at `hash`. `page.problems` collects its errors.
   */
  const open = async (hash = "#/", { key = worker.key, context: given, ...options } = {}) => {
    const context = given ?? (await browser.newContext({ viewport: { width: 1300, height: 900 }, ...options }));
    contexts.add(context);
    const page = await context.newPage();
    page.problems = [];
    page.setDefaultTimeout(PATIENCE);
    page.on("dialog", (dialog) => {
      page.problems.push(`dialog: ${dialog.message()}`);
      void dialog.accept();
    });
    page.on("pageerror", (error) => page.problems.push(error.stack ?? error.message));
    page.on("console", (message) => {
      const text = message.text();
      if (/Content Security Policy|Trusted/.test(text)) page.problems.push(text);
    });
    await page.goto(`${worker.url}/#key=${key}`);
    await page.locator(".rail-head").waitFor({ state: "attached" });
    if (hash !== "#/") await go(page, hash);
    return page;
  };

  return {
    worker,
    browser,
    call,
    open,
    commit: (slug, body) => call("POST", `/v1/prompts/${slug}/versions`, body),
    /** Closes the browser contexts that a test opened. */
    async tidy() {
      for (const context of contexts) await context.close();
      contexts.clear();
    },
    async close() {
      await browser.close();
      await worker.stop();
    },
  };
}

/**
 * The studio of a test file: it starts before the tests, is tidied after each, and closes at the end.
 *
 * @param {object} [options] of {@link studio}
 * @param {(site: object) => Promise<void>} [prepare] runs once the studio is there; a `before` of its own would not
 *   wait for it
 */
export function studioOfFile(options, prepare) {
  const site = {};
  before(async () => {
    Object.assign(site, await studio(options));
    await prepare?.(site);
  });
  after(() => site.close?.());
  afterEach(() => site.tidy());
  return site;
}

/** The studio of a test file with a connection to a model API, `site.upstream`. */
export function studioWithModel() {
  const site = studioOfFile({ vars: { UPSTREAM_TEST: "sk-test" } }, async (site) => {
    site.upstream = await startUpstream();
    await site.call("PUT", "/v1/connections/test", {
      kind: "openai_chat",
      baseUrl: site.upstream.url,
      secret: "UPSTREAM_TEST",
      default: true,
    });
  });
  after(() => site.upstream?.close());
  return site;
}

/** Takes a screenshot without Playwright's own style, which the page's policy would refuse. */
export const shoot = (page, name) => page.screenshot({ path: `${shots}/${name}.png`, caret: "initial" });

export async function go(page, hash) {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
}

/** The editor of a message; `number` counts from 1. */
export const template = (page, number = 1) => page.getByLabel(`Template of message ${number}`, { exact: true });

/** Replaces the whole text of an editor by typing. */
export async function fill(page, editor, text) {
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("Delete");
  if (text) await page.keyboard.insertText(text);
}

/** Waits until the preview shows exactly these messages, or the first `count` of them. */
export async function rendered(page, expected, count = expected.length) {
  const shown = (n) =>
    [...document.querySelectorAll('#pane [data-state="current"] > .message')]
      .slice(0, n)
      .map((message) => [...message.querySelectorAll(":scope > pre")].map((pre) => pre.textContent).join("\n"));
  const want = JSON.stringify(expected);
  await page
    .waitForFunction(
      ([wanted, n]) =>
        JSON.stringify(
          [...document.querySelectorAll('#pane [data-state="current"] > .message')]
            .slice(0, n)
            .map((message) => [...message.querySelectorAll(":scope > pre")].map((pre) => pre.textContent).join("\n")),
        ) === wanted,
      [want, count],
    )
    .catch(async () => {
      await shoot(page, "failed");
      const pane = await page.locator("#pane").innerText();
      assert.deepEqual(
        await page.evaluate(shown, count),
        expected,
        `see target/screenshots/failed.png; the pane says: ${pane}`,
      );
    });
  assert.deepEqual(page.problems, []);
}

/** Findings of axe-core, which the test evaluates from outside, as the page's policy allows no foreign script. */
export async function axe(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    const { default: axe } = await import("axe-core");
    await page.evaluate(`${axe.source}; 0`);
  }
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run({ resultTypes: ["violations"] });
    const html = (nodes) => nodes.map((node) => node.html.slice(0, 200)).slice(0, 3);
    return violations.map(({ id, nodes }) => `${id}: ${html(nodes).join(" | ")}`);
  });
}

export const saved = (page) => page.getByText("Draft saved", { exact: true }).waitFor();
