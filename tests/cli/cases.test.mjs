// Cases, types, lock and check, which a team keeps in its repository.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { folder } from "./lab.mjs";

const app = folder();
let dev;
const git = (...args) =>
  execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], {
    cwd: app.dir,
    encoding: "utf8",
  }).trim();

before(async () => {
  await app.install();
  app.write(
    "prompts/support/bot.prompt.yaml",
    `messages:
  - role: user
    content: Help {{ customer }}, {{ tone }}.
inputs:
  - { name: customer, type: str, description: Who asks }
  - { name: tone, type: str, enum: [warm, brief], default: warm }
  - { name: order, type: dict, required: false, schema: { type: object, properties: { id: { type: integer }, "a b": { type: array, items: { type: string } } }, required: [id] } }
outputs:
  - { name: answer, type: str }
  - { name: score, type: float }
`,
  );
  app.write(".gitignore", ".cuecard\nnode_modules\n");
  git("init", "--quiet", "--initial-branch", "main");
  git("remote", "add", "origin", "https://user:secret@git.example.com/team/app.git");
  git("add", ".");
  git("commit", "--quiet", "-m", "First");
  dev = await app.dev();
});
after(() => dev?.stop());

const run = async (code, ...args) => {
  const answer = await app.cuecard(...args);
  assert.equal(answer.code, code, `cuecard ${args.join(" ")}\n${answer.stdout}${answer.stderr}`);
  return answer.stdout;
};

test("a push records its git commit without the remote's secrets; a push from CI, which does not commit, is no conflict", async () => {
  await run(0, "push", "-m", "First");
  const first = await dev.get("/v1/prompts/support%2Fbot?tag=latest");
  assert.deepEqual(first.metadata, {
    git: { commit: git("rev-parse", "HEAD"), branch: "main", url: "https://git.example.com/team/app.git" },
  });
  assert.doesNotMatch(await app.cuecard("pull").then(({ stdout }) => stdout), /support\/bot/);
  assert.doesNotMatch(app.read("prompts/support/bot.prompt.yaml"), /metadata|commit/);

  // A clone has the file as it was committed, without the number of the pushed version.
  git("checkout", "--quiet", "--", "prompts");
  assert.doesNotMatch(app.read("prompts/support/bot.prompt.yaml"), /# cuecard/);
  app.write(
    "prompts/support/bot.prompt.yaml",
    app.read("prompts/support/bot.prompt.yaml").replace("Help", "Please help"),
  );
  git("commit", "--quiet", "-a", "-m", "Second");
  await run(0, "push");
  git("checkout", "--quiet", "--", "prompts");
  app.write(
    "prompts/support/bot.prompt.yaml",
    app.read("prompts/support/bot.prompt.yaml").replace("Please help", "Kindly help"),
  );
  await run(0, "push");
  const third = await dev.get("/v1/prompts/support%2Fbot?tag=latest");
  assert.equal(third.version, 3);
  assert.equal(third.metadata.git.dirty, true);
  assert.equal(JSON.parse(await run(0, "push", "--json")).pushed[0].state, "same", "nothing is pushed twice");
});

test("types cover the inputs, the outputs and the tags, and are the same bytes every time", async () => {
  await run(0, "lock");
  await run(0, "types", "--out", "src/prompts.d.ts");
  const text = app.read("src/prompts.d.ts");
  assert.equal(
    text,
    `// Made by \`cuecard types --out src/prompts.d.ts\`; changes are lost.
import "cuecard";

declare module "cuecard" {
  interface Prompts {
    "support/bot": {
      inputs: {
        /** Who asks */
        readonly customer: string;
        readonly tone?: "warm" | "brief" | undefined;
        readonly order?: { readonly id: number; readonly "a b"?: readonly (string)[] } | undefined;
      };
      outputs: {
        readonly answer: string;
        readonly score: number;
      };
      tags: "production";
    };
  }
}
`,
  );
  await run(0, "types", "--out", "src/prompts.d.ts");
  assert.equal(app.read("src/prompts.d.ts"), text);
  await run(0, "types", "--check", "--out", "src/prompts.d.ts");
  await run(0, "types", "--from", "server", "--out", "src/server.d.ts");
  assert.match(app.read("src/server.d.ts"), /^\/\/ Made by `cuecard types --out src\/server\.d\.ts --from server`/);
  await run(0, "types", "--check", "--out", "src/server.d.ts");
  await run(0, "types", "--from", "lock", "--out", "src/lock.d.ts");
  assert.equal(app.read("src/lock.d.ts").replace(/.*\n/, ""), app.read("src/server.d.ts").replace(/.*\n/, ""));
  app.write("src/prompts.d.ts", text.replace("string;", "number;"));
  await run(1, "types", "--check", "--out", "src/prompts.d.ts");
  await run(1, "check", "--types", "src/prompts.d.ts");
});

test("every tag's version must accept the inputs of the types, which come from files, the lock or the server", async () => {
  const slug = "typed/by";
  const file = `prompts/${slug}.prompt.yaml`;
  const of = (inputs) => `messages:\n  - role: user\n    content: "{{ a }}"\ninputs:\n${inputs}`;
  app.write(file, of("  - { name: a, type: str }\n"));
  await run(0, "push", slug);
  await run(0, "lock");
  await run(0, "types", "--from", "lock");
  // The file has changed since, but the types in use come from the lock.
  app.write(file, of("  - { name: a, type: int }\n"));
  await run(0, "check");
  await run(0, "types", "--from", "files", "--out", "files.d.ts");
  const refused = await run(1, "check", "--types", "files.d.ts");
  assert.match(
    refused,
    /typed\/by\.prompt\.yaml:5:\d+: error: production is version 1: `a`: it takes str, the types give int\n/,
  );
  // Another tag points to a newer version, which requires one more input.
  const more = [
    { name: "a", type: "str" },
    { name: "b", type: "str" },
  ];
  const messages = [{ role: "user", content: "{{ a }}{{ b }}" }];
  await dev.send("POST", "/v1/prompts/typed%2Fby/versions", { messages, inputs: more });
  await dev.send("PUT", "/v1/prompts/typed%2Fby/tags/canary", { version: 2 });
  await run(0, "lock");
  for (const source of ["lock", "server"]) {
    await run(0, "types", "--from", source);
    const line = app.read("cuecard.d.ts").split("\n").indexOf('    "typed/by": {') + 1;
    const told = await run(1, "check");
    assert.match(
      told,
      new RegExp(
        `^cuecard\\.d\\.ts:${line}:5: error: canary is version 2: it takes \`b\`, which the types do not have$`,
        "m",
      ),
    );
    assert.doesNotMatch(told, /production is version/);
  }
  await dev.send("DELETE", "/v1/prompts/typed%2Fby/tags/canary");
  await run(0, "lock");
  await run(0, "types", "--from", "server");
  await run(0, "check");
  for (const name of ["cuecard.d.ts", "files.d.ts", file]) rmSync(join(app.dir, name));
  await dev.send("DELETE", "/v1/prompts/typed%2Fby");
});

test("the lock has each tag's version and hash, a snapshot without names, and the same bytes every time", async () => {
  await dev.send("PUT", "/v1/prompts/support%2Fbot/tags/staging", { version: 2 });
  await run(0, "lock");
  const text = app.read("cuecard.lock.json");
  const { format, prompts, snapshot } = JSON.parse(text);
  const hash = async (version) => (await dev.get(`/v1/prompts/support%2Fbot?version=${version}`)).hash;
  assert.deepEqual(
    [format, prompts],
    [
      1,
      {
        "support/bot": {
          production: { version: 1, hash: await hash(1) },
          staging: { version: 2, hash: await hash(2) },
        },
      },
    ],
  );
  assert.deepEqual(
    snapshot.prompts.map(({ slug, version }) => [slug, version]),
    [["support/bot", 1]],
  );
  assert.doesNotMatch(text, /author|commitMessage/);
  await run(0, "lock");
  assert.equal(app.read("cuecard.lock.json"), text);
  await run(0, "lock", "--check");
  app.write("cuecard.lock.json", text.replaceAll(await hash(2), await hash(1)));
  await run(1, "lock", "--check");
  app.write("cuecard.lock.json", text);
  await dev.send("PUT", "/v1/prompts/support%2Fbot/tags/staging", { version: 3 });
  await run(1, "lock", "--check");
  await run(0, "lock");
});

test("a check warns of constructs that the clients named in a prompt read differently", async () => {
  const file = "prompts/read/elsewhere.prompt.yaml";
  const of = (readBy) => `messages:\n  - role: user\n    content: "{{ 7 // 2 }}"\nmetadata:\n  readBy: [${readBy}]\n`;
  app.write(file, of("basalt, nobody"));
  const told = await run(0, "check", "--offline");
  assert.match(
    told,
    /elsewhere\.prompt\.yaml:3:14: warning: `\/\/` and `\*\*` are errors in Basalt's JavaScript client\n/,
  );
  assert.match(
    told,
    /elsewhere\.prompt\.yaml:5:11: warning: systems whose clients render: athina, basalt, langwatch\n/,
  );
  app.write(file, of(""));
  assert.doesNotMatch(await run(0, "check", "--offline"), /elsewhere/);
  rmSync(join(app.dir, file));
});

test("cases of the file and of the server", async () => {
  app.write(
    "prompts/support/bot.cases.yaml",
    `a refund:
  inputs: { customer: Ada }
  checks:
    - contains: Ada
    - notContains: "{{"
    - maxCharacters: 100
too long:
  inputs: { customer: Grace }
  checks: [{ maxCharacters: 3 }, { contains: Ada }]
wrong:
  inputs: { custmer: Ada }
`,
  );
  const { passed, failed, cases } = JSON.parse(await run(1, "test", "--json"));
  assert.deepEqual([passed, failed], [1, 2]);
  assert.deepEqual(cases[1].failures, ["has 24 characters, more than 3", 'contains no "Ada"']);
  assert.match(cases[2].failures[0], /customer/);
  assert.match(await run(1, "check", "--offline"), /support\/bot\.prompt\.yaml:1:1: error: case too long: /);
  app.write("prompts/support/bot.cases.yaml", "a refund:\n  inputs: { customer: Ada }\n");
  await run(0, "test", "support/bot");
  await dev.send("PUT", "/v1/prompts/support%2Fbot/cases/theirs", { inputs: { customer: 7 } });
  await run(0, "test");
  assert.match(await run(1, "test", "--server"), /✗ support\/bot: theirs\n[^]*\/customer/);
  assert.match(
    await run(0, "render", "support/bot", "--case", "a refund", "-i", "tone=brief"),
    /Kindly help Ada, brief\./,
  );
  app.write("prompts/support/bot.cases.yaml", "a:\n  inputs: {}\n  chekcs: []\n");
  const { code, stderr } = await app.cuecard("test");
  assert.deepEqual(
    [code, stderr],
    [1, "error: prompts/support/bot.cases.yaml:3:11: a case has inputs and checks, no `chekcs`\n"],
  );
});

test("run without a connection fails with one clear line; doctor finds no fault", async () => {
  const { code, stderr } = await app.cuecard("run", "support/bot", "-i", "customer=Ada");
  assert.notEqual(code, 0);
  assert.match(stderr, /^error: .+\n$/);
  app.write("prompts/support/bot.cases.yaml", "");
  const doctor = await run(0, "doctor");
  assert.match(doctor, /✓ server: http:\/\/localhost:\d+\n✓ key: project default, role admin/);
});

test("keys are made, used and revoked", async () => {
  const made = JSON.parse(await run(0, "keys", "create", "--role", "read", "--name", "the shop", "--json"));
  const asReader = { extra: { CUECARD_KEY: made.key } };
  assert.equal((await app.cuecard("status", asReader)).code, 0);
  const refused = await app.cuecard("tag", "support/bot", "production", "2", asReader);
  assert.deepEqual([refused.code, /role/.test(refused.stderr)], [1, true], refused.stderr);
  assert.match(await run(0, "keys"), new RegExp(`${made.id}  read   the shop`));
  await run(0, "keys", "revoke", made.id);
  assert.equal((await app.cuecard("status", asReader)).code, 1);
});
