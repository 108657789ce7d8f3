// What `cuecard-server` is told at the start: its commands, logs, metrics and variables.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "./lab.mjs";
import { app, commit, main, serve } from "./served.mjs";

test("key prints a key of the organisation that is named, and none of a name that is no id", async () => {
  const key = (...more) => app.run("node", [main, "key", ...more]);
  assert.match((await key("5r7jzqx9r519")).stdout, /^cue_5r7jzqx9r519_\w{12}_\w{38}\n$/);
  const { code, stderr } = await key("acme");
  assert.equal(code, 2);
  assert.match(stderr, /^error: an organisation is the 12 characters after `cue_` in a key, not `acme`\n$/);
});

test("rotate makes a new admin key and revokes the old one; a served folder is left alone", async () => {
  const dir = join(app.dir, "rotated");
  const first = await serve(dir);
  await commit(first, "a", "one");
  const rotate = () => app.run("node", [main, "rotate", "--dir", dir]);
  assert.match((await rotate()).stderr, /^error: process \d+ serves /);
  await first.stop();
  const { code, stdout, stderr } = await rotate();
  assert.equal(code, 0, stderr);
  const key = stdout.trim();
  assert.equal(readFileSync(join(dir, "key"), "utf8"), key);
  assert.equal(statSync(join(dir, "key")).mode & 0o777, 0o600);
  assert.deepEqual([key.slice(0, 16) === first.key.slice(0, 16), key === first.key], [true, false]);
  const second = await serve(dir);
  assert.equal(second.key, key);
  assert.equal((await second.call("GET", "/v1/prompts/a")).status, 200);
  assert.equal((await second.call("GET", "/v1/prompts/a", undefined, first.key)).status, 401);
  await second.stop();
  assert.match(
    (await app.run("node", [main, "rotate", "--dir", "nowhere"])).stderr,
    /^error: \S+nowhere\/key is missing/,
  );
  assert.ok(!existsSync(join(app.dir, "nowhere")));
});

test("--log: a line of JSON for each answer, with the facts that an operator needs and without content", async () => {
  const server = await serve(join(app.dir, "logged"), { more: ["--log"] });
  const secret = "a text that nobody shall read";
  // A key where a slug belongs is a key, too.
  const encoded = encodeURIComponent(server.key.replace("c", "%63"));
  for (const path of [server.key, `a%2F${server.key}/versions`, encoded, `a?tag=${server.key.slice(0, 64)}`])
    await server.call("GET", `/v1/prompts/${path}`);
  // Nor is everything a slug or a tag that stands in its place.
  for (const path of [encodeURIComponent(secret), `a?tag=${encodeURIComponent(secret)}`])
    await server.call("GET", `/v1/prompts/${path}`);
  await server.call("POST", "/v1/prompts/team%2Fbot/versions", {
    messages: [{ role: "user", content: `${secret} {{ who }}` }],
  });
  await server.call("POST", "/v1/prompts/team/bot/render?tag=production", { inputs: { who: secret } });
  const read = await server.call("GET", "/v1/prompts/team/bot?tag=production");
  await server.call("GET", "/v1/prompts/no/such");
  await server.call("GET", "/v1/prompts/team/bot", undefined, "cue_wrong");
  const lines = await until("the lines", () => {
    // The last line may not be whole yet.
    const whole = [server.output(), server.errors()].flatMap((text) => text.split("\n").slice(0, -1));
    const found = whole.flatMap((line) => {
      const at = line.indexOf('{"time"');
      return at < 0 ? [] : [JSON.parse(line.slice(at))];
    });
    return found.some(({ status }) => status === 401) && found;
  });
  const last = lines.slice(-5);
  assert.deepEqual(
    last.map(({ method, route, status, slug, version, tag }) => [method, route, status, slug, version, tag]),
    [
      ["POST", "prompt/versions", 201, "team/bot", undefined, undefined],
      ["POST", "prompt/render", 200, "team/bot", 1, "production"],
      ["GET", "prompt", 200, "team/bot", 1, "production"],
      ["GET", "prompt", 404, "no/such", undefined, undefined],
      ["GET", "prompt", 401, "team/bot", undefined, undefined],
    ],
  );
  assert.match(last[2].cache, /^(hit|miss)$/);
  assert.equal(read.headers.get("cuecard-request-id"), last[2].request);
  assert.equal(read.json.version, 1, "the answer is complete");
  for (const line of lines) {
    assert.match(line.request, /\S{8,}/);
    assert.ok(line.ms >= 0 && !Number.isNaN(Date.parse(line.time)), JSON.stringify(line));
  }
  assert.equal(last[0].organization, server.key.slice(4, 16));
  const printed = lines.map((line) => JSON.stringify(line)).join("\n");
  for (const text of [secret, server.key, server.key.slice(30)]) assert.ok(!printed.includes(text), text);
  await server.stop();
});

test("--metrics: OpenMetrics for admins and nobody else; without it there is no such page", async () => {
  const server = await serve(join(app.dir, "measured"), { more: ["--metrics"] });
  await commit(server, "a", "one");
  for (let n = 0; n < 5; n++) await server.call("GET", "/v1/prompts/a");
  const { json: reader } = await server.call("POST", "/v1/keys", { role: "write" });
  assert.equal((await server.call("GET", "/metrics", undefined, reader.key)).status, 403);
  assert.equal((await server.call("GET", "/metrics", undefined, "cue_wrong")).status, 401);
  assert.equal((await fetch(`${server.url}/metrics`)).status, 401);
  const { status, headers, text } = await server.call("GET", "/metrics");
  assert.equal(status, 200);
  assert.match(headers.get("content-type"), /^application\/openmetrics-text; version=1\.0\.0/);
  assert.match(text, /\n# EOF\n$/);
  const value = (line) => Number(new RegExp(`^${line.replaceAll(/[{}.+"]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1]);
  assert.equal(
    value('cuecard_requests_total{route="prompt",method="GET",status="200",cache="hit"}') +
      (value('cuecard_requests_total{route="prompt",method="GET",status="200",cache="miss"}') || 0),
    5,
    text,
  );
  assert.equal(value('cuecard_request_seconds_count{route="prompt"}'), 5);
  assert.equal(value('cuecard_request_seconds_bucket{route="prompt",le="+Inf"}'), 5);
  // OpenMetrics requires each family's lines together after its type, and cumulative buckets.
  const families = text
    .trim()
    .split("\n")
    .filter((line) => line.startsWith("# TYPE"))
    .map((line) => line.split(" ")[2]);
  assert.equal(new Set(families).size, families.length);
  for (const line of text.trim().split("\n"))
    assert.match(line, /^(# (TYPE|HELP|UNIT|EOF)|cuecard_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+-]+$)/, line);
  // Requests for unknown paths and slugs add no lines.
  const before = text.split("\n").length;
  for (let n = 0; n < 50; n++) await server.call("GET", `/made/up/${n}`);
  assert.ok((await server.call("GET", "/metrics")).text.split("\n").length < before + 30);
  await server.stop();
  const plain = await serve(join(app.dir, "measured"));
  assert.equal((await plain.call("GET", "/metrics")).status, 404);
  await plain.stop();
});

test("--var sets a variable of the Worker; a wrong one fails with one line", async () => {
  const server = await serve(join(app.dir, "varied"), { more: ["--var", "FRESH_SECONDS=77"] });
  await commit(server, "a", "one");
  await server.call("GET", "/v1/prompts/a");
  const { headers } = await server.call("GET", "/v1/prompts/a");
  assert.match(headers.get("cache-control") + headers.get("cache-status"), /7[67]/);
  await server.stop();
  // Zero, a fraction and spaces are what the Worker reads, too.
  const zero = ["FRESH_SECONDS=0", "KEY_SECONDS= 0.5 ", "STALE_IF_ERROR_SECONDS=1000000000"];
  const odd = await serve(join(app.dir, "varied"), { more: zero.flatMap((pair) => ["--var", pair]) });
  assert.equal((await odd.call("GET", "/v1/prompts/a")).status, 200);
  await odd.stop();
  for (const [more, line] of [
    [["--var", "x"], /^error: --var takes NAME=VALUE, not `x`/],
    [["--var", "BOOTSTRAP_KEY=x"], /^error: --var does not take BOOTSTRAP_KEY/],
    [["--var", "FRESH_SECOND=5"], /^error: there is no variable FRESH_SECOND: /],
    ...["-1", "soon", "NaN", "", "2147483648", "Infinity", "0x5", "5s"].map((value) => [
      ["--var", `FRESH_SECONDS=${value}`],
      /^error: FRESH_SECONDS takes seconds, from 0 to 1,000,000,000, not `/,
    ]),
    [["--var", "KEY_SECONDS=61"], /^error: KEY_SECONDS takes seconds, from 0 to 60, not `61`/],
    [["--var", "EPOCH=1.5"], /^error: EPOCH takes a whole number/],
    [["--var", "LOG=on"], /^error: LOG takes requests, not `on`/],
    ...["http://cue.example.com", "https://cue.example.com/v1", "https://user@cue.example.com", "https://"].map(
      (url) => [["--origin", url], /^error: --origin takes the URL of another Cuecard/],
    ),
  ]) {
    const { code, stderr } = await serve(join(app.dir, "varied"), { more });
    assert.equal(code, 2);
    assert.match(stderr, line);
  }
});
