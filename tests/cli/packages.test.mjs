// The two packages as users install, check and deploy them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bin, folder, registry, root, started, tarballs } from "./lab.mjs";
import { freePort } from "../ports.mjs";
import { processorSeconds } from "../processor.mjs";

const NAMES = ["cuecard", "cuecard-server"];
let store;

before(async () => {
  store = await registry();
});
after(() => store?.close());

const own = () => ({ npm_config_registry: store.url, YARN_REGISTRY: store.url, BUN_CONFIG_REGISTRY: store.url });

test("npx in an empty folder, nothing installed: the time from the first command to a rendered prompt", async (t) => {
  const cached = execFileSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).trim();
  /** A folder with npm's download cache, and without any package that npx has unpacked. */
  const warm = () => {
    const { dir } = folder();
    symlinkSync(join(cached, "_cacache"), join(dir, "_cacache"));
    return folder({ env: { ...own(), npm_config_cache: dir } });
  };
  // Fills npm's cache with workerd, so that the measurement below is of a second use.
  await warm().run("npm", ["exec", "--yes", "--package", "cuecard-server", "--", "cuecard-server", "folder"]);
  const app = warm();
  const [began, spent] = [Date.now(), processorSeconds(process.pid).ended];
  const port = await freePort();
  const dev = await started("npx", ["--yes", "cuecard", "dev", "--port", port], { cwd: app.dir, env: app.env });
  t.after(() => dev.stop());
  const line = /npx cuecard render .*/.exec(dev.output())[0];
  const { code, stdout, stderr } = await app.run("bash", ["-c", line.replace("npx", "npx --yes")]);
  const seconds = (Date.now() - began) / 1000;
  const processor = processorSeconds(dev.child.pid).all + processorSeconds(process.pid).ended - spent;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Write an email to Ada from Analytical Engines/);
  console.log(
    `# from npx to the first rendered prompt: ${seconds.toFixed(1)} s with a warm cache, of a processor ${processor.toFixed(1)} s`,
  );
  // Steps run one after the other, so that an idle machine takes about as long as the processor time.
  assert.ok(processor > 0.5 && processor < 10, `${processor} s`);
});

const MANAGERS = {
  npm: ["npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"]],
  pnpm: [bin("pnpm"), ["add", "--prefer-offline"]],
  yarn: [bin("yarn"), ["add", "--prefer-offline", "--non-interactive", "--no-progress"]],
  bun: [bin("bun"), ["add"]],
};

for (const [name, [program, args]] of Object.entries(MANAGERS)) {
  test(`${name} installs both, and the command runs`, async () => {
    const app = folder({ env: own() });
    app.write("package.json", JSON.stringify({ name: "app", private: true, type: "module" }));
    const installed = await app.run(program, [...args, ...NAMES]);
    assert.equal(installed.code, 0, installed.stdout + installed.stderr);
    const command = join(app.dir, "node_modules/.bin/cuecard");
    const { version } = JSON.parse(readFileSync(join(root, "pkg/package.json"), "utf8"));
    assert.equal((await app.run(command, ["--version"])).stdout.trim(), version);
    app.write("prompts/a.prompt.yaml", "messages:\n  - role: user\n    content: Hello {{ name }}\n");
    assert.equal((await app.run(command, ["render", "a", "-i", "name=Ada"])).stdout, "user:\nHello Ada\n");
    const found = await app
      .run("node", [join(app.dir, "node_modules/.bin/cuecard-server"), "folder"])
      .catch(() => undefined);
    const direct =
      found?.code === 0 ? found : await app.run(join(app.dir, "node_modules/.bin/cuecard-server"), ["folder"]);
    assert.ok(existsSync(join(direct.stdout.trim(), "wrangler.jsonc")), direct.stdout + direct.stderr);
  });
}

for (const name of NAMES) {
  test(`${name}: publint and attw find no fault, the manifest names its source, and no script runs at install`, async () => {
    const { file, files } = tarballs()[name];
    const app = folder();
    const linted = await app.run(bin("publint"), ["--strict", file]);
    assert.equal(linted.code, 0, linted.stdout + linted.stderr);
    assert.match(linted.stdout, /All good!/);
    const typed = await app.run(bin("attw"), [file, "--profile", "esm-only", "--no-emoji"]);
    assert.equal(typed.code, 0, typed.stdout + typed.stderr);

    const folders = { cuecard: "pkg", "cuecard-server": "worker" };
    const manifest = JSON.parse(readFileSync(join(root, folders[name], "package.json"), "utf8"));
    for (const field of ["repository", "homepage", "bugs", "keywords", "license", "description"])
      assert.ok(manifest[field], field);
    assert.deepEqual(Object.keys(manifest.dependencies ?? {}), name === "cuecard" ? [] : ["workerd"]);
    for (const script of ["preinstall", "install", "postinstall", "prepare"])
      assert.equal(manifest.scripts?.[script], undefined);
    const paths = files.map(({ path }) => path);
    for (const path of ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "package.json"])
      assert.ok(paths.includes(path), path);
    const wasm = files.filter(({ path }) => path.endsWith(".wasm")).map(({ path, size }) => ({ path, size }));
    // Three WebAssembly files: the engine, the writer of payloads and the command line's readers, or in the Worker's
    // package the Worker's own and the studio's first two.
    assert.equal(wasm.length, 3, JSON.stringify(wasm));
    assert.equal(new Set(wasm.map(({ size }) => size)).size, wasm.length, "no WebAssembly is packed twice");
    if (name === "cuecard") assert.ok(paths.includes("dist/THIRD-PARTY-NOTICES.txt"));
  });
}

test("deploy --dry-run gives wrangler the Worker that `dev` serves", async () => {
  const app = folder();
  await app.install();
  // The command uses the project's own wrangler.
  symlinkSync(join(root, "tests/node_modules/wrangler"), join(app.dir, "node_modules/wrangler"));
  const { code, stdout, stderr } = await app.cuecard("deploy", "--dry-run", "--name", "cue-test", "--json");
  assert.equal(code, 0, stdout + stderr);
  const { deployed, folder: from, output } = JSON.parse(stdout);
  assert.equal(deployed, false);
  assert.ok(
    from.endsWith(join("node_modules", "cuecard-server") + "/") ||
      from.endsWith(join("node_modules", "cuecard-server")),
    from,
  );
  for (const binding of ["STORE", "ASSETS", "ORIGIN", "FRESH_SECONDS"])
    assert.match(output, new RegExp(`env\\.${binding}\\b`));
  assert.match(output, /--dry-run: exiting now/);
});

test("deploy makes the first key once, and keeps it for the URL that wrangler prints", async () => {
  const app = folder();
  await app.install();
  app.write("node_modules/wrangler/package.json", JSON.stringify({ name: "wrangler", version: "4.86.0" }));
  // A stand-in for wrangler records its arguments and reports the secrets that it was given.
  app.write(
    "node_modules/wrangler/bin/wrangler.js",
    `const { appendFileSync, existsSync, readFileSync } = require("node:fs");
const args = process.argv.slice(2);
appendFileSync("asked.txt", args.join(" ") + "\\n");
if (args[0] === "deploy") console.log("Deployed cuecard\\n  https://cuecard.example.workers.dev");
if (args[1] === "list") console.log(existsSync("secret.txt") ? '[{"name": "BOOTSTRAP_KEY"}]' : "[]");
if (args[1] === "put") appendFileSync("secret.txt", readFileSync(0));
`,
  );
  const first = await app.cuecard("deploy", "--json");
  assert.equal(first.code, 0, first.stderr);
  const { url, key } = JSON.parse(first.stdout.slice(first.stdout.indexOf("{")));
  assert.equal(url, "https://cuecard.example.workers.dev");
  assert.match(key, /^cue_[a-z0-9]{12}_[a-z0-9]{12}_[a-z0-9]{38}$/);
  assert.equal(app.read("secret.txt"), key);
  assert.deepEqual(JSON.parse(app.read(".config/cuecard/keys.json")), { [url]: key });
  const second = await app.cuecard("deploy", "--json");
  assert.equal(JSON.parse(second.stdout).key, undefined, "a second deploy makes no key");
  assert.equal(app.read("secret.txt"), key);
});
