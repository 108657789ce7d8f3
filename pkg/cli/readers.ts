/** The module `readers.wasm`, started at the first document that names other systems' clients. */
import { readFileSync } from "node:fs";
import type { Document, Issue } from "cuecard";

/** The exports of `src/readers.rs` and `src/buffer.rs`. */
interface ReadersModule {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(length: number): number;
  output(): number;
  output_length(): number;
  read_otherwise(length: number): number;
}

/** The module's only import fills a table of JavaScript values, of which it has none. */
const imports = { "./readers_bg.js": { __wbindgen_init_externref_table() {} } };
let readers: ReadersModule | undefined;

/** Warnings for the clients in a document's `metadata.readBy`: what they lose or read otherwise. The document
 * compiles. */
export function readOtherwise(document: Document): Issue[] {
  if (!Array.isArray(document.metadata?.["readBy"])) return [];
  readers ??= start();
  const json = new TextEncoder().encode(JSON.stringify(document));
  const at = readers.reserve(json.length);
  new Uint8Array(readers.memory.buffer).set(json, at);
  const isRead = readers.read_otherwise(json.length);
  const output = new Uint8Array(readers.memory.buffer, readers.output(), readers.output_length());
  const answer: unknown = JSON.parse(new TextDecoder().decode(output));
  return isRead === 0 ? [] : (answer as Issue[]);
}

function start(): ReadersModule {
  const module = new WebAssembly.Module(readFileSync(new URL("./readers.wasm", import.meta.url)));
  return new WebAssembly.Instance(module, imports).exports as unknown as ReadersModule;
}
