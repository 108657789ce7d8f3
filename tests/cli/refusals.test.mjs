// What goes wrong is one clear line, an exit code that is not 0, and nothing changed.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { freePort } from "../dev.mjs";
import { folder } from "./lab.mjs";

const app = folder();
let dev;

before(async () => {
  await app.install();
  dev = await app.dev();
  app.write("cuecard.json", JSON.stringify({ url: dev.url }));
  const pulled = await app.cuecard("pull");
  assert.equal(pulled.code, 0, pulled.stderr);
});
after(() => dev?.stop());

/** Every file of the project and all that the store says of its prompts. */
async function state() {
  const files = readdirSync(join(app.dir, "prompts"), { recursive: true, encoding: "utf8" }).sort();
  const texts = files.map((file) => {
    const path = join(app.dir, "prompts", file);
    return statSync(path).isFile() ? [file, readFileSync(path, "utf8")] : [file];
  });
  return JSON.stringify([texts, await dev.get("/v1/prompts?limit=100")]);
}

async function refused(args, exit, line, options = {}) {
  const before = await state();
  const { code, stdout, stderr } = await app.cuecard(...args, options);
  const said = `cuecard ${args.join(" ")}: ${code}\n${stdout}${stderr}`;
  assert.equal(code, exit, said);
  assert.match(stderr, line, said);
  assert.equal(stderr.trim().split("\n").length, 1, said);
  assert.equal(await state(), before, `${args.join(" ")} has changed something`);
}

/** A server that answers everything with this. */
async function answering(status, type, body) {
  const server = createServer((_, response) => response.writeHead(status, { "content-type": type }).end(body)).listen(
    0,
    "127.0.0.1",
  );
  await new Promise((resolve) => server.once("listening", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

const TALKING = [
  ["pull"],
  ["push"],
  ["status"],
  ["diff"],
  ["lock"],
  ["check"],
  ["tag", "sales/email"],
  ["rollback", "sales/email"],
  ["keys"],
  ["export"],
];

test("a wrong key", async () => {
  const wrong = dev.key.replace(/.$/, (last) => (last === "a" ? "b" : "a"));
  for (const args of TALKING) {
    const line = /^error: http:\/\/localhost:\d+ does not take the key: /;
    await refused(args, 1, line, { extra: { CUECARD_KEY: wrong } });
    if (args[0] === "push") await refused(args, 1, line, { extra: { CUECARD_KEY: "nonsense" } });
  }
});

test("a wrong URL, a server that is away, one that is none, one that is older", async (t) => {
  const page = await answering(404, "text/html", "<h1>Not here</h1>");
  const json = await answering(200, "application/json", '{"hello":"world"}');
  const problem = {
    type: "urn:cuecard:error:route_not_found",
    title: "There is no such route",
    status: 404,
    code: "route_not_found",
    detail: "there is nothing at this path",
  };
  const old = await answering(404, "application/problem+json", JSON.stringify(problem));
  const broken = await answering(
    503,
    "application/problem+json",
    JSON.stringify({ ...problem, status: 503, code: "origin_unavailable", title: "Away" }),
  );
  t.after(() => [page, json, old, broken].forEach((server) => server.close()));
  const away = `http://127.0.0.1:${await freePort()}`;
  for (const args of TALKING) {
    const at = (url) => ({ extra: { CUECARD_URL: url, CUECARD_KEY: dev.key } });
    await refused(args, 3, /^error: cannot reach http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED$/m, at(away));
    if (!["pull", "push", "keys"].includes(args[0])) continue;
    await refused(args, 3, /^error: what answers at \S+ is no Cuecard \(status 404\)$/m, at(page.url));
    await refused(args, 1, /^error: the server at \S+ is older than this command \(.*\): upgrade it$/m, at(old.url));
    await refused(args, 3, /^error: Away: /, at(broken.url));
    await refused(args, 2, /^error: `not a url` is no http\(s\) URL/, at("not a url"));
  }
  await refused(["pull"], 3, /is no Cuecard/, { extra: { CUECARD_URL: json.url, CUECARD_KEY: dev.key } });
});

test("wrong words", async () => {
  for (const [args, line] of [
    [["pusj"], /^error: no command `pusj`/],
    [["push", "--tags", "x"], /^error: no option `--tags`: cuecard push --help/],
    [["tag"], /^error: usage: cuecard tag slug/],
    [["rollback", "a", "b", "c"], /^error: usage: cuecard rollback slug \[tag\]/],
    [["import"], /^error: --from takes one of langwatch, basalt, athina, langfuse, openai, dotprompt, prompty/],
    [["render", "sales/email", "-i", "name"], /^error: --input takes NAME=VALUE/],
    [["keys", "create"], /^error: create takes --role/],
    [["dev", "--port", "http"], /^error: --port takes a number/],
    [["dev", "--origin", "example.com"], /^error: --origin takes the URL/],
  ])
    await refused(args, 2, line);
});

test("a prompt, a version or a tag that is not there", async () => {
  await refused(["tag", "no/such"], 1, /^error: There is no such prompt: /);
  await refused(["tag", "sales/email", "staging", "99"], 1, /^error: There is no such version/);
  await refused(["tag", "sales/email", "Wrong Tag", "1"], 1, /^error: The tag is not valid/);
  await refused(["rollback", "sales/email", "nowhere"], 1, /^error: /);
  await refused(["push", "no/such"], 1, /^error: there is neither a file nor a prompt `no\/such`/);
  await refused(
    ["render", "no/such"],
    1,
    /^error: there is no file of no\/such, and no no\/such@production on the server/,
  );
});

test("a broken file says line and column", async (t) => {
  const file = "prompts/broken.prompt.yaml";
  const { rmSync } = await import("node:fs");
  t.after(() => rmSync(join(app.dir, file), { force: true }));
  app.write(file, "messages: [");
  for (const args of [["render", "broken"], ["types"], ["status"]])
    await refused(args, 1, /^error: prompts\/broken\.prompt\.yaml:1:\d+: /);
  for (const [text, line] of [
    ["messages:\n  - role: user\n   content: x\n", /^error: prompts\/broken\.prompt\.yaml:3:\d+: /],
    ['messages: [{ role: user, content: "x }]\n', /^error: prompts\/broken\.prompt\.yaml:\d+:\d+: /],
    ["messages:\n  - role: user\n    content: Hi\n    content: Ho\n", /^error: prompts\/broken\.prompt\.yaml:4:5: /],
    ["- a\n- b\n", /^error: prompts\/broken\.prompt\.yaml:1:1: a prompt is an object/],
    [
      "messages:\n  - role: user\n    content: |-\n      Hello\n      there {{ nmae }}\ninputs:\n  - { name: name, type: str }\n",
      /^error: prompts\/broken\.prompt\.yaml:5:16: .*nmae/,
    ],
    ['messages:\n  - role: user\n    content: "{% if %}"\n', /^error: prompts\/broken\.prompt\.yaml:3:\d+: /],
    ["messages:\n  - role: user\n    content: Hi\nmodle: x\n", /^error: prompts\/broken\.prompt\.yaml:4:\d+: .*modle/],
    [
      "<<<<<<< the file\nmessages: []\n=======\n>>>>>>> the server's\n",
      /^error: prompts\/broken\.prompt\.yaml:\d+:\d+: /,
    ],
  ]) {
    app.write(file, text);
    await refused(["push"], 1, line);
    const checked = await app.cuecard("check", "--offline", "--github");
    assert.equal(checked.code, 1);
    assert.match(checked.stdout, /^::error file=prompts\/broken\.prompt\.yaml,line=\d+,col=\d+,title=\w+::/m);
  }
});

test("a slug that is no file name on Windows", async (t) => {
  for (const slug of ["aux", "docs/con.v2", "nul/x", "trailing."]) {
    const { status } = await dev.send("POST", `/v1/prompts/${encodeURIComponent(slug)}/versions`, {
      messages: [{ role: "user", content: "Hi" }],
    });
    assert.equal(status, 201, slug);
    await refused(["pull"], 1, /^error: `.*` cannot be a file: Windows /);
    await refused(["pull", slug], 1, /^error: `.*` cannot be a file: Windows /);
    await dev.send("DELETE", `/v1/prompts/${encodeURIComponent(slug)}`).catch(() => {});
  }
  await dev.send("POST", "/v1/prompts/Sales%2FEmail/versions", { messages: [{ role: "user", content: "Hi" }] });
  await refused(["pull"], 1, /^error: `.*` and `.*` are one file on Windows and macOS: rename one of them/);
  await dev.send("DELETE", "/v1/prompts/Sales%2FEmail").catch(() => {});
  const { rmSync } = await import("node:fs");
  for (const [name, reason] of [
    ["con", "Windows keeps"],
    ["a:b", "a slug is letters"],
    ["sub/lpt1.x", "Windows keeps"],
    ["end.", "Windows drops"],
  ]) {
    app.write(`prompts/${name}.prompt.yaml`, "messages: []\n");
    await refused(
      ["push"],
      1,
      new RegExp(`^error: ${name.replace(".", "\\.")}\\.prompt\\.yaml is no file of a prompt: ${reason}`),
    );
    rmSync(join(app.dir, `prompts/${name}.prompt.yaml`));
  }
});

test("cuecard.json takes no key and no unknown field", async () => {
  const kept = app.read("cuecard.json");
  for (const [text, line] of [
    [JSON.stringify({ url: dev.url, key: dev.key }), /^error: cuecard\.json has a key in it/],
    [JSON.stringify({ url: dev.key }), /^error: cuecard\.json has a key in it/],
    [JSON.stringify({ ulr: dev.url }), /^error: cuecard\.json has no field `ulr`/],
    [JSON.stringify({ url: "example.com" }), /^error: cuecard\.json: `example\.com` is no http/],
    ["{", /^error: cuecard\.json is not JSON/],
    [
      JSON.stringify({ url: dev.url, project: "other" }),
      /^error: the key is for the project default, cuecard\.json says other/,
    ],
  ]) {
    app.write("cuecard.json", text);
    await refused(["status"], 1, line);
  }
  app.write("cuecard.json", kept);
});

test("--json is JSON also where it goes wrong; every command has help", async () => {
  const { code, stdout } = await app.cuecard("tag", "no/such", "--json");
  assert.deepEqual([code, JSON.parse(stdout).error.code], [1, "prompt_not_found"]);
  const { stdout: list } = await app.cuecard("--help");
  const names = [...list.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name);
  assert.deepEqual(
    "init login dev deploy pull push status diff tag rollback types lock check test render run import export keys doctor"
      .split(" ")
      .filter((name) => !names.includes(name)),
    [],
  );
  for (const name of names) {
    const help = await app.cuecard(name, "--help");
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`^usage: cuecard ${name}[^]*--json`));
  }
});

test("a key is kept outside the project, and nobody else can read it", async () => {
  const { code, stdout, stderr } = await app.cuecard("login", dev.url, { input: `${dev.key}\n` });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /a key of the project default with the role admin/);
  const file = join(app.dir, ".config/cuecard/keys.json");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(readFileSync(file, "utf8").includes(dev.key));
  const wrong = await app.cuecard("login", dev.url, { input: "cue_nonsense\n" });
  assert.equal(wrong.code, 1);
  assert.ok(readFileSync(file, "utf8").includes(dev.key), "a key that is refused is not kept");
  assert.ok(!existsSync(join(app.dir, "keys.json")));
});
