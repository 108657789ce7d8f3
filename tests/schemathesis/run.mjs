// Runs schemathesis with all phases and checks against /openapi.json of the real Worker.
//
//   PYTHON=target/venv/bin/python node tests/schemathesis/run.mjs [examples per operation, 3 when left out]
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { client, says } from "../api/client.mjs";
import { SEED } from "../seed.mjs";
import { start } from "../workerd.mjs";

/**
 * @param {number} examples requests per operation in the fuzzing phase; the other phases scale with it
 */
export async function run(examples) {
  const python = process.env.PYTHON;
  if (!python)
    throw new Error("PYTHON is the Python of a venv with tests/requirements.txt; `cargo xtask test` sets it");
  // The rates are unlimited, as this run sends far more wrong keys and writes than other callers do.
  const worker = await start({ vars: { WRONG_KEYS_PER_MINUTE: "0", WRITES_PER_MINUTE: "0" } });
  const cwd = mkdtempSync(join(tmpdir(), "cuecard-st-"));
  try {
    const call = client(worker);
    await seed(call);
    // Operations that end keys run separately, or every request after them would get 401. `use_after_free` is off
    // there, as lists still show revoked keys and deleted projects, with the time of it.
    const ends = ["--exclude-operation-id", "revokeKey", "--exclude-operation-id", "deleteProject"];
    const api = await schemathesis(worker, cwd, examples, ends);
    const listed = ["--include-path-regex", "^/v1/(keys|projects)", "--exclude-checks", "use_after_free"];
    const keys = await schemathesis(worker, cwd, examples, listed);
    return {
      passed: api.code === 0 && keys.code === 0,
      generated: api.generated + keys.generated,
      output: api.output + keys.output,
      logs: worker.logs(),
    };
  } finally {
    await worker.stop();
    rmSync(cwd, { recursive: true, force: true });
  }
}

async function seed(call) {
  for (const slug of ["greet", "flow%2Fgreet", "deleted"]) {
    await call("POST", `/v1/prompts/${slug}/versions`, says("Hi"));
    await call("POST", `/v1/prompts/${slug}/versions`, says("Hello", { tags: ["staging"] }));
    await call("PUT", `/v1/prompts/${slug}/draft`, says("Good day"));
  }
  await call("DELETE", "/v1/prompts/deleted");
  await call("POST", "/v1/projects", { slug: "other" });
}

function schemathesis(worker, cwd, examples, more) {
  const program = join(dirname(process.env.PYTHON), "st");
  const config = fileURLToPath(new URL("schemathesis.toml", import.meta.url));
  const args = ["--config-file", config, "run", `${worker.url}/openapi.json`, "--no-color", "--checks", "all"];
  args.push(
    "--header",
    `Authorization: Bearer ${worker.key}`,
    "--max-examples",
    `${examples}`,
    "--seed",
    `${SEED}`,
    ...more,
  );
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const generated = Number(/(\d+) generated/.exec(output)?.[1] ?? 0);
      resolve({ code, generated, output });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await run(Number(process.argv[2] ?? 3));
  console.log(result.output);
  console.log(`${result.generated} requests generated, ${result.passed ? "nothing found" : "something found"}`);
  process.exit(result.passed ? 0 : 1);
}
