// Renders documents through the packed and installed npm package, for parity.py. Reads and writes JSON lines.
//
// In: `{"document", "inputs": [values]}`. Out: `{"results": [{"output"} or {"error", "codes", "at", "detail"}],
// "inputs": [names]}`.
import { createInterface } from "node:readline";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installed } from "../tarball.mjs";
import { answer } from "./answer.mjs";

const app = installed();
try {
  const cuecard = await import(pathToFileURL(join(app.dir, "node_modules/cuecard/dist/index.js")));
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(answer(cuecard, line))}\n`);
  }
} finally {
  app.remove();
}
