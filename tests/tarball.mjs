// Packs the npm package and installs it into a new folder, as users get it. Needs `cargo xtask build pkg`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const pkg = fileURLToPath(new URL("../pkg", import.meta.url));

/** Creates a folder with `cuecard` in its node_modules; `remove()` deletes it. */
export function installed() {
  const dir = mkdtempSync(join(tmpdir(), "cuecard-app-"));
  const npm = (cwd, ...args) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const [{ filename }] = JSON.parse(npm(pkg, "pack", "--json", "--ignore-scripts", "--pack-destination", dir));
  writeFileSync(join(dir, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  npm(dir, "install", "--offline", "--no-audit", "--no-fund", join(dir, filename));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
