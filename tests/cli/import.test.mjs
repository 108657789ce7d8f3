// Imports prompts of other systems, from files and from a stand-in for Langfuse's API.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { freePort } from "../ports.mjs";
import { folder } from "./lab.mjs";

const app = folder();
let dev;

before(async () => {
  await app.install();
  dev = await app.dev();
});
after(() => dev?.stop());

const VERSIONS = [
  {
    version: 1,
    type: "chat",
    prompt: [
      { role: "system", content: "You help {{customer}}. Use {braces} and {% raw text." },
      { type: "placeholder", name: "history" },
    ],
    labels: ["1.0"],
    commitMessage: "first",
    createdAt: "2025-01-02T03:04:05.678Z",
    createdBy: "ada",
  },
  {
    version: 4,
    type: "chat",
    prompt: [{ role: "system", content: "Help {{ customer }} now.\n" }],
    labels: ["production", "latest"],
    config: { model: "gpt-4o", temperature: 0.5, max_tokens: 9, odd: true },
    commitMessage: null,
    createdAt: "2025-02-02T00:00:00.000Z",
    createdBy: "API",
  },
];

/** Serves Langfuse's routes for prompts, with its paging and keys. */
async function langfuse(prompts) {
  const asked = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    asked.push(url.pathname + url.search);
    const answer = (status, body) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.headers.authorization !== `Basic ${Buffer.from("pk-lf-1:sk-lf-2").toString("base64")}`)
      return answer(401, { message: "Invalid credentials", error: "UnauthorizedError" });
    const names = Object.keys(prompts);
    if (url.pathname === "/api/public/v2/prompts") {
      const page = Number(url.searchParams.get("page"));
      const [name] = names.slice(page - 1, page);
      const data =
        name === undefined
          ? []
          : [{ name, versions: prompts[name].map(({ version }) => version), labels: [], tags: [] }];
      return answer(200, { data, meta: { page, limit: 1, totalItems: names.length, totalPages: names.length } });
    }
    const name = decodeURIComponent(url.pathname.replace("/api/public/v2/prompts/", ""));
    const found = prompts[name]?.find(({ version }) => version === Number(url.searchParams.get("version")));
    return found ? answer(200, { name, tags: [], config: {}, ...found }) : answer(404, { message: "Prompt not found" });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, asked, close: () => server.close() };
}

test("a Langfuse project keeps its numbers, dates, authors, messages and labels; a dry run lists the losses", async (t) => {
  const there = await langfuse({
    "team/bot": VERSIONS,
    "Say hello!": [{ version: 1, type: "text", prompt: "Hello {{name}}", labels: ["latest"] }],
  });
  t.after(there.close);
  const args = ["import", "--from", "langfuse", "--url", there.url, "--key", "pk-lf-1:sk-lf-2", "--json"];
  const prompts = async () => (await dev.get("/v1/prompts")).prompts.map(({ slug }) => slug);
  const before = await prompts();

  const dry = await app.cuecard(...args, "--dry-run");
  assert.equal(dry.code, 0, dry.stderr);
  const said = JSON.parse(dry.stdout);
  assert.deepEqual(
    said.prompts.map(({ slug, added }) => [slug, added]),
    [
      ["team/bot", [1, 4]],
      ["Say-hello", [1]],
    ],
  );
  assert.ok(said.prompts[0].lost.includes("the label `1.0` cannot be a tag"), JSON.stringify(said));
  assert.ok(said.prompts[1].lost.includes("the name `Say hello!` becomes the slug `Say-hello`"));
  assert.deepEqual(await prompts(), before, "a dry run changes nothing");

  const done = await app.cuecard(...args);
  assert.equal(done.code, 0, done.stderr);
  const { versions } = await dev.get("/v1/prompts/team%2Fbot/versions");
  assert.deepEqual(
    versions.map(({ version, author, commitMessage, createdAt, tags }) => ({
      version,
      author,
      commitMessage,
      createdAt,
      tags,
    })),
    [
      {
        version: 4,
        author: "API",
        commitMessage: undefined,
        createdAt: "2025-02-02T00:00:00.000Z",
        tags: ["production"],
      },
      { version: 1, author: "ada", commitMessage: "first", createdAt: "2025-01-02T03:04:05.678Z", tags: [] },
    ],
  );
  assert.equal(versions[0].model, "gpt-4o");
  assert.deepEqual(versions[0].parameters, { temperature: 0.5, maxTokens: 9 });
  assert.deepEqual(versions[0].metadata, { langfuse: { config: { odd: true } } });
  const { json } = await dev.send("POST", "/v1/prompts/team%2Fbot/render?version=1", {
    inputs: { customer: "Ada", history: [{ role: "user", content: "Hi" }] },
  });
  assert.deepEqual(json.messages, [
    { role: "system", content: "You help Ada. Use {braces} and {% raw text." },
    { role: "user", content: "Hi" },
  ]);
  const latest = await dev.send("POST", "/v1/prompts/team%2Fbot/render?version=4", { inputs: { customer: "Ada" } });
  assert.equal(latest.json.messages[0].content, "Help Ada now.\n");
  const { events } = await dev.get("/v1/events?limit=100");
  assert.ok(events.some(({ action, slug }) => action === "prompt.import" && slug === "team/bot"));

  // A second import adds nothing, and keeps a tag that has moved since.
  await dev.send("PUT", "/v1/prompts/team%2Fbot/tags/production", { version: 1 });
  const again = JSON.parse((await app.cuecard(...args)).stdout);
  assert.deepEqual(
    again.prompts.map(({ added, kept, tags }) => ({ added, kept, tags })),
    [
      { added: [], kept: [1, 4], tags: [] },
      { added: [], kept: [1], tags: [] },
    ],
  );
  assert.equal((await dev.get("/v1/prompts/team%2Fbot?tag=production")).version, 1);
});

test("one version that cannot be imported stops the whole import", async () => {
  const good = { name: "half/good", version: 1, type: "text", prompt: "Hi" };
  const bad = { name: "half/bad", version: 1, type: "text", prompt: "Hi", config: { temperature: 9 } };
  app.write("langfuse.json", JSON.stringify([good, bad]));
  const { code, stderr } = await app.cuecard("import", "--from", "langfuse", "langfuse.json");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^error: 1 of 2 prompts cannot be taken, nothing was imported\n {2}half\/bad: .*\n.*\/parameters\/temperature/,
  );
  assert.equal((await dev.get("/v1/prompts/half%2Fgood")).code, "prompt_not_found");
});

test("a wrong key and a server that is not Langfuse fail with one line", async (t) => {
  const there = await langfuse({});
  const away = `http://127.0.0.1:${await freePort()}`;
  t.after(there.close);
  for (const [args, code, message] of [
    [["--url", there.url, "--key", "a:b"], 1, /^error: http:\/\/127\.0\.0\.1:\d+ does not accept the key \(401\)\n$/],
    [["--url", away, "--key", "a:b"], 3, /^error: cannot reach http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED\n$/],
    [[], 2, /^error: set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, or name files\n$/],
  ]) {
    const answer = await app.cuecard("import", "--from", "langfuse", ...args);
    assert.equal(answer.code, code, answer.stderr);
    assert.match(answer.stderr, message);
  }
});

/** One prompt of each other system as its documentation writes it: the file, its text, and the rendered messages. */
const FOREIGN = [
  [
    "langwatch",
    "bot.json",
    JSON.stringify({
      id: "prompt_1",
      handle: "lw/bot",
      scope: "PROJECT",
      version: 3,
      versionId: "v3",
      createdAt: "2024-01-15T10:30:00Z",
      authorId: "user_789",
      deletedAt: null,
      prompt: "You are a helpful bot for {{user_name}}.",
      model: "openai/gpt-4o-mini",
      temperature: 0.7,
      maxTokens: 1000,
      inputs: [{ identifier: "user_name", type: "str" }],
      outputs: [],
    }),
    "lw/bot",
    3,
    { user_name: "Ada" },
    "You are a helpful bot for Ada.",
  ],
  [
    "basalt",
    "summary.json",
    JSON.stringify({
      slug: "basalt/summary",
      version: "1.2.0",
      tag: "production",
      text: "Summarize: {{ ticket }}",
      systemText: "You are terse.",
      model: { provider: "open-ai", model: "gpt-4o" },
    }),
    "basalt/summary",
    1,
    { ticket: "x" },
    "You are terse.",
  ],
  [
    "athina",
    "versions.json",
    JSON.stringify([
      {
        slug: "athina/mail",
        version: 2,
        prompt: [{ role: "user", content: "Write to {{name}}" }],
        model: "gpt-4o",
        commit_message: "two",
        created_at: "2024-05-05T05:05:05Z",
        default: true,
      },
    ]),
    "athina/mail",
    2,
    { name: "Ada" },
    "Write to Ada",
  ],
  [
    "openai",
    "greet.ts",
    'const r = await openai.responses.create({\n  model: "gpt-4o",\n  instructions: "Greet {{name}} {kindly}.",\n  temperature: 0.3,\n});',
    "greet",
    1,
    { name: "Ada" },
    "Greet Ada {kindly}.",
  ],
  [
    "dotprompt",
    "greeting.prompt",
    '---\nmodel: googleai/gemini-2.0-flash\nconfig:\n  temperature: 0.9\ninput:\n  schema:\n    name: string, who\n    items(array): string\n    polite?: boolean\n---\n{{role "system"}}\nYou greet {{name}}.{{#if polite}} Politely.{{else}} Plainly.{{/if}}{{#each items}}\n- {{this}}{{/each}}',
    "greeting",
    1,
    { name: "Ada", items: ["a", "b"], polite: true },
    "\nYou greet Ada. Politely.\n- a\n- b",
  ],
  [
    "prompty",
    "support.prompty",
    "---\nname: Basic Support\ndescription: Answers\nmodel:\n  api: chat\n  configuration:\n    type: azure_openai\n    azure_deployment: gpt-4o\n  parameters:\n    max_tokens: 128\nsample:\n  firstName: Jane\n---\nsystem:\nYou help {{firstName}}.\n\nuser:\nHi\n",
    "Basic-Support",
    1,
    { firstName: "Ada" },
    "You help Ada.",
  ],
];

for (const [from, file, text, slug, version, inputs, content] of FOREIGN) {
  test(`a prompt of ${from} from a file`, async () => {
    app.write(file, text);
    const { code, stdout, stderr } = await app.cuecard("import", "--from", from, file, "--json");
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      JSON.parse(stdout).prompts.map((one) => [one.slug, one.added]),
      [[slug, [version]]],
    );
    const path = `/v1/prompts/${encodeURIComponent(slug)}`;
    const rendered = await dev.send("POST", `${path}/render?version=${version}`, { inputs });
    assert.equal(rendered.status, 200, JSON.stringify(rendered.json));
    assert.equal(rendered.json.messages[0].content, content);
  });
}

test("content without a counterpart is named and refused, and no prompt is imported in part", async () => {
  app.write("partial.prompt", "---\nmodel: x\n---\nHello {{>signature}}");
  const { code, stderr } = await app.cuecard("import", "--from", "dotprompt", "partial.prompt");
  assert.equal(code, 1);
  assert.equal(stderr, "error: partial: `{{>signature}}` has no counterpart in Jinja2\n");
});

test("an export is a backup: another store imports it unchanged", async (t) => {
  const { code, stdout, stderr } = await app.cuecard("export");
  assert.equal(code, 0, stderr);
  const other = folder();
  await other.install();
  other.write("backup.json", stdout);
  const there = await other.dev();
  t.after(() => there.stop());
  const taken = await other.cuecard("import", "--from", "cuecard", "backup.json");
  assert.equal(taken.code, 0, taken.stderr);
  const known = ({ slug, version, hash, author, createdAt, commitMessage, tags }) => ({
    slug,
    version,
    hash,
    author,
    createdAt,
    commitMessage,
    tags,
  });
  const { prompts } = await dev.get("/v1/prompts?limit=100");
  assert.ok(prompts.length >= 8, `${prompts.length} prompts`);
  for (const { slug } of prompts.filter(({ slug }) => !/^(sales|support)/.test(slug))) {
    const path = `/v1/prompts/${encodeURIComponent(slug)}/versions`;
    const [mine, theirs] = await Promise.all([dev.get(path), there.get(path)]);
    assert.deepEqual(theirs.versions.map(known), mine.versions.map(known));
  }
});
