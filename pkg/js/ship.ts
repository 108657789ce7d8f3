/** Plans for documents that go to a host without the engine. */
import { stopIfAborted } from "./abort.ts";
import { call, output, pass } from "./engine.ts";
import { PromptError, fromProblem, isProblem } from "./error.ts";
import { MAX_ANSWER, get, type Fetch } from "./fetch.ts";
import type { Document, Snapshot } from "./types.ts";
import { documentOf } from "./version.ts";
import { walk } from "./wire.ts";

/** The members beside a stored document with which `cuecard/client` renders it without the engine; `undefined` without
 * a plan. */
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
    return undefined; // it does not compile here; its reader gets the error
  }
}

/** Where to ask, and how. */
interface SnapshotOrigin {
  readonly url: string;
  readonly key: string;
  readonly timeout: number;
  readonly fetch?: Fetch | undefined;
}

/** Fetches every prompt of the project under a tag. */
export async function takeSnapshot(
  { url, key, timeout, fetch }: SnapshotOrigin,
  tag: string,
  given: AbortSignal | undefined,
): Promise<Snapshot> {
  const deadline = AbortSignal.timeout(timeout * 10);
  const signal = given === undefined ? deadline : AbortSignal.any([deadline, given]);
  try {
    const { status, body } = await get(`${url}/v1/snapshot?tag=${tag}`, key, undefined, signal, fetch, MAX_ANSWER);
    const answer: unknown = JSON.parse(body);
    if (status === 200) return withPlans(answer as Snapshot);
    if (isProblem(answer)) throw fromProblem(answer);
    throw new PromptError("origin_bad_response", `the origin answered with status ${status}`, { status: 502 });
  } catch (cause) {
    stopIfAborted(given);
    if (cause instanceof PromptError) throw cause;
    throw new PromptError("origin_unavailable", "the origin gave no snapshot", { status: 503, cause });
  }
}

/** A snapshot with a plan for each prompt that can have one, made here: that of the origin is as good as the origin,
 * and a lock is to be better. */
export function withPlans(snapshot: Snapshot): Snapshot {
  if (!Array.isArray(snapshot?.prompts)) return snapshot;
  const prompts = snapshot.prompts.map((version) => {
    const { plan: _, ...resolved } = version.resolved ?? {};
    const plan = ship(documentOf(version));
    return { ...version, resolved: plan === undefined ? resolved : { ...resolved, plan } };
  });
  return { ...snapshot, prompts };
}
