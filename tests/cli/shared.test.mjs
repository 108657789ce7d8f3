// Team data on the server beside versions: cases in both directions, reasons of moves, and rendered effects of a
// change.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { folder } from "./lab.mjs";

const app = folder();
let dev;
const FILE = "prompts/bot.cases.yaml";

before(async () => {
  await app.install();
  app.write("prompts/bot.prompt.yaml", "messages:\n  - role: user\n    content: Help {{ who }}.\n");
  dev = await app.dev();
  await run(0, "push");
});
after(() => dev?.stop());

async function run(code, ...args) {
  const answer = await app.cuecard(...args);
  assert.equal(answer.code, code, `cuecard ${args.join(" ")}\n${answer.stdout}${answer.stderr}`);
  return answer;
}
const json = async (code, ...args) => JSON.parse((await run(code, ...args, "--json")).stdout);
const there = async () => {
  const { cases } = await dev.get("/v1/prompts/bot/cases");
  return Object.fromEntries(cases.map(({ name, inputs }) => [name, inputs]));
};
const put = (name, inputs) => dev.send("PUT", `/v1/prompts/bot/cases/${encodeURIComponent(name)}`, { inputs });
const remove = (name) =>
  fetch(`${dev.url}/v1/prompts/bot/cases/${name}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${dev.key}` },
  });

test("cases of a file are pushed with it, and checks and comments stay in the file", async () => {
  app.write(
    FILE,
    "# ours\nada:\n  inputs: { who: Ada } # first\n  checks: [{ contains: Ada }]\nbob:\n  inputs: { who: Bob }\n",
  );
  assert.deepEqual((await json(0, "status")).cases, [{ slug: "bot", state: "changed_here" }]);
  assert.deepEqual((await json(0, "push", "--dry-run")).cases, ["bot"]);
  assert.deepEqual(await there(), {});
  assert.deepEqual((await json(0, "push")).cases, ["bot"]);
  assert.deepEqual(await there(), { ada: { who: "Ada" }, bob: { who: "Bob" } });
  assert.match(
    app.read(FILE),
    /^# cuecard: cases of bot [0-9a-f]{16}\n# ours\nada:\n {2}inputs: \{ who: Ada \} # first\n {2}checks: \[\{ contains: Ada \}\]\nbob:/,
  );
  assert.deepEqual((await json(0, "push")).cases, [], "the cases are pushed once");
  assert.deepEqual((await json(0, "status")).cases, [{ slug: "bot", state: "same" }]);
});

test("a pull brings others' changes on the server, removals included", async () => {
  await put("ada", { who: "Ada Lovelace" });
  await put("eve", { who: "Eve" });
  await remove("bob");
  assert.deepEqual((await json(0, "status")).cases, [{ slug: "bot", state: "changed_there" }]);
  assert.deepEqual((await json(0, "push")).cases, [], "a push does not put the old ones back");
  assert.deepEqual((await json(0, "pull")).cases, ["bot"]);
  assert.match(
    app.read(FILE),
    /^# cuecard: cases of bot [0-9a-f]{16}\n# ours\nada:\n {2}inputs: \{ who: Ada Lovelace \} # first\n {2}checks: \[ \{ contains: Ada \} \]\neve:\n {2}inputs:\n {4}who: Eve\n$/,
  );
  await run(0, "test");
  assert.deepEqual((await json(0, "pull")).cases, []);
});

test("a case that is removed from the file is removed on the server; a case that changed on both sides is a conflict, and nothing changes", async () => {
  app.write(
    FILE,
    app
      .read(FILE)
      .replace(/eve:\n.*\n.*\n/, "")
      .replace("Lovelace", "King"),
  );
  await run(0, "push");
  assert.deepEqual(await there(), { ada: { who: "Ada King" } });

  app.write(FILE, app.read(FILE).replace("King", "Byron"));
  await put("ada", { who: "Ada Gordon" });
  const before = app.read(FILE);
  for (const command of ["push", "pull"]) {
    const { stderr } = await run(1, command);
    assert.match(stderr, /^error: cases changed here and on the server, nothing was (pushed|written): bot/);
    assert.equal(app.read(FILE), before);
    assert.deepEqual(await there(), { ada: { who: "Ada Gordon" } });
  }
  await run(0, "pull", "--force");
  assert.match(app.read(FILE), /who: Ada Gordon/);
});

test("a hand-written file gets the server's other cases added, and removes none of them", async () => {
  app.write(FILE, "zoe:\n  inputs: { who: Zoe }\n");
  await run(0, "push");
  assert.deepEqual(await there(), { ada: { who: "Ada Gordon" }, zoe: { who: "Zoe" } });
  await run(0, "pull");
  assert.match(app.read(FILE), /zoe:[^]*ada:/);
  app.write(FILE, "ada:\n  inputs: { who: other }\n");
  await run(1, "push");
  const reader = JSON.parse((await run(0, "keys", "create", "--role", "read", "--json")).stdout);
  await run(0, "pull", { extra: { CUECARD_KEY: reader.key } });
  assert.match(app.read(FILE), /other/, "a pull with a read key brings no cases");
  await run(0, "pull", "--force");
});

test("reasons of moves are in the tag's history", async () => {
  app.write("prompts/bot.prompt.yaml", app.read("prompts/bot.prompt.yaml").replace("Help", "Serve"));
  await run(0, "push");
  await run(0, "tag", "bot", "production", "2", "--reason", "kinder: it's better");
  await run(0, "rollback", "bot", "--reason", "it was not");
  const { moves } = await json(0, "tag", "bot", "production", "--history");
  assert.deepEqual(
    moves.map(({ to, kind, reason }) => [to, kind, reason]),
    [
      [1, "rollback", "it was not"],
      [2, "set", "kinder: it's better"],
      [1, "commit", undefined],
    ],
  );
  assert.match((await run(0, "tag", "bot", "--history")).stdout, /version 1 {3}bootstrap {2}it was not\n/);
  await run(2, "tag", "bot", "--reason", "x");
  await run(2, "tag", "bot", "production", "--delete", "--reason", "x");
});

test("diff --rendered compares the rendered texts, for each case or for given inputs", async () => {
  const { differences, compared } = await json(0, "diff", "bot", "--from", "1", "--to", "2", "--rendered");
  assert.equal(compared, 2);
  assert.deepEqual(
    differences.map((one) => [one.slug, one.case]),
    [
      ["bot", "ada"],
      ["bot", "zoe"],
    ],
  );
  assert.match(
    differences[0].diff,
    /^--- bot@1, ada\n\+\+\+ bot@2, ada\n@@ .* @@\n user:\n-Help Ada Gordon\.\n\+Serve Ada Gordon\.$/m,
  );
  const given = await run(1, "diff", "bot", "--from", "1", "--to", "2", "--rendered", "-i", "who=Eve", "--exit-code");
  assert.match(given.stdout, /-Help Eve\.\n\+Serve Eve\./);

  app.write("prompts/bot.prompt.yaml", app.read("prompts/bot.prompt.yaml").replace("{{ who }}", "{{ who|upper }}"));
  const here = await run(0, "diff", "--rendered");
  assert.match(here.stdout, /--- bot@2, ada\n\+\+\+ prompts\/bot\.prompt\.yaml, ada/);
  assert.match(here.stdout, /-Serve Ada Gordon\.\n\+Serve ADA GORDON\./);
  // A change with the same rendered text is no difference.
  app.write("prompts/bot.prompt.yaml", app.read("prompts/bot.prompt.yaml").replace("who|upper", "who | string"));
  await run(0, "diff", "--rendered", "--exit-code");
  await run(1, "diff", "--exit-code");
  const failing = await run(0, "diff", "bot", "--from", "1", "--to", "2", "--rendered", "-i", "x=1");
  assert.equal(failing.stdout, "", "both versions refuse the input with the same error");
  await run(2, "diff", "-i", "who=x");
});
