/** Plans for documents that are on their way to a host without the engine. */
import { call, output, pass } from "./engine.ts";
import { documentOf } from "./prompt.ts";
import type { Document, Snapshot } from "./types.ts";
import { walk } from "./wire.ts";

/** What stands beside a stored document so that `cuecard/client` renders it without the engine; `undefined` where it has no plan. */
export function ship(document: Document): object | undefined {
  const { bytes, issues } = walk(document, { what: "document", isStored: true });
  if (issues.length > 0) return undefined;
  try {
    const plan = call((wasm) => {
      wasm.ship(pass(bytes));
      return JSON.parse(new TextDecoder().decode(output())) as object | null;
    });
    return plan ?? undefined;
  } catch {
    return undefined; // it does not compile here, and whoever takes it is told so
  }
}

/** A snapshot with a plan for each prompt that can have one. */
export function withPlans(snapshot: Snapshot): Snapshot {
  const prompts = snapshot.prompts.map((version) => {
    const plan = version.resolved?.plan ?? ship(documentOf(version));
    return plan === undefined ? version : { ...version, resolved: { ...version.resolved, plan } };
  });
  return { ...snapshot, prompts };
}
