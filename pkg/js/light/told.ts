/** The members of an answer that make the engine unnecessary: a plan that Rust made
 * (`crates/prompt/src/prompt/plan.rs`). */
import { canonical, sealOf, sha256 } from "../hash.ts";
import { widen } from "../plan/extra.ts";
import { Plan, type PlanJson } from "../plan/plan.ts";
import { isPlan } from "../plan/valid.ts";
import type { Document, Input, Issue, Json, RenderedPrompt } from "../types.ts";

/** The format that this release understands. */
export const FORMAT = 1;

/** The facts of a prompt from its compilation. */
export interface Told {
  readonly inputs: readonly Input[];
  readonly warnings: readonly Issue[];
  /** The names that are read, where others pass unread. */
  readonly names?: readonly string[] | undefined;
  readonly plan: Plan | null;
  /** The parts of a render that inputs do not change. */
  readonly rest: Omit<RenderedPrompt, "messages">;
  /** The document's hash, if it is known. */
  readonly hash?: string;
}

/** The members beside a document. */
interface ShippedPlan {
  readonly format: typeof FORMAT;
  /** The document's. */
  readonly hash: string;
  /** Of the document and all else that is in here. */
  readonly seal: string;
  readonly inputs: readonly Input[];
  readonly warnings: readonly Issue[];
  /** That of the outputs, where the document has none. */
  readonly responseFormat?: Json;
  readonly plan: PlanJson;
}

/** What a plan tells that came with a document; `undefined` where it is of another format, of another document, or was
 * changed on its way. `isLocked`: the hash of the document counts, which is looked at. */
export async function told(shipped: unknown, document: Document, isLocked: boolean): Promise<Told | undefined> {
  try {
    const { seal, ...sealed } = shipped as ShippedPlan;
    if (sealed.format !== FORMAT || seal !== sealOf(canonical([document, sealed]))) return undefined;
    const { hash, inputs, warnings, plan, responseFormat } = sealed;
    if ((isLocked && hash !== sha256(canonical(document))) || !isPlan(plan, inputs)) return undefined;
    const { model, provider, parameters, tools, toolChoice, responseFormat: own = responseFormat } = document;
    const rest = { model, provider, parameters, tools, toolChoice, responseFormat: own };
    const given = Object.entries(rest).filter(([, value]) => value !== undefined);
    let made: Plan;
    try {
      made = new Plan(plan, inputs, Number.POSITIVE_INFINITY);
    } catch (error) {
      // A plan of what not every prompt needs.
      if (!(await widen())) throw error;
      made = new Plan(plan, inputs, Number.POSITIVE_INFINITY);
    }
    const names = made.isOpen ? [...inputs.map(({ name }) => name), ...made.globals] : undefined;
    return { hash, inputs, warnings, names, plan: made, rest: Object.fromEntries(given) };
  } catch {
    return undefined; // not a plan at all
  }
}
