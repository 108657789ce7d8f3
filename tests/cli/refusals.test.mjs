// Every failure is one clear line, an exit code other than 0, and no change.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { freePort } from "../ports.mjs";
import { folder } from "./lab.mjs";

const app = folder();
let dev;

before(async () => {
  await app.install();
  dev = await app.dev();
  app.write("cuecard.json", JSON.stringify({ url: dev.url }));
  const pulled = await app.cuecard("pull");
  assert.equal(pulled.code, 0, pulled.stderr);
  app.write("request.json", JSON.stringify({ name: "taken", model: "gpt-4o", input: "Hi" }));
  app.write("lw.json", JSON.stringify({ handle: "taken/lw", version: 1, prompt: "Hi", model: "openai/gpt-4o" }));
  const locked = await app.cuecard("lock");
  assert.equal(locked.code, 0, locked.stderr);
});
after(() => dev?.stop());

/** Every file of the project, and the whole state of its prompts in the store. */
async function state() {
  const files = readdirSync(app.dir, { recursive: true, encoding: "utf8" })
    .filter((file) => !/^(node_modules|\.cuecard|\.npm)\b/.test(file))
    .sort();
  const texts = files.map((file) => {
    const path = join(app.dir, file);
    return statSync(path).isFile() ? [file, readFileSync(path, "utf8")] : [file];
  });
  const { keys } = await dev.get("/v1/keys?limit=100");
  return JSON.stringify([texts, keys.map(({ id }) => id), await dev.get("/v1/prompts?limit=100")]);
}

async function refused(args, exit, line, options = {}) {
  const before = await state();
  await refuses(args, exit, line, options);
  assert.equal(await state(), before, `${args.join(" ")} has changed something`);
}

async function refuses(args, exit, line, options) {
  const { code, stdout, stderr } = await app.cuecard(...args, options);
  const said = `cuecard ${args.join(" ")}: ${code}\n${stdout}${stderr}`;
  assert.equal(code, exit, said);
  assert.match(stderr, line, said);
  assert.equal(stderr.trim().split("\n").length, 1, said);
}

/** Starts a server that gives this answer to every request. */
async function answering(status, type, body, headers = {}, breaksOff = false) {
  const server = createServer((_, response) => {
    response.writeHead(status, { "content-type": type, ...headers });
    if (breaksOff) response.write(body, () => response.destroy());
    else response.end(body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Every command that sends requests, in each of its forms. `login` reads its key from standard input. */
const TALKING = [
  ["pull"],
  ["pull", "sales/email", "--tag", "production", "--force", "--prune"],
  ["push"],
  ["push", "--dry-run", "--tag", "staging"],
  ["status"],
  ["diff"],
  ["diff", "sales/email", "--from", "1", "--to", "latest"],
  ["diff", "--rendered"],
  ["lock"],
  ["lock", "--check"],
  ["check"],
  ["check", "--github"],
  ["tag", "sales/email"],
  ["tag", "sales/email", "staging", "1", "--reason", "x"],
  ["tag", "sales/email", "staging", "--delete"],
  ["tag", "sales/email", "--history"],
  ["rollback", "sales/email"],
  ["render", "sales/email@production"],
  ["run", "sales/email"],
  ["types", "--from", "server"],
  ["test", "--server"],
  ["keys"],
  ["keys", "create", "--role", "read"],
  ["keys", "revoke", "abcdefabcdef"],
  ["export"],
  ["export", "--all"],
  ["export", "--to", "athina"],
  ["import", "--from", "openai", "request.json"],
  ["import", "--from", "langwatch", "--dry-run", "lw.json"],
  ["login", "URL"],
];

/** Runs the commands with this server and key, four at a time, and asserts that each fails and changes nothing. */
async function each(url, key, exit, line, commands = TALKING) {
  const before = await state();
  const left = [...commands];
  const caller = async () => {
    for (let words = left.shift(); words; words = left.shift()) {
      const args = words.map((word) => (word === "URL" ? url : word));
      const extra = { CUECARD_URL: url, CUECARD_KEY: key };
      await refuses(args, exit, line, { extra, input: args[0] === "login" ? key : undefined });
    }
  };
  await Promise.all([caller(), caller(), caller(), caller()]);
  assert.equal(await state(), before, `something has changed: ${line}`);
  const { code, stdout, stderr } = await app.cuecard("doctor", { extra: { CUECARD_URL: url, CUECARD_KEY: key } });
  assert.deepEqual([code, stderr], [exit, ""], stdout);
  assert.match(stdout, /^✗ server: \S/m);
}

test("a wrong key: every command says so in one line and changes nothing", async () => {
  const wrong = dev.key.replace(/.$/, (last) => (last === "a" ? "b" : "a"));
  for (const key of [wrong, "nonsense"])
    await each(dev.url, key, 1, /^error: http:\/\/localhost:\d+ does not accept the key: /);
});

test("a key without the role: every command that needs it says so", async () => {
  const { key } = JSON.parse((await app.cuecard("keys", "create", "--role", "read", "--json")).stdout);
  app.write("prompts/mine.prompt.yaml", "messages:\n  - role: user\n    content: Hi\n");
  for (const args of [
    ["push"],
    ["tag", "sales/email", "staging", "1"],
    ["tag", "sales/email", "production", "--delete"],
    ["rollback", "sales/email"],
    ["keys"],
    ["keys", "create", "--role", "admin"],
    ["import", "--from", "openai", "request.json"],
    ["export"],
    ["export", "--all"],
    ["run", "sales/email", "-i", "name=x", "-i", "company=y"],
    ["diff", "--rendered"],
    ["test", "--server"],
  ])
    await refused(args, 1, /^error: .*\brole\b/, { extra: { CUECARD_KEY: key } });
  rmSync(join(app.dir, "prompts/mine.prompt.yaml"));
});

test("a server that is away: every command says so in one line, exits with 3 and changes nothing", async () => {
  await each(
    `http://127.0.0.1:${await freePort()}`,
    dev.key,
    3,
    /^error: cannot reach http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED$/m,
  );
  await refused(["status"], 3, /^error: cannot reach http:\/\/no\.such\.host\.invalid: \w+$/m, {
    extra: { CUECARD_URL: "http://no.such.host.invalid", CUECARD_KEY: dev.key },
  });
});

test("a server that is not Cuecard: every command says so", async (t) => {
  const page = await answering(404, "text/html", "<h1>Not here</h1>");
  const json = await answering(200, "application/json", '{"hello":"world"}');
  const list = await answering(200, "application/json", "[]");
  const empty = await answering(204, "text/plain");
  const moved = await answering(302, "text/html", "", { location: dev.url });
  const half = await answering(200, "application/json", '{"project":', { "content-length": "1000" }, true);
  t.after(() => [page, json, list, empty, moved, half].forEach((server) => server.close()));
  await each(page.url, dev.key, 3, /^error: the server at \S+ is not a Cuecard \(status 404\)$/m);
  const some = TALKING.filter(([name]) => ["pull", "tag", "render", "export", "keys", "login"].includes(name));
  for (const { url } of [json, list, empty])
    await each(url, dev.key, 3, /^error: the server at \S+ is not a Cuecard/, some);
  await each(half.url, dev.key, 3, /^error: the answer of \S+ was cut off: /, some);
  await refused(["pull"], 3, /^error: cannot reach .*redirect/, {
    extra: { CUECARD_URL: moved.url, CUECARD_KEY: dev.key },
  });
  await refused(["pull"], 2, /^error: `not a url` is not an http\(s\) URL/, { extra: { CUECARD_URL: "not a url" } });
});

test("an older server, and one whose store is away", async (t) => {
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
  t.after(() => [old, broken].forEach((server) => server.close()));
  await each(old.url, dev.key, 1, /^error: the server at \S+ is older than this command \(.*\): upgrade it$/m);
  await each(broken.url, dev.key, 3, /^error: Away: /);
});

test("wrong commands, options and arguments", async () => {
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

test("a missing prompt, version or tag", async () => {
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

test("the error of a broken file names line and column", async (t) => {
  const file = "prompts/broken.prompt.yaml";
  t.after(() => rmSync(join(app.dir, file), { force: true }));
  app.write(file, "messages: [");
  for (const args of [
    ["render", "broken"],
    ["types"],
    ["types", "--check", "--out", "x.d.ts"],
    ["status"],
    ["pull"],
    ["push"],
    ["push", "broken"],
    ["diff"],
    ["diff", "--rendered"],
    ["test"],
    ["run", "broken", "-i", "x=1"],
  ]) {
    if (args.includes("--check")) app.write("x.d.ts", "// Made by `cuecard types --out x.d.ts`; changes are lost.\n");
    await refused(args, 1, /^error: prompts\/broken\.prompt\.yaml:1:\d+: /);
  }
  const looked = await app.cuecard("doctor");
  assert.deepEqual([looked.code, looked.stderr], [1, ""]);
  assert.match(looked.stdout, /^✗ project: prompts\/broken\.prompt\.yaml:1:\d+: /m);
  rmSync(join(app.dir, file));
  app.write("prompts/sales/email.cases.yaml", "one:\n  inputs: [");
  for (const args of [
    ["push"],
    ["pull"],
    ["status"],
    ["test"],
    ["diff", "sales/email", "--from", "1", "--rendered"],
    ["render", "sales/email", "--case", "one"],
  ])
    await refused(args, 1, /^error: prompts\/sales\/email\.cases\.yaml:2:\d+: /);
  const annotated = await app.cuecard("check", "--offline", "--github");
  assert.deepEqual([annotated.code, annotated.stderr], [1, ""]);
  assert.match(
    annotated.stdout,
    /^::error file=prompts\/sales\/email\.cases\.yaml,line=2,col=\d+,title=yaml_invalid::/m,
  );
  rmSync(join(app.dir, "prompts/sales/email.cases.yaml"));
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

test("a file that is not UTF-8: the line is named, and no character is made up", async (t) => {
  const latin = (text) => Buffer.from(text, "latin1");
  const made = {
    "prompts/latin.prompt.yaml": "messages:\n  - role: user\n    content: Grüße\n",
    "latin.json": '{"handle":"latin/one","version":1,\n"prompt":"Grüße","model":"openai/gpt-4o"}',
    "inputs.yaml": "# Inputs\nname: José\n",
  };
  t.after(() => Object.keys(made).forEach((name) => rmSync(join(app.dir, name))));
  for (const [name, text] of Object.entries(made)) app.write(name, latin(text));
  await refused(["push", "latin"], 1, /^error: prompts\/latin\.prompt\.yaml:3: the file is not UTF-8\n$/);
  await refused(["import", "--from", "langwatch", "latin.json"], 1, /^error: latin\.json:2: the file is not UTF-8\n$/);
  await refused(
    ["render", "sales/email", "--inputs", "inputs.yaml"],
    1,
    /^error: inputs\.yaml:2: the file is not UTF-8\n$/,
  );
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
      new RegExp(`^error: ${name.replace(".", "\\.")}\\.prompt\\.yaml is not a prompt file: ${reason}`),
    );
    rmSync(join(app.dir, `prompts/${name}.prompt.yaml`));
  }
});

test("cuecard.json must not have a key or an unknown field", async () => {
  const kept = app.read("cuecard.json");
  for (const [text, line] of [
    [JSON.stringify({ url: dev.url, key: dev.key }), /^error: cuecard\.json has a key in it/],
    [JSON.stringify({ url: dev.key }), /^error: cuecard\.json has a key in it/],
    [JSON.stringify({ ulr: dev.url }), /^error: cuecard\.json has no field `ulr`/],
    [JSON.stringify({ url: "example.com" }), /^error: cuecard\.json: `example\.com` is not an http/],
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

test("--json prints errors as JSON, too; every command has help", async () => {
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
  assert.ok(readFileSync(file, "utf8").includes(dev.key), "a refused key does not replace the saved one");
  assert.ok(!existsSync(join(app.dir, "keys.json")));
});
