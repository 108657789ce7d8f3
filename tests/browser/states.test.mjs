// Banners, dialogs and errors are accessible and in view, in light, in dark and on a narrow page.
import assert from "node:assert/strict";
import { test } from "node:test";

import { axe, fill, go, saved, shoot, studioOfFile, template } from "./studio.mjs";

const site = studioOfFile();

let count = 0;
async function prompt(content = "Hello {{ name }}") {
  const slug = `states/p${++count}`;
  await site.commit(slug, { messages: [{ role: "user", content }], commitMessage: "the first one" });
  return slug;
}
const user = (content) => ({ messages: [{ role: "user", content }] });
const refuse = (page, url, method, status = 500, code = "internal") =>
  page.route(url, (route) =>
    route.request().method() === method
      ? route.fulfill({
          status,
          contentType: "application/problem+json",
          body: JSON.stringify({
            status,
            code,
            title: "No",
            detail: `It is refused, and that is told in a sentence of some length (${status})`,
          }),
        })
      : route.fallback(),
  );
const menu = async (page, name) => {
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name }).click();
};

/** Functions by name of a state, which bring a fresh page into it and wait until it shows. */
const STATES = {
  async conflict(page, slug) {
    await go(page, `#/${slug}`);
    await fill(page, template(page), "mine {{ name }}");
    await saved(page);
    const { revision } = await site.call("GET", `/v1/prompts/${slug}/draft`);
    await site.call("PUT", `/v1/prompts/${slug}/draft`, user("theirs {{ name }}"), { "If-Match": `"${revision}"` });
    await fill(page, template(page), "mine again {{ name }}");
    await page.getByText("saved this draft elsewhere").waitFor();
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    await page.locator(".banner del").first().waitFor();
  },
  async failed(page, slug) {
    await go(page, `#/${slug}`);
    await refuse(page, "**/draft*", "PUT");
    await fill(page, template(page), "not saved");
    await page.getByText("The draft is not saved on the server").waitFor();
  },
  async newer(page, slug) {
    await go(page, `#/${slug}`);
    await fill(page, template(page), "mine {{ name }}");
    await saved(page);
    await site.commit(slug, { ...user("theirs {{ name }}"), commitMessage: "in between" });
    await menu(page, "Reload");
    await page.getByRole("button", { name: "What changed" }).click();
    await page.locator(".banner ins").first().waitFor();
  },
  async overtaken(page, slug) {
    await STATES.newer(page, slug);
    await page.keyboard.press("Control+s");
    await page.getByText("Since then").waitFor();
    await refuse(page, "**/draft/commit*", "POST", 422, "template_invalid");
    await page.getByLabel("What changed, and why").press("Enter");
    await page.getByRole("dialog").getByText("It is refused").waitFor();
  },
  async gone(page, slug) {
    await go(page, `#/${slug}`);
    await template(page).waitFor();
    await site.call("DELETE", `/v1/prompts/${slug}`);
    await fill(page, template(page), "typed after it was deleted");
    await page.getByText("This prompt was deleted.").waitFor();
  },
  async readonly(page, slug) {
    await go(page, `#/${slug}`);
    await fill(page, template(page), "a draft");
    await saved(page);
    await go(page, `#/${slug}@1`);
    await page.getByText("This version is shown as it is").waitFor();
  },
  async broken(page, slug) {
    await go(page, `#/${slug}`);
    await fill(page, template(page), "{% if name %}Hello {{ nmae | titel }}");
    await page.locator(".problems li").first().waitFor();
  },
  async json(page, slug) {
    await go(page, `#/${slug}?tab=json`);
    await fill(page, page.getByLabel("The whole document, as JSON"), '{ "messages": [');
    await page.getByText("No JSON yet").waitFor();
  },
  async case(page, slug) {
    await site.call("PUT", `/v1/prompts/${slug}/cases/angry customer`, { inputs: { name: "Ada" } });
    await go(page, `#/${slug}?case=${encodeURIComponent("angry customer")}`);
    await page.getByLabel("name any", { exact: true }).fill("mine");
    const { revision } = await site.call("GET", `/v1/prompts/${slug}/cases/angry customer`);
    await site.call(
      "PUT",
      `/v1/prompts/${slug}/cases/angry customer`,
      { inputs: { name: "theirs" } },
      { "If-Match": `"${revision}"` },
    );
    await page.locator(".case-bar").getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("dialog").getByText("meanwhile").waitFor();
  },
  async describe(page, slug) {
    await go(page, `#/${slug}`);
    await template(page).waitFor();
    await menu(page, "Name, description, sharing…");
    await refuse(page, `**/v1/prompts/${slug}`, "PATCH", 409, "slug_taken");
    await page.getByLabel("Title").fill("A title");
    await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill(`${slug}-other`);
    await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("dialog").getByText("It is refused").waitFor();
  },
  async remove(page, slug) {
    await go(page, `#/${slug}`);
    await template(page).waitFor();
    await menu(page, "Delete…");
    await refuse(page, `**/v1/prompts/${slug}`, "DELETE");
    await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await page.locator(".notice.failed").waitFor();
  },
  async unrun(page, slug) {
    await go(page, `#/${slug}?view=run`);
    await page.locator(".run-bar .primary").click();
    await page.getByRole("heading", { name: "No model API to run on yet" }).waitFor();
  },
  async unread(page, slug) {
    await refuse(page, "**/versions?*", "GET");
    await go(page, `#/${slug}`);
    await page.getByRole("heading", { name: "The prompt could not be read" }).waitFor();
  },
  async move(page, slug) {
    await go(page, `#/${slug}@1?view=move&to=staging`);
    await refuse(page, "**/tags/staging", "PUT", 403, "role_required");
    await page.getByRole("button", { name: "Make staging at 1" }).click();
    await page.locator("main").getByText("It is refused").waitFor();
  },
  async keys(page) {
    await go(page, "#/?view=keys");
    await page.getByLabel("Name", { exact: true }).fill("seen");
    await page.getByRole("button", { name: "Make a key" }).click();
    await page.getByText("Copy it now").waitFor();
    await refuse(page, "**/v1/keys", "POST");
    await page.getByRole("button", { name: "Make a key" }).click();
    await page.locator(".notice.failed").waitFor();
  },
  async audit(page) {
    await refuse(page, "**/v1/events?*", "GET");
    await go(page, "#/?view=audit");
    await page.locator("main .banner.bad").waitFor();
  },
};

for (const [look, { schemes, ...options }] of Object.entries({
  "wide, light and dark": { schemes: ["light", "dark"] },
  narrow: { schemes: ["dark"], viewport: { width: 390, height: 844 }, hasTouch: true },
}))
  test(`states of conflict, failure and loss: ${look}`, async () => {
    const found = {};
    for (const [name, bring] of Object.entries(STATES)) {
      const slug = await prompt();
      const page = await site.open("#/", { reducedMotion: "reduce", ...options });
      try {
        await bring(page, slug);
        for (const scheme of schemes) {
          await page.emulateMedia({ colorScheme: scheme });
          await page.waitForTimeout(100);
          await shoot(page, `state-${schemes.length > 1 ? scheme : look}-${name}`);
          const violations = await axe(page);
          if (violations.length > 0) found[`${name}, ${scheme}`] = violations;
        }
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (sideways > 0) found[`${name} scrolls sideways`] = sideways;
        const outside = await page.evaluate(() =>
          [...document.querySelectorAll(".banner, .problem, dialog, dialog footer > *, .notice, .notice > *")]
            .filter((element) => {
              const { left, right, width } = element.getBoundingClientRect();
              return width > 0 && (left < -1 || right > innerWidth + 1);
            })
            .map((element) => element.outerHTML.slice(0, 100)),
        );
        if (outside.length > 0) found[`${name} is cut`] = outside;
      } catch (error) {
        found[`${name} is not reached`] = error.message.slice(0, 300);
        await shoot(page, `state-not-reached-${name}`);
      }
      if (page.problems.length > 0) found[`${name} fails`] = page.problems;
      await site.tidy();
    }
    assert.deepEqual(found, {});
  });
