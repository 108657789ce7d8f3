// Type-checks the programs and the adapters under `strict`, with TypeScript 5.9 and 7. Needs `cargo xtask build pkg`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

for (const compiler of ["typescript", "typescript-7"]) {
  const home = join(here, "../node_modules", compiler);
  const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  for (const project of ["programs", "types"]) {
    test(`${project}: TypeScript ${version}`, () => {
      const args = [join(home, "bin/tsc"), "--project", join(here, project), "--pretty", "false"];
      const { stdout, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
      assert.equal(status, 0, stdout);
    });
  }
}
