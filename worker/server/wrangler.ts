/** `wrangler.jsonc`: the one list of bindings and variables. */
import { readFileSync } from "node:fs";
import stripJsonComments from "strip-json-comments";

export interface Wrangler {
  readonly name: string;
  readonly compatibility_date: string;
  readonly compatibility_flags?: readonly string[];
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly durable_objects?: { readonly bindings: readonly { readonly name: string; readonly class_name: string }[] };
  readonly assets?: { readonly directory: string; readonly binding: string; readonly run_worker_first: boolean };
}

export function readWrangler(file: string): Wrangler {
  return JSON.parse(stripJsonComments(readFileSync(file, "utf8"), { trailingCommas: true })) as Wrangler;
}
