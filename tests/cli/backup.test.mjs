// An export is a backup: a consistent cut of a project, even under concurrent writes, that an import restores
// unchanged.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { folder } from "./lab.mjs";

const app = folder();
let dev;

before(async () => {
  await app.install();
  dev = await app.dev("--no-samples");
});
after(() => dev?.stop());

const document = (text) => ({ messages: [{ role: "user", content: text }] });
const path = (slug) => `/v1/prompts/${encodeURIComponent(slug)}`;

/** Starts a second, empty Cuecard. */
async function another(t) {
  const other = folder();
  await other.install();
  const there = await other.dev("--no-samples");
  t.after(() => there.stop());
  return [other, there];
}

/** All prompts of a store with their versions, tags and cases, read past every cache. */
async function all(server, key = server.key) {
  const get = async (route) => {
    const headers = { authorization: `Bearer ${key}`, "cuecard-via": "test" };
    return (await fetch(server.url + route, { headers })).json();
  };
  const found = {};
  for (let cursor = ""; cursor !== undefined; ) {
    const page = await get(`/v1/prompts?limit=100${cursor}`);
    for (const { slug, name, description, labels, scope, tags } of page.prompts) {
      const versions = [];
      for (let more = ""; more !== undefined; ) {
        const part = await get(`${path(slug)}/versions?limit=100${more}`);
        versions.push(...part.versions);
        more = part.nextCursor === undefined ? undefined : `&cursor=${part.nextCursor}`;
      }
      found[slug] = {
        about: { name, description, labels, scope },
        tags: Object.fromEntries(tags.map(({ tag, version }) => [tag, version])),
        cases: (await get(`${path(slug)}/cases`)).cases.map(({ name, inputs }) => [name, inputs]),
        versions: versions.map(({ version, hash, author, createdAt, commitMessage }) => ({
          version,
          hash,
          author,
          createdAt,
          commitMessage,
        })),
      };
    }
    cursor = page.nextCursor === undefined ? undefined : `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
  return found;
}

test("an export during writes is a consistent cut: every version and tag as of one revision, compared one by one", async (t) => {
  for (let n = 0; n < 12; n++) await dev.send("POST", `${path(`p/${n}`)}/versions`, document(`first of ${n}`));
  // All changes have one order: each round commits the same text to every prompt in turn, and then moves a tag of each.
  // A cut may hold a part of a round, but no change without all earlier ones.
  let [stop, changes] = [false, 0];
  const writing = (async () => {
    for (let round = 1; !stop; round++) {
      for (let n = 0; n < 12 && !stop; n++) {
        const made = await dev.send("POST", `${path(`p/${n}`)}/versions`, {
          ...document(`round ${round}`),
          commitMessage: `${++changes}`,
        });
        await dev.send("PUT", `${path(`p/${n}`)}/tags/production`, { version: made.json.version });
        if (round % 3 === 0) await dev.send("DELETE", `${path(`p/${n}`)}/tags/extra`).catch(() => {});
        else await dev.send("PUT", `${path(`p/${n}`)}/tags/extra`, { version: made.json.version });
      }
    }
  })();
  t.after(() => (stop = true));
  const cuts = [];
  for (let n = 0; n < 4; n++) {
    const { code, stderr } = await app.cuecard("export", "--out", `cut${n}.ndjson`);
    assert.equal(code, 0, stderr);
    cuts.push(app.read(`cut${n}.ndjson`));
  }
  stop = true;
  await writing;
  assert.ok(changes > 24, `${changes} changes meanwhile`);
  const now = await all(dev);
  const { events } = await everyEvent();
  for (const cut of cuts) {
    const lines = cut
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const { revision } = lines.find((line) => line.project);
    // The audit log gives the store's state at that revision.
    const expected = {};
    for (const { action, slug, detail } of events.filter((event) => event.revision <= revision)) {
      const prompt = slug && (expected[slug] ??= { versions: 0, tags: {} });
      if (action === "prompt.commit" && detail.version) {
        prompt.versions = detail.version;
        if (detail.version === 1) prompt.tags.production = 1;
      }
      if (action === "tag.set") prompt.tags[detail.tag] = detail.to;
      if (action === "tag.delete") delete prompt.tags[detail.tag];
    }
    let current;
    const found = {};
    for (const line of lines) {
      if (line.prompt) found[line.prompt.slug] = current = { versions: 0, tags: line.prompt.tags, texts: [] };
      if (line.version) {
        current.versions = line.version.version;
        current.texts.push(line.version.document.messages[0].content);
      }
    }
    for (const [slug, { versions, tags, texts }] of Object.entries(found)) {
      assert.deepEqual({ versions, tags }, expected[slug], `${slug} at ${revision}`);
      assert.equal(texts.length, versions);
    }
    assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
  }
  // The last cut is imported and compared version by version.
  const [other, there] = await another(t);
  other.write("cut.ndjson", cuts.at(-1));
  const taken = await other.cuecard("import", "--from", "cuecard", "cut.ndjson");
  assert.equal(taken.code, 0, taken.stderr);
  for (const [slug, { versions }] of Object.entries(await all(there))) {
    const mine = now[slug].versions.filter(({ version }) => version <= versions[0].version);
    assert.deepEqual(versions, mine, slug);
  }
});

async function everyEvent() {
  const events = [];
  for (let after = 0; after !== undefined; ) {
    const page = await dev.get(`/v1/events?limit=100&after=${after}`);
    events.push(...page.events);
    after = page.nextCursor;
  }
  return { events };
}

test("--all: an empty store imports every project of an organisation, with names, labels, scope and cases, and no key remains", async (t) => {
  await dev.send("POST", "/v1/projects", {
    slug: "shop",
    name: "The shop",
    allowedOrigins: ["https://shop.example.com"],
  });
  const { json: shop } = await dev.send("POST", "/v1/keys", { project: "shop", role: "admin" });
  const inShop = { ...dev, key: shop.key };
  // Both projects have the slug `p/1`; `aux` is no file name on Windows.
  for (const slug of ["p/1", "aux", "P/1"])
    await inShop.send("POST", `${path(slug)}/versions`, document(`the shop's ${slug}`));
  await inShop.send("PATCH", path("p/1"), {
    name: "One",
    description: "The first",
    labels: { folder: "a" },
    scope: "organization",
  });
  await inShop.send("PUT", `${path("p/1")}/cases/ada`, { inputs: { who: "Ada" } });
  const keysOf = async (server, project) =>
    (await server.get(`/v1/keys?project=${project}&limit=100`)).keys.filter(({ revokedAt }) => !revokedAt).length;
  const before = await keysOf(dev, "shop");
  const exported = await app.cuecard("export", "--all", "--out", "all.ndjson");
  assert.equal(exported.code, 0, exported.stderr);
  assert.match(exported.stdout, /^all\.ndjson: 2 projects, 15 prompts, \d+ versions\n$/);
  assert.equal(await keysOf(dev, "shop"), before);

  const [other, there] = await another(t);
  other.write("all.ndjson", app.read("all.ndjson"));
  const dry = await other.cuecard("import", "--from", "cuecard", "all.ndjson", "--dry-run");
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /^shop:\n {2}would be made, with 3 prompts$/m);
  assert.deepEqual(
    (await there.get("/v1/projects")).projects.map(({ slug }) => slug),
    ["default"],
  );
  for (const added of [/\d versions? added/, /0 versions added; \d+ there already/]) {
    const { code, stdout, stderr } = await other.cuecard("import", "--from", "cuecard", "all.ndjson");
    assert.equal(code, 0, stderr);
    assert.match(stdout, added);
  }
  const { name, allowedOrigins } = (await there.get("/v1/projects")).projects.find(({ slug }) => slug === "shop");
  assert.deepEqual([name, allowedOrigins], ["The shop", ["https://shop.example.com"]]);
  assert.equal(await keysOf(there, "shop"), 0, "the export has no keys, and the import's own key is revoked");
  const { json: key } = await there.send("POST", "/v1/keys", { project: "shop", role: "admin" });
  assert.deepEqual(await all(there, key.key), await all(dev, shop.key));
  assert.deepEqual(await all(there), await all(dev));
});

test("a truncated or damaged file is refused as a whole", async (t) => {
  const [other, there] = await another(t);
  const whole = app.read("cut0.ndjson");
  const lines = whole.trim().split("\n");
  for (const text of [
    `${lines.slice(0, -1).join("\n")}\n`,
    `${lines.slice(0, 5).join("\n")}\n`,
    whole.slice(0, -40),
    [...lines.slice(0, 4), ...lines.slice(5)].join("\n"),
    lines.toSpliced(4, 1, "{").join("\n"),
    "",
    '{"kind":"cuecard-export","format":9}',
    whole.replace('"content":"', '"content":"#'),
    lines.toSpliced(2, 0, lines[2]).join("\n"),
    ...["project", "prompt"].map((kind) => whole.replace(`{"${kind}":{`, `{"${kind}":{"later":1,`)),
  ]) {
    other.write("cut.ndjson", text);
    const { code, stderr } = await other.cuecard("import", "--from", "cuecard", "cut.ndjson");
    assert.equal(code, 1, text.slice(0, 80));
    assert.match(
      stderr,
      /^error: cut(:\d+: the line is not| is not whole| is not an export| is not as it was exported|:\d+: `later` is of a later release)/,
    );
  }
  assert.deepEqual((await there.get("/v1/prompts")).prompts, []);
});

test("an export that cannot be written fails with one line; a pipe stays a pipe, a link a link", async () => {
  const sh = (script) => app.run("sh", ["-c", script.replaceAll("cuecard", "node node_modules/cuecard/dist/cli.js")]);
  const full = await sh("cuecard export > /dev/full");
  assert.equal(full.code, 1);
  assert.match(full.stderr, /^error: standard output cannot be written: ENOSPC[^\n]*\n$/);
  const closed = await sh("cuecard export | head -c 10; exit 0");
  assert.equal(closed.stderr, "");
  const folder = await sh("mkdir taken && cuecard export --out taken; code=$?; ls *.tmp; exit $code");
  assert.equal(folder.code, 1);
  assert.match(folder.stderr, /^error: EISDIR/m);
  assert.equal(folder.stdout, "");
  const piped = await sh(
    "mkfifo pipe && (cat pipe > through.ndjson & cuecard export --out pipe && wait) && test -p pipe",
  );
  assert.equal(piped.code, 0, piped.stderr);
  assert.match(app.read("through.ndjson"), /"kind":"end"|"end"/);
  const linked = await sh("touch kept.ndjson && ln -s kept.ndjson link && cuecard export --out link && test -L link");
  assert.equal(linked.code, 0, linked.stderr);
  assert.equal(app.read("kept.ndjson").trim().split("\n").length, app.read("through.ndjson").trim().split("\n").length);
});

test("a history longer than a request: no tag moves before its end, and a second run completes an interrupted import", async (t) => {
  const versions = Array.from({ length: 40 }, (_, at) => ({
    name: "long/one",
    version: at + 1,
    type: "text",
    prompt: `${at} ${"long text ".repeat(8_000)}`,
    labels: at === 35 ? ["production"] : [],
    commitMessage: `number ${at + 1}`,
  }));
  app.write("long.json", JSON.stringify(versions));
  // A proxy before the server, which fails at the third part.
  let parts = 0;
  const between = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const real = /\/history/.test(request.url) && !body.includes('"dryRun":true');
    if (real && ++parts === 3) return request.socket.destroy();
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
    const answer = await fetch(dev.url + request.url, {
      method: request.method,
      headers,
      ...(body.length > 0 && { body }),
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => between.once("listening", resolve));
  t.after(() => between.close());
  const extra = { CUECARD_URL: `http://127.0.0.1:${between.address().port}`, CUECARD_KEY: dev.key };
  const cut = await app.cuecard("import", "--from", "langfuse", "long.json", { extra });
  assert.equal(cut.code, 3, cut.stderr);
  assert.match(cut.stderr, /^error: cannot reach .*\n$/);
  const half = await dev.get(`${path("long/one")}/versions?limit=100`);
  assert.ok(half.versions.length > 0 && parts === 3);
  assert.deepEqual((await dev.get(`${path("long/one")}/tags`)).tags, [], "no tag points into a partial history");
  assert.equal((await dev.get(`${path("long/one")}?tag=production`)).status, 404);

  const again = JSON.parse((await app.cuecard("import", "--from", "langfuse", "long.json", "--json")).stdout)
    .prompts[0];
  assert.equal(again.added.length + again.kept.length, 40);
  assert.deepEqual(again.tags, ["production"]);
  assert.equal((await dev.get(`${path("long/one")}?tag=production`)).version, 36);
});
