// From an empty folder to a rolled-back tag, with each supported Node, without a terminal.
import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bin, folder, nodeOf, until } from "./lab.mjs";

const FILE = "prompts/support/reply.prompt.yaml";
const PROMPT = `# Seen by every customer.
messages:
  - role: system
    content: |-
      You answer for {{ company }}.   # this is text
      Be brief.
  - role: user
    content: "{{ ticket }}" # what they wrote
inputs:
  - { name: company, type: str }
  - name: ticket
    type: str
outputs:
  - name: answer
    type: str
`;

const APP = `import { Cuecard } from "cuecard";
import lock from "./cuecard.lock.json" with { type: "json" };

const cue = new Cuecard({ url: "http://localhost", key: "cue_", lock });
const prompt = await cue.get("support/reply");
prompt.render({ company: "Analytical Engines", ticket: "It broke" });
`;

for (const major of [20, 22, 24]) {
  test(`dev, edit, push, types, check, tag, rollback with Node ${major}`, async (t) => {
    const node = nodeOf(major);
    assert.ok(existsSync(node), `npm has no Node ${major} here: ${node}`);
    const app = folder({ node });
    await app.install();
    assert.match((await app.run("node", ["--version"])).stdout, new RegExp(`^v${major}\\.`));
    const ok = async (...args) => {
      const { code, stdout, stderr } = await app.cuecard(...args);
      assert.equal(code, 0, `cuecard ${args.join(" ")}\n${stdout}${stderr}`);
      assert.doesNotMatch(stdout + stderr, /\u001b\[/, "no colours without a terminal");
      return stdout;
    };
    app.write(FILE, PROMPT);
    const dev = await app.dev();
    t.after(() => dev.stop());

    // A saved file becomes a draft at once.
    const draft = await until("a draft", async () => {
      const answer = await dev.get("/v1/prompts/support%2Freply/draft");
      return answer.messages && answer;
    });
    assert.equal(draft.messages[0].content, "You answer for {{ company }}.   # this is text\nBe brief.");

    await ok("push", "-m", "First");
    assert.equal(app.read(FILE), `# cuecard: support/reply@1\n${PROMPT}`, "comments and order stay");
    assert.match(await ok("status"), /support\/reply {2}as on the server \(version 1\)/);
    await ok("lock");
    await ok("types");
    app.write("app.ts", APP);
    app.write(
      "tsconfig.json",
      JSON.stringify({
        compilerOptions: {
          strict: true,
          module: "nodenext",
          target: "es2022",
          noEmit: true,
          skipLibCheck: true,
          types: [],
          resolveJsonModule: true,
        },
      }),
    );
    const tsc = async () => (await app.run("node", [bin("tsc")])).stdout;
    assert.equal(await tsc(), "");
    await ok("check");

    // The type of an input changes.
    app.write(FILE, app.read(FILE).replace("name: ticket\n    type: str", "name: ticket\n    type: int"));
    const failed = await app.cuecard("check");
    assert.equal(failed.code, 1, failed.stdout);
    assert.match(failed.stdout, /cuecard\.d\.ts:1:1: error: is not current/);
    assert.match(
      failed.stdout,
      new RegExp(`${FILE}:\\d+:\\d+: error: production is version 1: \`ticket\`: it takes str, the types give int`),
    );
    await ok("types");
    assert.match(
      await tsc(),
      /app\.ts\(6,\d+\): error TS2322: Type 'string' is not assignable to type 'number \| bigint'/,
    );

    // The inputs are as before, and only the text differs.
    app.write(FILE, app.read(FILE).replace("type: int", "type: str").replace("Be brief.", "Be kind.\n      Be brief."));
    await ok("types");
    assert.equal(await tsc(), "");
    assert.equal(await ok("push", "-m", "Kinder", "--json").then((text) => JSON.parse(text).pushed[0].version), 2);
    await ok("tag", "support/reply", "production", "latest");
    const stale = await app.cuecard("lock", "--check");
    assert.equal(stale.code, 1, "the tag has moved since");
    await ok("lock");
    await ok("check");
    assert.match(
      await ok("render", "support/reply@production", "-i", "company=X", "-i", "ticket=7"),
      /Be kind\.\nBe brief\.\nuser:\n7\n/,
    );
    assert.match(await ok("rollback", "support/reply"), /production back to version 1/);
    const now = await dev.get("/v1/prompts/support%2Freply?tag=production");
    assert.equal(now.version, 1);
    assert.equal((await dev.get("/v1/prompts/support%2Freply?tag=latest")).commitMessage, "Kinder");

    assert.equal(statSync(join(app.dir, ".cuecard/key")).mode & 0o777, 0o600);
    assert.deepEqual(
      readdirSync(app.dir).filter((name) => /\.tmp$/.test(name)),
      [],
    );
    const second = await app.cuecard("dev", "--port", "1");
    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(`^error: process \\d+ serves .*\\.cuecard already at ${dev.url}: end it`));
    assert.equal(await dev.stop(), 0);
    await assert.rejects(fetch(dev.url), "workerd has ended, too");
    const away = await app.cuecard("status");
    assert.equal(away.code, 2, "no server serves this folder any more");
  });
}
