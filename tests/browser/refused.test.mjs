// Every change that the page requests, with every answer that a server or a proxy before it may give.
import assert from "node:assert/strict";
import { test } from "node:test";

import { PATIENCE, fill, saved, shoot, studioOfFile, template } from "./studio.mjs";

const site = studioOfFile();

const TOLD = "no, on purpose";
const problem = (status, code) => ({
  status,
  contentType: "application/problem+json",
  body: JSON.stringify({ type: `urn:cuecard:error:${code}`, title: "No", status, code, detail: `${TOLD} (${status})` }),
});

/** Each answer by name, with the text that the page shows for it. */
const ANSWERS = {
  400: [problem(400, "body_invalid"), `${TOLD} (400)`],
  401: [problem(401, "unauthorized"), `${TOLD} (401)`],
  403: [problem(403, "role_required"), `${TOLD} (403)`],
  404: [problem(404, "prompt_not_found"), `${TOLD} (404)`],
  409: [problem(409, "slug_taken"), `${TOLD} (409)`],
  412: [problem(412, "precondition_failed"), /./],
  413: [problem(413, "body_too_large"), `${TOLD} (413)`],
  422: [problem(422, "template_invalid"), `${TOLD} (422)`],
  429: [{ ...problem(429, "rate_limited"), headers: { "Retry-After": "7" } }, "It may succeed in 7 seconds."],
  500: [problem(500, "internal"), `${TOLD} (500)`],
  503: [problem(503, "unavailable"), `${TOLD} (503)`],
  "an HTML page of 502": [
    { status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" },
    "The server answers with 502",
  ],
  "an HTML page of 200": [
    { status: 200, contentType: "text/html", body: "<h1>Sign in</h1>" },
    "What answers is not the server",
  ],
  "an empty 500": [{ status: 500, body: "" }, "The server answers with 500"],
  "an empty 200": [{ status: 200, body: "" }, "What answers is not the server"],
  null: [{ status: 200, contentType: "application/json", body: "null" }, "What answers is not the server"],
  "a cut connection": [undefined, "The server does not answer"],
};

/** Answers that do not apply to a deletion, whose answer has no body. */
const NO_BODY = ["an HTML page of 200", "an empty 200", "null"];

let count = 0;
const dialog = (page) => page.getByRole("dialog");
const menu = async (page, name) => {
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name }).click();
  await dialog(page).waitFor();
};
const button = (page, name) => page.getByRole("button", { name, exact: true });
const named = (page) => dialog(page).getByLabel("Name", { exact: true });

/**
 * Each change: its page, its preparation, the button that sends it, the request, a field whose typed text must stay,
 * and the sign that it succeeded in the end.
 */
const WRITES = [
  {
    name: "commit",
    at: (slug) => `#/${slug}`,
    async prepare(page) {
      await fill(page, template(page), "two");
      await saved(page);
      await page.keyboard.press("Control+s");
      await page.getByText("Changes to version 1").waitFor();
      await page.getByLabel("What changed, and why").fill("typed");
    },
    ask: (page) => button(page, "Commit"),
    request: ["POST", "/draft/commit"],
    typed: (page) => page.getByLabel("What changed, and why"),
    done: "Version 2 is committed.",
  },
  {
    name: "move",
    at: (slug) => `#/${slug}@1?view=move&to=staging`,
    prepare: (page) => page.getByLabel("Reason").fill("typed"),
    ask: (page) => page.getByRole("button", { name: /(Make|Move) staging/ }),
    request: ["PUT", "/tags/staging"],
    typed: (page) => page.getByLabel("Reason"),
    done: "staging is at version 1 now.",
  },
  {
    name: "describe",
    at: (slug) => `#/${slug}`,
    async prepare(page) {
      await menu(page, "Name, description, sharing…");
      await page.getByLabel("Description", { exact: true }).fill("typed");
    },
    ask: (page) => dialog(page).getByRole("button", { name: "Save", exact: true }),
    request: ["PATCH", "/v1/prompts/"],
    typed: (page) => page.getByLabel("Description", { exact: true }),
    done: "typed",
  },
  {
    name: "duplicate",
    at: (slug) => `#/${slug}`,
    async prepare(page, slug) {
      await menu(page, "Duplicate…");
      await named(page).fill(`${slug}-typed`);
    },
    ask: (page) => dialog(page).getByRole("button", { name: "Duplicate", exact: true }),
    request: ["POST", "/duplicate"],
    typed: named,
    done: "is made.",
  },
  {
    name: "delete",
    at: (slug) => `#/${slug}`,
    prepare: (page) => menu(page, "Delete…"),
    ask: (page) => dialog(page).getByRole("button", { name: "Delete", exact: true }),
    request: ["DELETE", "/v1/prompts/"],
    done: "is deleted.",
  },
  {
    name: "throw the draft away",
    at: (slug) => `#/${slug}`,
    async prepare(page) {
      await fill(page, template(page), "typed");
      await saved(page);
      await menu(page, "Throw the draft away…");
    },
    ask: (page) => dialog(page).getByRole("button", { name: "Throw away", exact: true }),
    request: ["DELETE", "/draft"],
    // The draft is gone already, as the request asked for.
    but: ["404"],
    done: "The draft is gone.",
  },
  {
    name: "restore",
    first: (slug) => site.call("DELETE", `/v1/prompts/${slug}`),
    at: () => "#/?view=deleted",
    ask: (page, slug) => page.locator("li", { hasText: slug }).getByRole("button", { name: "Restore", exact: true }),
    request: ["POST", "/restore"],
    done: "is back.",
  },
  {
    name: "make a case",
    at: (slug) => `#/${slug}`,
    async prepare(page) {
      await button(page, "Save case…").click();
      await named(page).fill("typed");
    },
    ask: (page) => dialog(page).getByRole("button", { name: "Save", exact: true }),
    request: ["PUT", "/cases/typed"],
    typed: named,
    done: "The case typed is saved.",
  },
  {
    name: "save a case",
    first: (slug) => site.call("PUT", `/v1/prompts/${slug}/cases/one`, { inputs: { name: "Ada" } }),
    at: (slug) => `#/${slug}?case=one`,
    prepare: (page) => page.getByLabel("name any", { exact: true }).fill("typed"),
    ask: (page) => page.locator(".case-bar").getByRole("button", { name: "Save", exact: true }),
    request: ["PUT", "/cases/one"],
    typed: (page) => page.getByLabel("name any", { exact: true }),
    // A dialog shows this one with both values in view; race.test.mjs tests it.
    but: ["412"],
    done: "The case one is saved.",
  },
  {
    name: "delete a case",
    first: (slug) => site.call("PUT", `/v1/prompts/${slug}/cases/one`, { inputs: { name: "Ada" } }),
    at: (slug) => `#/${slug}?case=one`,
    ask: (page) => button(page, "Delete the case one"),
    request: ["DELETE", "/cases/one"],
    but: ["412"],
    done: "The case one is deleted.",
  },
  {
    name: "make a key",
    at: () => "#/?view=keys",
    prepare: (page, slug) => page.getByLabel("Name", { exact: true }).fill(`key of ${slug}`),
    ask: (page) => button(page, "Make a key"),
    request: ["POST", "/v1/keys"],
    typed: (page) => page.getByLabel("Name", { exact: true }),
    done: "Copy it now",
  },
  {
    name: "revoke a key",
    first: (slug) => site.call("POST", "/v1/keys", { role: "read", name: slug }),
    at: () => "#/?view=keys",
    prepare: (page, slug) => button(page, `Revoke ${slug}`).click(),
    ask: (page) => dialog(page).getByRole("button", { name: "Revoke", exact: true }),
    request: ["DELETE", "/v1/keys/"],
    done: "is revoked.",
  },
  {
    name: "limit a key",
    first: (slug) => site.call("POST", "/v1/keys", { role: "read", name: slug }),
    at: () => "#/?view=keys",
    async prepare(page, slug) {
      await page.getByRole("button", { name: `Limits of ${slug}` }).click();
      await dialog(page).getByLabel("Runs a minute").fill("7");
    },
    ask: (page) => dialog(page).getByRole("button", { name: "Save", exact: true }),
    request: ["PATCH", "/v1/keys/"],
    typed: (page) => dialog(page).getByLabel("Runs a minute"),
    done: "Saved.",
  },
  {
    name: "make a connection",
    at: () => "#/?view=connections",
    async prepare(page, slug) {
      await page.getByLabel("Name", { exact: true }).fill(slug.replace("/", "-"));
      await page.getByLabel("Address").fill("https://typed.example/v1");
    },
    ask: (page) => button(page, "Save the connection"),
    request: ["PUT", "/v1/connections/"],
    typed: (page) => page.getByLabel("Address"),
    done: "is saved.",
  },
  {
    name: "remove a connection",
    first: (slug) =>
      site.call("PUT", `/v1/connections/${slug.replace("/", "-")}`, {
        kind: "openai_chat",
        baseUrl: "https://gone.example/v1",
      }),
    at: () => "#/?view=connections",
    ask: (page, slug) => button(page, `Remove ${slug.replace("/", "-")}`),
    request: ["DELETE", "/v1/connections/"],
    done: "is removed.",
  },
  {
    name: "roll back",
    async first(slug) {
      await site.commit(slug, { messages: [{ role: "user", content: "two" }] });
      await site.call("PUT", `/v1/prompts/${slug}/tags/production`, { version: 2 });
    },
    at: (slug) => `#/${slug}@2?view=move`,
    prepare: (page) => page.getByLabel("Reason").fill("typed"),
    ask: (page) => button(page, "Roll back to 1"),
    request: ["POST", "/rollback"],
    typed: (page) => page.getByLabel("Reason"),
    done: "production is back at version 1.",
  },
  {
    name: "make a project",
    at: () => "#/?view=projects",
    prepare: (page, slug) =>
      page.locator("main form").getByLabel("Project", { exact: true }).fill(slug.replace("/", "-")),
    ask: (page) => button(page, "Make a project"),
    request: ["POST", "/v1/projects"],
    typed: (page) => page.locator("main form").getByLabel("Project", { exact: true }),
    done: "is made.",
  },
];

/** The message that the page shows, in the dialog if one is open. */
async function told(page, words) {
  const open = dialog(page);
  const place = (await open.count()) ? open.last() : page.locator("body");
  const said = place.locator(".problem, .notice.failed, .banner.bad").filter({ hasText: words });
  await said.first().waitFor({ timeout: PATIENCE });
  return (await said.first().innerText()).trim();
}

for (const write of WRITES)
  test(`${write.name}: the page reports every answer, keeps the typed text, and a repeated request succeeds`, async () => {
    const slug = `refused/p${++count}`;
    await site.commit(slug, { messages: [{ role: "user", content: "Hello {{ name }}" }] });
    await write.first?.(slug);
    const page = await site.open(write.at(slug), { reducedMotion: "reduce" });
    await page.locator(".awaited").waitFor({ state: "detached" });
    // Some views show the button only in what `prepare` opens.
    await write
      .ask(page, slug)
      .waitFor({ timeout: write.prepare ? 1_000 : PATIENCE })
      .catch(() => undefined);
    await write.prepare?.(page, slug);
    const typed = await write.typed?.(page).inputValue();
    const [method, path] = write.request;
    let answer;
    const isIt = (url) => url.pathname.includes(path);
    await page.route(isIt, (route) => {
      if (route.request().method() !== method || answer === undefined) return route.fallback();
      return answer === "cut" ? route.abort("connectionreset") : route.fulfill(answer);
    });
    const broken = [];
    for (const [name, [given, words]] of Object.entries(ANSWERS)) {
      if (write.but?.includes(name) || (method === "DELETE" && NO_BODY.includes(name))) continue;
      const note = (what) => broken.push(`${name}: ${what}`);
      answer = given ?? "cut";
      await write
        .ask(page, slug)
        .click({ timeout: PATIENCE })
        .catch(() => note("its button is dead"));
      const text = await told(page, words).catch(async () =>
        note(`not told: ${await page.locator(".problem, .notice, .banner").allInnerTexts()}`),
      );
      if (/undefined|\[object|TypeError|Cannot read/.test(text)) note(text);
      if (
        typed !== undefined &&
        (await write
          .typed(page)
          .inputValue()
          .catch(() => undefined)) !== typed
      )
        note("what was typed is gone");
      for (const said of page.problems.splice(0)) note(said);
      // Dismisses the messages, so that the page shows the next answer anew.
      for (const dismiss of await page.getByRole("button", { name: "Dismiss" }).all())
        await dismiss.click({ timeout: 300 }).catch(() => undefined);
    }
    await shoot(page, `refused-${write.name.replaceAll(" ", "-")}`);
    assert.deepEqual(broken, []);
    answer = undefined;
    await write.ask(page, slug).click();
    await page.getByText(write.done).first().waitFor();
    assert.deepEqual(page.problems, []);
  });

test("a refused draft: the page reports every answer, keeps the text, and saves it once the server accepts it", async () => {
  const slug = `refused/p${++count}`;
  await site.commit(slug, { messages: [{ role: "user", content: "one" }] });
  const page = await site.open(`#/${slug}`);
  await template(page).waitFor();
  let answer;
  await page.route(/\/draft/, (route) => {
    if (route.request().method() !== "PUT" || answer === undefined) return route.fallback();
    return answer === "cut" ? route.abort("connectionreset") : route.fulfill(answer);
  });
  const broken = [];
  for (const [name, [given, words]] of Object.entries(ANSWERS)) {
    // keep.test.mjs tests this one, another author's draft.
    if (name === "412") continue;
    answer = given ?? "cut";
    await fill(page, template(page), `typed under ${name}`);
    await page
      .locator(".banner.bad", { hasText: "not saved on the server" })
      .filter({ hasText: words })
      .waitFor({ timeout: PATIENCE })
      .catch(async () => broken.push(`${name}: not told: ${await page.locator(".banner").allInnerTexts()}`));
    if ((await template(page).innerText()) !== `typed under ${name}`) broken.push(`${name}: the text is gone`);
    answer = undefined;
    await page.getByRole("button", { name: "Try again" }).click();
    await saved(page);
    const draft = await site.call("GET", `/v1/prompts/${slug}/draft`);
    if (draft.messages[0].content !== `typed under ${name}`)
      broken.push(`${name}: saved is ${draft.messages[0].content}`);
    for (const said of page.problems.splice(0)) broken.push(`${name}: ${said}`);
  }
  assert.deepEqual(broken, []);
});
