/** A lock: the versions of the prompts' tags when an app was built. */
import { PromptError } from "./error.ts";
import type { Compiled } from "./prompt.ts";
import type { Lock, LockJson, LockedVersion, ResolvedVersion } from "./types.ts";

/** A read. */
interface LockQuery {
  readonly slug: string;
  readonly tag?: string | undefined;
}

/** The versions of prompts that a lock accepts. */
export class Locked {
  readonly snapshot: Lock["snapshot"];
  readonly #prompts: Lock["prompts"];

  /** @throws PromptError `body_invalid` where it is not a lock */
  constructor(lock: Lock | LockJson | string) {
    const { format, prompts, snapshot } = read(lock);
    if (format !== 1 || typeof prompts !== "object" || prompts === null || snapshot === undefined) throw notOne();
    this.#prompts = prompts;
    this.snapshot = snapshot;
  }

  has({ slug }: LockQuery): boolean {
    return Object.hasOwn(this.#prompts, slug);
  }

  /** An answer without its plan if the prompt is locked, as no hash covers the plan; with the lock's own plan for the
   * same content. */
  trusted(answer: ResolvedVersion): ResolvedVersion {
    if (!this.has(answer)) return answer;
    const { plan: _, ...resolved } = answer.resolved;
    const prompts = this.snapshot.prompts as readonly Partial<ResolvedVersion>[];
    const same = prompts.find(({ slug, hash }) => slug === answer.slug && hash === answer.hash);
    const plan = same?.resolved?.plan;
    return { ...answer, resolved: plan === undefined ? resolved : { ...resolved, plan } };
  }

  /** The reason why an answer is refused; `undefined` if it is accepted, or the prompt is not locked. */
  refusal({ slug, tag }: LockQuery, { version }: ResolvedVersion, compiled: Compiled): string | undefined {
    const tags = Object.hasOwn(this.#prompts, slug) ? this.#prompts[slug] : undefined;
    const entries: readonly LockedVersion[] = Object.values(tags ?? {});
    const byTag = tag !== undefined && tags !== undefined && Object.hasOwn(tags, tag) ? tags[tag] : undefined;
    const locked = byTag ?? entries.find((entry) => entry.version === version);
    if (locked === undefined || compiled.contentHash === locked.hash) return undefined;
    const at = tag === undefined ? `${version}` : tag;
    return `${slug}@${at} is locked to version ${locked.version}, and the origin's version ${version} has another hash`;
  }
}

function read(lock: Lock | LockJson | string): Partial<Lock> {
  try {
    return ((typeof lock === "string" ? JSON.parse(lock) : lock) ?? {}) as Partial<Lock>;
  } catch (cause) {
    throw notOne(cause);
  }
}

function notOne(cause?: unknown): PromptError {
  return new PromptError("body_invalid", "this is not a lock of Cuecard, format 1", { status: 422, cause });
}
