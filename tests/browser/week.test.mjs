// An author's week in one test: make a prompt, lose nothing, keep cases, commit, compare, move, roll back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { fill, rendered, saved, shoot, studio, template } from "./studio.mjs";

let site;
before(async () => {
  site = await studio();
});
after(() => site?.close());

test("an author's week", async () => {
  let page = await site.open();
  const slug = "support/refund";
  const path = `/v1/prompts/${slug}`;

  // An empty store shows the first step.
  await page.getByRole("heading", { name: "No prompts yet" }).waitFor();
  await page.getByRole("button", { name: "New prompt" }).last().click();
  await page.getByLabel("Name", { exact: true }).fill("support/re fund");
  await page.keyboard.press("Enter");
  assert.equal(await page.getByLabel("Name", { exact: true }).evaluate((field) => field.validity.valid), false);
  await page.getByLabel("Name", { exact: true }).fill(slug);
  await page.keyboard.press("Enter");
  await fill(page, template(page, 1), "You answer for {{ company }}.");
  await fill(page, template(page, 2), "{{ name }} wants {{ amount }} back.");
  await saved(page);

  // A reload and a second tab of the same browser ask for no key.
  await page.reload();
  await page.locator(".cm-line", { hasText: "wants" }).waitFor();
  const second = await page.context().newPage();
  await second.goto(`${site.worker.url}/#/${slug}`);
  await second.locator(".cm-line", { hasText: "wants" }).waitFor();
  await second.close();

  // The inputs get types.
  await page.getByRole("tab", { name: "Inputs" }).click();
  await page.getByRole("button", { name: "Declare them" }).click();
  await page.getByLabel("Type of amount").selectOption("float");
  await page.getByLabel("Default of company").fill("Cue");
  await page.getByRole("tab", { name: "Messages" }).first().click();
  await saved(page);

  // Enter commits, and the first commit makes version 1.
  await page.keyboard.press("Control+s");
  await page.getByLabel("What changed, and why").fill("First");
  await page.keyboard.press("Enter");
  await page.getByText("Version 1 is committed.").waitFor();
  assert.equal((await site.call("GET", path)).version, 1);
  assert.equal((await fetch(`${site.worker.url}${path}/draft`, auth())).status, 404, "the draft is gone");

  // The author saves a case.
  await page.getByLabel("name str", { exact: true }).fill("Ada");
  await page.getByLabel("amount float").fill("12");
  await rendered(page, ["You answer for Cue.", "Ada wants 12.0 back."]);
  await page.getByRole("button", { name: "Save case…" }).click();
  await page.getByLabel("Name", { exact: true }).fill("twelve euros");
  await page.keyboard.press("Enter");
  await page.getByText("The case twelve euros is saved.").waitFor();
  assert.match(page.url(), /case=twelve/);
  assert.deepEqual((await site.call("GET", `${path}/cases/twelve%20euros`)).inputs, { name: "Ada", amount: 12 });
  await page.getByLabel("amount float").fill("13");
  await page.getByRole("button", { name: "Reset" }).click();
  await rendered(page, ["You answer for Cue.", "Ada wants 12.0 back."]);

  // The dialog of the second commit shows the changes.
  await fill(page, template(page, 2), "{{ name }} wants {{ amount }} € back, at once.");
  await saved(page);
  await page.getByRole("button", { name: "Commit…" }).click();
  await page.locator("dialog ins", { hasText: "€" }).waitFor();
  await page.getByLabel("What changed, and why").fill("With the currency\n\nfinance asked for it");
  await page.getByRole("button", { name: "Commit", exact: true }).click();
  await page.getByText("Version 2 is committed.").waitFor();
  assert.equal((await site.call("GET", path)).version, 1, "no tag was chosen, so production stays");

  // History shows the whole commit message and the effect on rendered cases.
  await page.getByRole("link", { name: "History" }).click();
  await page.getByText("finance asked for it").waitFor();
  await page.locator(".case-diff", { hasText: "twelve euros" }).getByText("changes").waitFor();
  await page.locator(".case-diff ins", { hasText: "€" }).waitFor();
  await shoot(page, "history");

  // The author moves a tag with the difference in view and a reason, and then rolls it back.
  await page.getByRole("link", { name: "Move a tag to version 2" }).click();
  await page.getByText("From 1 to 2").waitFor();
  await page.getByLabel("Reason").fill("finance agreed");
  await page.getByRole("button", { name: "Move production to 2" }).click();
  await page.getByText("production is at version 2 now.").waitFor();
  assert.equal((await site.call("GET", path)).version, 2);
  await page.locator(".timeline").getByText("finance agreed").waitFor();
  await shoot(page, "move");
  await page.getByRole("button", { name: "Roll back to 1" }).click();
  await page.getByText("production is back at version 1.").waitFor();
  assert.equal((await site.call("GET", path)).version, 1);

  // One click puts an old version into the editor.
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("button", { name: "Edit from here, version 1" }).click();
  await page.locator(".cm-line", { hasText: "wants {{ amount }} back" }).waitFor();

  // The comparison shows draft, versions and tags over the cases.
  await page.getByRole("link", { name: "Compare" }).click();
  await page.locator(".compare-table").getByText("Ada wants 12.0 back.").first().waitFor();
  await page.getByLabel("Version in column 2").selectOption("2");
  await page.locator(".compare-table ins", { hasText: "€" }).waitFor();
  await shoot(page, "compare");

  // The author duplicates, describes, deletes and restores a prompt.
  await menu(page, "Duplicate…");
  await page.getByLabel("Name", { exact: true }).fill("support/refund-short");
  await page.keyboard.press("Enter");
  await page.getByText("support/refund-short is made.").waitFor();
  await menu(page, "Name, description, sharing…");
  await page.getByLabel("Description", { exact: true }).fill("Refunds, briefly");
  await page.getByLabel("Who reads it").selectOption("organization");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.locator(".about").getByText("Refunds, briefly").waitFor();
  await menu(page, "Delete…");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("support/refund-short is deleted.").waitFor();
  await page.getByRole("button", { name: "Restore" }).click();
  await page.locator(".about").getByText("Refunds, briefly").waitFor();

  // The prompt is found by its text, by its name in the palette, and by its address.
  await page.keyboard.press("Escape");
  await page.locator("h1").click();
  await page.keyboard.press("/");
  await page.keyboard.type("at once");
  await page
    .getByRole("treeitem", { name: /refund/ })
    .first()
    .waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("refund");
  await page.locator("#palette-items [role=option]").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "support/refund-short" }).waitFor();
  assert.deepEqual(page.problems, []);
});

async function menu(page, item) {
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

const auth = () => ({ headers: { Authorization: `Bearer ${site.worker.key}` } });
