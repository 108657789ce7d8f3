// docs/seeds.md names a test for each sentence of the systems that this project comes from: each of them exists.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/seeds.md"), "utf8");
/** Rows of tables, without their heads. */
const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (it says|---)/.test(line));

test("the page counts its promises", () => {
  assert.equal(Number(/All of the (\d+) promises/.exec(page)?.[1]), rows.length);
});

test("the files and tests of docs/seeds.md exist", () => {
  let names = 0;
  for (const row of rows) {
    const shown = row.split(" | ")[1];
    assert.ok(shown, row);
    let text = "";
    for (const [, name, file] of shown.matchAll(/"([^"]+)"|`([\w./-]+\.(?:mjs|py|rs|json))`/g)) {
      if (file) {
        const path = [join(root, file), join(root, "tests/facades", file)].find(existsSync);
        assert.ok(path, `${file}: ${row}`);
        text = readFileSync(path, "utf8");
      } else {
        assert.ok(text.includes(name), `no test "${name}": ${row}`);
        names++;
      }
    }
  }
  assert.ok(names >= rows.length, "most sentences name a test");
});
