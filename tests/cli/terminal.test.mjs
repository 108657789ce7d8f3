// Output on a terminal: colours, and a menu for changes on both sides. Python's pty provides the terminal.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { folder } from "./lab.mjs";

const document = (greeting, rules = "Be brief.") => ({
  messages: [{ role: "system", content: `${greeting}\n\nOne.\nTwo.\nThree.\nFour.\n\n${rules}` }],
});
const app = folder();
let dev;

before(async () => {
  await app.install();
  dev = await app.dev();
});
after(() => dev?.stop());

/** Creates a file and a prompt that have both changed since version 1. */
async function conflict(slug, mine, theirs) {
  const route = `/v1/prompts/${slug}/versions`;
  await dev.send("POST", route, document("Hello"));
  assert.equal((await app.cuecard("pull", slug)).code, 0);
  const file = `prompts/${slug}.prompt.yaml`;
  app.write(file, `${app.read(file).replace("Hello", mine)}# mine\n`);
  await dev.send("POST", route, theirs);
  return file;
}

/** Runs the command on a terminal, and presses each key once the expected text is printed. */
function terminal(args, presses) {
  const cli = join(app.dir, "node_modules/cuecard/dist/cli.js");
  const pty =
    "import pty, sys; sys.exit(pty.spawn(['sh', '-c', 'stty cols 200 rows 50; exec \"$@\"', 'sh'] + sys.argv[1:]) >> 8)";
  const options = { cwd: app.dir, env: { ...app.env, TERM: "xterm" }, timeout: 30_000 };
  const child = spawn("python3", ["-c", pty, "node", cli, ...args], options);
  let seen = "";
  let from = 0;
  const left = [...presses];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    seen += text;
    const [[wait, keys] = []] = left;
    if (wait !== undefined && wait.test(seen.slice(from))) {
      left.shift();
      from = seen.length;
      child.stdin.write(keys);
    }
  });
  child.stderr.on("data", (text) => (seen += text));
  return new Promise((resolve) => child.once("exit", (code) => resolve({ code, seen, left })));
}

const DOWN = "\u001b[B";

test("a conflict without a terminal: both differences, exit 1, nothing pushed", async () => {
  const file = await conflict("plain", "Good day", document("Hi"));
  const before = app.read(file);
  const { code, stderr } = await app.cuecard("push");
  assert.equal(code, 1);
  assert.match(stderr, /^error: changed here and on the server, nothing was pushed: plain\n/);
  assert.match(stderr, /the file began from version 1, the server has version 2 by bootstrap/);
  assert.match(stderr, /^\+ {6}Hi$/m);
  assert.match(stderr, /^\+ {6}Good day$/m);
  assert.doesNotMatch(stderr, /\u001b\[/);
  assert.equal(app.read(file), before);
  assert.equal((await dev.get("/v1/prompts/plain?tag=latest")).version, 2);
  const pulled = await app.cuecard("pull");
  assert.equal(pulled.code, 1, "a pull does not overwrite it");
  assert.equal(app.read(file), before);
  const forced = await app.cuecard("pull", "plain", "--force");
  assert.equal(forced.code, 0, forced.stderr);
  assert.match(app.read(file), /Hi\n[^]*# mine/, "the comment stays");
});

test("mine, theirs, merge and skip", async () => {
  const skip = await conflict("skip", "Good day", document("Hi"));
  const skipped = await terminal(["push", "skip"], [[/which one\?/, `${DOWN}${DOWN}${DOWN}\r`]]);
  assert.equal(skipped.code, 1, skipped.seen);
  assert.match(skipped.seen, /\u001b\[3[12]m[+-]/, "the difference is in colours");
  assert.match(app.read(skip), /Good day/);

  const merge = await conflict("merge", "Good day", document("Hello", "Be kind."));
  const merged = await terminal(["push", "merge"], [[/which one\?/, `${DOWN}${DOWN}\r`]]);
  assert.equal(merged.code, 0, merged.seen);
  const third = await dev.get("/v1/prompts/merge?tag=latest");
  assert.equal(third.version, 3);
  assert.equal(third.messages[0].content, document("Good day", "Be kind.").messages[0].content);
  assert.match(app.read(merge), /^# cuecard: merge@3\n[^]*# mine\n$/);

  const theirs = await conflict("theirs", "Good day", document("Hi"));
  const taken = await terminal(["push", "theirs"], [[/which one\?/, `${DOWN}\r`]]);
  assert.equal(taken.left.length, 0, taken.seen);
  assert.match(app.read(theirs), /Hi\n/);
  assert.equal((await dev.get("/v1/prompts/theirs?tag=latest")).version, 2);

  await conflict("mine", "Good day", document("Hi"));
  const pushed = await terminal(["push", "mine"], [[/which one\?/, "\r"]]);
  assert.equal(pushed.code, 0, pushed.seen);
  assert.match((await dev.get("/v1/prompts/mine?tag=latest")).messages[0].content, /^Good day/);

  const both = await conflict("both", "Good day", document("Hi"));
  const marked = await terminal(["push", "both"], [[/which one\?/, `${DOWN}${DOWN}\r`]]);
  assert.equal(marked.code, 1, marked.seen);
  assert.match(app.read(both), /<<<<<<< the file\n[^]*Good day[^]*=======\n[^]*Hi[^]*>>>>>>> the server's/);
  assert.equal((await dev.get("/v1/prompts/both?tag=latest")).version, 2);
});
