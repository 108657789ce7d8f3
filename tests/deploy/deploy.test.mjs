// Checks the upload of `wrangler deploy` with a dry run.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const worker = fileURLToPath(new URL("../../worker", import.meta.url));
const wrangler = fileURLToPath(new URL("../node_modules/.bin/wrangler", import.meta.url));

/** The compressed bytes that Cloudflare's free plan allows. */
const FREE_PLAN_BYTES = 3 * 1024 * 1024;

test("wrangler deploy --dry-run prints no warning, and the bundle fits the free plan", (t) => {
  const out = mkdtempSync(join(tmpdir(), "cuecard-deploy-"));
  t.after(() => rmSync(out, { recursive: true }));
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1", CI: "1" };
  const printed = execFileSync(wrangler, ["deploy", "--dry-run", "--outdir", out], {
    cwd: worker,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  assert.doesNotMatch(printed, /\b(warning|error)\b/i);
  for (const binding of [
    "STORE (Organization)",
    "ASSETS",
    "ORIGIN",
    "FRESH_SECONDS",
    "STALE_WHILE_REVALIDATE_SECONDS",
    "STALE_IF_ERROR_SECONDS",
    "KEY_SECONDS",
    "WRONG_KEYS",
    "WRITES",
    "RENDERS",
  ]) {
    assert.ok(printed.includes(`env.${binding}`), `${binding} is bound`);
  }
  const uploaded = readdirSync(out).filter((name) => /\.(js|wasm)$/.test(name));
  assert.equal(uploaded.length, 2, String(uploaded));
  const bytes = uploaded.reduce((sum, name) => sum + gzipSync(readFileSync(join(out, name))).length, 0);
  console.log(`# the bundle: ${Math.round(bytes / 1024)} KiB compressed`);
  assert.ok(bytes < FREE_PLAN_BYTES);
});
