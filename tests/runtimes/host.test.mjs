// What the host of a render says, through the packed package: the moment, and how much work there may be.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { installed } from "../tarball.mjs";

let app;
let compile;

before(async () => {
  app = installed();
  ({ compile } = await import(pathToFileURL(join(app.dir, "node_modules/cuecard/dist/index.js"))));
});
after(() => app?.remove());

const prompt = (content) => compile({ messages: [{ role: "user", content }], template: { dialect: "huggingface" } });
const text = (rendered) => rendered.messages[0].content;

test("`now` is the moment that strftime_now tells, in the host's time zone", () => {
  const told = prompt("{{ strftime_now('%Y-%m-%d %H:%M:%S') }}");
  const now = new Date(2024, 1, 29, 8, 5, 9);
  assert.equal(text(told.render({}, { now })), "2024-02-29 08:05:09");
  assert.equal(text(told.render({}, { now: new Date(1999, 11, 31, 23, 59, 59) })), "1999-12-31 23:59:59");
  const year = prompt("{{ strftime_now('%Y') }}");
  assert.match(text(year.render({})), /^20\d\d$/);
});

test("`work` lets a render do more, or less", () => {
  const busy = prompt("{% for i in range(90000) %}{% for j in range(2) %}{% endfor %}{% endfor %}done");
  const limit = { code: "limit_exceeded" };
  assert.throws(() => busy.render({}), limit);
  assert.equal(text(busy.render({}, { work: 3_000_000 })), "done");
  assert.throws(() => busy.render({}), limit);
  assert.throws(() => busy.render({}, { work: 100 }), limit);
});

test("10,000,000 units are the most", () => {
  const endless = prompt("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}");
  assert.throws(() => endless.render({}, { work: 10_000_000 }), { code: "limit_exceeded" });
});
