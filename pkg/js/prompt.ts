/** Documents to prompts, prompts to messages. */
import { call, generation, output, pass } from "./engine.ts";
import { PromptError, fromProblem } from "./error.ts";
import type { InputsOf } from "./infer.ts";
import type { Document, Issue, Rendered } from "./types.ts";
import { walk } from "./wire.ts";

const decoder = new TextDecoder();
const forgotten = new FinalizationRegistry<Handle>((handle) => {
  if (handle.generation === generation) call((wasm) => wasm.release(handle.number));
});

/** A prompt's number in one instance of the wasm. */
interface Handle {
  number: number;
  generation: number;
}

/** Compiles a document: every template is parsed and checked against the inputs.
 *
 * Inputs that are declared inline give the type of what `render` takes.
 *
 * @throws PromptError `document_invalid`, `template_syntax`, `template_undefined`, `template_unknown_name`,
 * `template_include`, `limit_exceeded`
 */
export function compile<const D extends Document>(document: D): Prompt<InputsOf<D>> {
  const { bytes, issues, cause } = walk(document, { what: "document" });
  if (issues.length > 0) throw invalid("document_invalid", "The prompt document is not valid", issues, cause);
  return new Prompt(bytes.slice(), false);
}

/** A document that is ready to render. Made by `compile` and by `Cuecard.get`. */
export class Prompt<Inputs = Record<string, unknown>> {
  /** What the compile-time check found that does not stop a render: unused inputs, unknown attributes. */
  readonly warnings: readonly Issue[];
  readonly #source: Uint8Array;
  readonly #isJson: boolean;
  readonly #handle: Handle = { number: 0, generation: -1 };

  /** @internal */
  constructor(source: Uint8Array, isJson: boolean) {
    this.#source = source;
    this.#isJson = isJson;
    const { warnings } = this.#compile();
    this.warnings = warnings;
    forgotten.register(this, this.#handle);
  }

  /** Renders the messages.
   *
   * @throws PromptError `input_invalid` with every issue, `render_failed`, `limit_exceeded`
   */
  render(inputs: Inputs): Rendered {
    const { bytes, issues, cause } = walk(inputs, { what: "inputs" });
    if (issues.length > 0) {
      throw invalid("input_invalid", "The inputs do not fit the prompt", merge(issues, this.#check(bytes)), cause);
    }
    const handle = this.#live();
    return call((wasm) => {
      wasm.render(handle, pass(bytes));
      return JSON.parse(decoder.decode(output())) as Rendered;
    });
  }

  /** Everything that is wrong with the inputs; empty when they fit. */
  check(inputs: unknown): Issue[] {
    const { bytes, issues } = walk(inputs, { what: "inputs" });
    return merge(issues, this.#check(bytes));
  }

  #check(bytes: Uint8Array): Issue[] {
    const handle = this.#live();
    return call((wasm) => wasm.check(handle, pass(bytes)) as Issue[]);
  }

  /** The number in the instance of now, compiled again where an earlier instance was lost. */
  #live(): number {
    if (this.#handle.generation !== generation) this.#compile();
    return this.#handle.number;
  }

  #compile(): { warnings: Issue[] } {
    return call((wasm) => {
      this.#handle.number = wasm.compile(pass(this.#source), this.#isJson);
      this.#handle.generation = generation;
      return JSON.parse(decoder.decode(output())) as { warnings: Issue[] };
    });
  }
}

/** What the walk found, and what the types say about all else: a value that could not cross stands there as `null`. */
function merge(walked: Issue[], checked: Issue[]): Issue[] {
  if (walked.length === 0) return checked;
  const known = walked.map(({ pointer }) => pointer);
  const says = ({ pointer }: Issue) => known.some((at) => at === pointer || at.startsWith(`${pointer}/`) || pointer.startsWith(`${at}/`));
  return [...walked, ...checked.filter((issue) => !says(issue))];
}

function invalid(code: "input_invalid" | "document_invalid", title: string, issues: Issue[], cause: unknown): PromptError {
  const detail = issues.length === 1 ? "1 issue" : `${issues.length} issues`;
  return fromProblem({ type: `urn:cuecard:error:${code}`, title, status: 422, code, detail, issues }, cause);
}
