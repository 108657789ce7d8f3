// Import from the APIs of LangWatch, Basalt and Athina. The source is a Cuecard, which speaks the protocols of these
// systems and is tested with their own clients; a proxy before it causes the faults of an API.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { folder } from "./lab.mjs";

const app = folder();
const source = folder();
let dev, there;

const commit = (slug, body) => there.send("POST", `/v1/prompts/${encodeURIComponent(slug)}/versions`, body);

before(async () => {
  await Promise.all([app.install(), source.install()]);
  dev = await app.dev("--no-samples");
  there = await source.dev("--no-samples");
  // The systems have these features in common: names, versions, a text with a variable, a model.
  for (const n of [1, 2, 3])
    await commit("team/reply", {
      messages: [
        { role: "system", content: `You answer for {{ company }}, rule ${n}.` },
        { role: "user", content: "{{ question }}" },
      ],
      inputs: [
        { name: "company", type: "str" },
        { name: "question", type: "str" },
      ],
      model: "openai/gpt-4o",
      parameters: { temperature: 0.5 },
      commitMessage: `number ${n}`,
      ...(n === 2 && { tags: ["staging"] }),
    });
  await there.send("PUT", "/v1/prompts/team%2Freply/tags/production", { version: 2 });
  // The number of prompts is larger than a page.
  for (let n = 0; n < 60; n++)
    await commit(`many/n${n}`, { messages: [{ role: "user", content: `Number ${n}` }], model: "openai/gpt-4o" });
});
after(() => Promise.all([dev?.stop(), there?.stop()]));

/** Runs an import, and returns the result of each prompt. */
async function imported(from, extra, ...more) {
  const answer = await app.cuecard("import", "--from", from, "--prefix", from, "--json", ...more, { extra });
  assert.equal(answer.code, 0, answer.stderr);
  return JSON.parse(answer.stdout).prompts;
}

async function rendersAs(slug, version, expected) {
  const { status, json } = await dev.send("POST", `/v1/prompts/${encodeURIComponent(slug)}/render?version=${version}`, {
    inputs: { company: "Analytical Engines", question: "Why?" },
  });
  assert.equal(status, 200, JSON.stringify(json));
  assert.deepEqual(json.messages, expected);
}

const messages = (n) => [
  { role: "system", content: `You answer for Analytical Engines, rule ${n}.` },
  { role: "user", content: "Why?" },
];

for (const [from, keyName, urlName, kept] of [
  ["langwatch", "LANGWATCH_API_KEY", "LANGWATCH_ENDPOINT", { messages: true, tags: ["production", "staging"] }],
  ["basalt", "BASALT_API_KEY", "BASALT_API_URL", { messages: false, tags: ["production", "staging"] }],
  ["athina", "ATHINA_API_KEY", "ATHINA_API_URL", { messages: true, tags: ["production"] }],
]) {
  test(`${from}: its API gives all versions of all prompts, with dates, tags and the same renders; a dry run changes nothing; a second import adds nothing`, async () => {
    const extra = { [keyName]: there.key, [urlName]: `${there.url}/` };
    const before = await dev.get("/v1/prompts?limit=100");
    const dry = await imported(from, extra, "--dry-run");
    assert.equal(dry.length, 61);
    assert.deepEqual(await dev.get("/v1/prompts?limit=100"), before);
    const done = await imported(from, extra);
    assert.deepEqual(done.find(({ slug }) => slug === `${from}/team/reply`).added, [1, 2, 3]);
    const path = `/v1/prompts/${encodeURIComponent(`${from}/team/reply`)}`;
    const { tags } = await dev.get(`${path}/tags`);
    assert.deepEqual(
      Object.fromEntries(tags.map(({ tag, version }) => [tag, version])),
      Object.fromEntries(kept.tags.map((tag) => [tag, 2])),
    );
    for (const n of [1, 2, 3]) await rendersAs(`${from}/team/reply`, n, messages(n));
    const [mine, theirs] = await Promise.all([
      dev.get(`${path}/versions`),
      there.get("/v1/prompts/team%2Freply/versions"),
    ]);
    assert.equal(mine.versions.length, 3);
    assert.equal(mine.versions[0].model, "openai/gpt-4o");
    assert.deepEqual(mine.versions[0].parameters, { temperature: 0.5 });
    if (from !== "basalt")
      assert.deepEqual(
        mine.versions.map(({ createdAt, commitMessage }) => [createdAt, commitMessage]),
        theirs.versions.map(({ createdAt, commitMessage }) => [createdAt, commitMessage]),
      );
    for (const { added, tags } of await imported(from, extra)) assert.deepEqual([added, tags], [[], []]);
  });

  test(`${from}: a wrong key, a server that is not ${from}, an API that is away or limits: one line or a retry, and no partial import`, async (t) => {
    const between = await proxy(there.url);
    t.after(between.close);
    const call = (url, key = there.key) =>
      app.cuecard("import", "--from", from, "--prefix", `faulty-${from}`, "--url", url, "--key", key);
    const none = async () => assert.deepEqual((await dev.get(`/v1/prompts?prefix=faulty-${from}`)).prompts, []);
    for (const [fault, code, line] of [
      [{ status: 401 }, 1, /^error: http:\/\/127\.0\.0\.1:\d+ does not accept the key \(401\)\n$/],
      [{ status: 404 }, 1, /^error: http:\S+ answers with status 404\n/],
      [{ body: "<html>" }, 3, /^error: the answer of http:\S+ is not JSON\n$/],
      [{ body: '{"hello":"world"}' }, 1, /^error: http:\S+ is not (LangWatch|Basalt|Athina)'s API\n$/],
      [{ body: "null" }, 1, /^error: http:\S+ is not (LangWatch|Basalt|Athina)'s API\n$/],
      [{ after: 5, body: "null" }, 1, /^error: \S+ (lists no versions|has no prompt|has no)/],
      [{ after: 5, status: 401 }, 1, /does not accept the key \(401\)\n$/],
      [{ after: 5, body: "<html>" }, 3, /is not JSON\n$/],
    ]) {
      between.fault = fault;
      const { code: exit, stderr } = await call(between.url);
      assert.equal(exit, code, `${JSON.stringify(fault)}: ${stderr}`);
      assert.match(stderr, line);
      await none();
    }
    // The import waits as `retry-after` says, asks again, and loses no prompt.
    between.fault = { after: 5, status: 429, times: 2, headers: { "retry-after": "1" } };
    const { code, stderr } = await call(between.url);
    assert.equal(code, 0, stderr);
    const { prompts } = await dev.get(`/v1/prompts?prefix=faulty-${from}&limit=100`);
    assert.equal(prompts.length, 61);
  });
}

/** Starts a proxy. With a `fault` it answers `times` requests itself, after the first `after` requests. */
async function proxy(origin) {
  const own = { fault: undefined };
  let [seen, last] = [0, undefined];
  const server = createServer(async (request, response) => {
    if (last !== own.fault) [seen, last] = [0, own.fault];
    seen += 1;
    const {
      after = 0,
      times = Number.POSITIVE_INFINITY,
      status = 200,
      body = "{}",
      headers = {},
    } = own.fault ?? { times: 0 };
    if (seen > after && seen <= after + times)
      return response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    const { host: _, connection: __, ...passed } = request.headers;
    const answer = await fetch(origin + request.url, { headers: passed });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  own.url = `http://127.0.0.1:${server.address().port}`;
  own.close = () => server.close();
  return own;
}
