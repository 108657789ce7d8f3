// Tests LangWatch's published command line against a Worker: the effect of each command on local files and on the
// store.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { client } from "../api/client.mjs";

const cli = fileURLToPath(new URL("node_modules/langwatch/dist/cli/index.js", import.meta.url));

/** Runs every command as a subtest of `t`, and adds a row for each to `table`. */
export async function driveCli(t, worker, table) {
  const call = client(worker);
  const dir = mkdtempSync(join(tmpdir(), "cuecard-cli-"));
  const read = (path) => readFileSync(join(dir, path), "utf8");
  const dependencies = () => JSON.parse(read("prompts.json")).prompts;
  const lock = () => JSON.parse(read("prompts-lock.json")).prompts;
  const stored = async (handle) => (await call("GET", `/api/prompts/${encodeURIComponent(handle)}`)).json;
  const run = (args, types = "") =>
    new Promise((resolve) => {
      const env = {
        ...process.env,
        LANGWATCH_API_KEY: worker.key,
        LANGWATCH_ENDPOINT: worker.url,
        NO_COLOR: "1",
        CI: "1",
      };
      const child = execFile(process.execPath, [cli, "prompt", ...args], { cwd: dir, env }, (error, out, err) =>
        resolve({ code: error?.code ?? 0, text: out + err }),
      );
      child.stdin.end(types);
    });
  const step = async (name, body) => {
    let failure;
    await t.test(`CLI: ${name}`, async () => {
      try {
        await body();
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    table.push(["langwatch 0.16.1 (CLI)", name, !failure]);
  };
  /** Runs a command that must succeed, and returns its output. `types` is the input for its prompts. */
  const does = async (command, types) => {
    const { code, text } = await run(command.split(" "), types);
    assert.equal(code, 0, `${command}: ${text}`);
    return text;
  };
  const fails = async (command, types) => {
    const { code, text } = await run(command.split(" "), types);
    assert.equal(code, 1, `${command}: ${text}`);
    return text;
  };
  const made = await call("POST", "/api/prompts", {
    handle: "cli/remote",
    prompt: "Hi {{ name }}",
    model: "openai/gpt-5",
  });
  assert.equal(made.status, 200, made.text);
  const local = "prompts/cli-local.prompt.yaml";
  const remote = "prompts/.materialized/cli/remote.prompt.yaml";
  /** Replaces the instructions in the local prompt file. */
  const edit = (words) =>
    writeFileSync(join(dir, local), read(local).replace(/content: You are[^\n]*/, `content: ${words}`));
  const change = async (prompt) => {
    const put = await call("PUT", "/api/prompts/cli-local", { prompt, commitMessage: "by another" });
    assert.equal(put.status, 200, put.text);
  };

  await step("init", async () => {
    await does("init");
    assert.deepEqual([dependencies(), lock()], [{}, {}]);
  });
  await step("create", async () => {
    await does("create cli-local");
    assert.match(read(local), /model: openai\/gpt-5[^]*content: You are a helpful assistant\./);
    assert.deepEqual(dependencies(), { "cli-local": `file:${local}` });
    assert.equal(lock()["cli-local"].version, 0);
    assert.equal((await call("GET", "/api/prompts/cli-local")).status, 404);
  });
  for (const [name, spec, version] of [
    ["add a version", "cli/remote@1", "1"],
    ["add", "cli/remote", "latest"],
  ]) {
    await step(name, async () => {
      await does(`add ${spec}`);
      assert.deepEqual(dependencies(), { "cli-local": `file:${local}`, "cli/remote": version });
      const { versionId } = made.json;
      assert.deepEqual(lock()["cli/remote"], { version: 1, versionId, materialized: remote });
      assert.match(read(remote), /model: openai\/gpt-5[^]*role: system\n +content: Hi \{\{ name \}\}/);
    });
  }
  await step("add: no such prompt", async () => {
    assert.match(await fails("add cli/nope"), /prompt_not_found|not found/i);
    assert.deepEqual(Object.keys(dependencies()), ["cli-local", "cli/remote"]);
  });
  await step("sync", async () => {
    await does("sync");
    const { version, versionId, prompt, model, temperature, messages, commitMessage } = await stored("cli-local");
    assert.deepEqual([version, prompt, model, temperature], [1, "You are a helpful assistant.", "openai/gpt-5", 0.7]);
    assert.deepEqual(
      messages.map(({ role, content }) => [role, content]),
      [
        ["system", "You are a helpful assistant."],
        ["user", "{{input}}"],
      ],
    );
    assert.equal(commitMessage, "Synced from local file: cli-local.prompt.yaml");
    assert.deepEqual(lock()["cli-local"], { version: 1, versionId, materialized: local });
    assert.equal(lock()["cli/remote"].version, 1);
  });
  await step("sync again: nothing to do", async () => {
    assert.match(await does("sync"), /no changes/);
    assert.equal((await stored("cli-local")).version, 1);
  });
  await step("push", async () => {
    edit("You are changed.");
    await does("push");
    const { version, versionId, prompt } = await stored("cli-local");
    assert.deepEqual([version, prompt], [2, "You are changed."]);
    assert.deepEqual(lock()["cli-local"], { version: 2, versionId, materialized: local });
  });
  await step("push: a conflict, aborted", async () => {
    await change("You are changed by another.");
    edit("You are changed here.");
    const said = await fails("push", "a\n");
    assert.match(said, /Local version: 2, Remote version: 3[^]*prompt differs[^]*Push aborted due to conflict/);
    assert.equal((await stored("cli-local")).prompt, "You are changed by another.");
    assert.match(read(local), /You are changed here\./);
    assert.equal(lock()["cli-local"].version, 2);
  });
  await step("push: a conflict, theirs taken", async () => {
    assert.match(await does("push", "r\n"), /Conflict detected/);
    assert.equal((await stored("cli-local")).version, 3);
    assert.match(read(local), /content: You are changed by another\./);
    assert.deepEqual(read(local).match(/(?<=role: )\w+/g), ["system", "user"]);
    assert.match(read(local), /content: ['"]?\{\{input\}\}/);
    assert.equal(lock()["cli-local"].version, 3);
    assert.match(await does("push"), /no changes/);
  });
  await step("sync: a conflict, ours taken", async () => {
    await change("You are changed by another again.");
    edit("You are changed here again.");
    assert.match(await does("sync", "l\n"), /Local version: 3, Remote version: 4[^]*prompt differs/);
    const { version, versionId, prompt, messages } = await stored("cli-local");
    assert.deepEqual([version, prompt, messages.length], [5, "You are changed here again.", 2]);
    assert.deepEqual(lock()["cli-local"], { version: 5, versionId, materialized: local });
    assert.match(await does("sync"), /no changes/);
  });
  await step("pull", async () => {
    const put = await call("PUT", "/api/prompts/cli%2Fremote", { prompt: "Hello {{ name }}", commitMessage: "m" });
    assert.equal(put.status, 200, put.text);
    await does("pull");
    assert.match(read(remote), /role: system\n +content: Hello \{\{ name \}\}/);
    assert.deepEqual(lock()["cli/remote"], { version: 2, versionId: put.json.versionId, materialized: remote });
    assert.match(await does("pull"), /no changes/);
  });
  await step("list", async () => {
    const listed = await does("list");
    for (const name of ["cli/remote", "cli-local"]) assert.ok(listed.includes(name), listed);
  });
  await step("remove", async () => {
    await does("remove cli/remote");
    assert.deepEqual(dependencies(), { "cli-local": `file:${local}` });
    assert.deepEqual(Object.keys(lock()), ["cli-local"]);
    assert.ok(!existsSync(join(dir, remote)), "the file of the removed prompt still exists");
    assert.equal((await stored("cli/remote")).version, 2);
  });
  rmSync(dir, { recursive: true, force: true });
}
