/** Documents to prompts, prompts to messages. */
import { local } from "./clock.ts";
import { call, generation, output, pass } from "./engine.ts";
import { fromProblem, type PromptError } from "./error.ts";
import type { InputsOf } from "./infer.ts";
import { Plan, type PlanJson } from "./plan/plan.ts";
import { type Identity, type Rendered, Rest, read } from "./rendered.ts";
import { type Standard, standard, type Schema, inputsFrom, type InputOf } from "./standard.ts";
import type { Document, Input, Issue, RenderOptions, ResolvedVersion, Source } from "./types.ts";
import { unwalk } from "./unwalk.ts";
import { type Shape, walk } from "./wire.ts";

/** The most work that a render can be allowed. */
const MAX_WORK = 10_000_000;
const decoder = new TextDecoder();
const forgotten = new FinalizationRegistry<Handle>((handle) => {
  if (handle.generation === generation) call((wasm) => wasm.release(handle.number));
});

/** Compiles a document: every template is parsed and checked against the inputs.
 *
 * Inputs that are declared inline give the type of what `render` takes.
 *
 * @throws PromptError `document_invalid`, `template_syntax`, `template_undefined`, `template_unknown_name`,
 * `template_include`, `limit_exceeded`
 */
export function compile<S extends Schema>(document: Document, options: { readonly inputs: S }): Prompt<InputOf<S>>;
/** Compiles a document that was read from JSON: TypeScript sees its roles and types as any text. */
export function compile<const D extends object>(document: D & FromJson<D>): Prompt;
export function compile<const D extends Document>(document: D): Prompt<InputsOf<D>>;
export function compile(document: object, options?: { readonly inputs: Schema }): Prompt {
  if (options?.inputs === undefined) return new Prompt(Compiled.fromDocument(document));
  return new Prompt(Compiled.fromDocument({ ...document, inputs: inputsFrom(options.inputs) }));
}

/** `unknown` for what TypeScript sees of a JSON file, `never` for what is written in the code, whose texts it knows. */
type FromJson<D> = D extends { readonly messages: readonly (infer M)[] }
  ? M extends { readonly role: infer R }
    ? string extends R
      ? unknown
      : never
    : never
  : D extends { readonly prompt: infer P }
    ? string extends P
      ? unknown
      : never
    : never;

/** A document that is ready to render. */
export class Prompt<Inputs extends object = Record<string, unknown>> implements Identity {
  readonly #compiled: Compiled;

  /** @internal */
  constructor(compiled: Compiled) {
    this.#compiled = compiled;
  }

  /** The inputs, declared or else inferred from the templates, in their canonical spelling. */
  get inputs(): readonly Input[] {
    return this.#compiled.inputs;
  }

  /** What the compile-time check found that does not stop a render: unused inputs, unknown attributes. */
  get warnings(): readonly Issue[] {
    return this.#compiled.warnings;
  }

  /** The document, in its canonical spelling where it was fetched; a copy. */
  get document(): Document {
    return this.#compiled.document;
  }

  /** Standard Schema: forms and routers can check inputs with it. */
  get "~standard"(): Standard<Inputs> {
    return standard(this);
  }

  /** Renders the messages.
   *
   * @throws PromptError `input_invalid` with every issue, `render_failed`, `limit_exceeded`
   */
  render(inputs: Inputs, options?: RenderOptions): Rendered {
    return this.#compiled.render(inputs, this, options);
  }

  /** Everything that is wrong with the inputs; empty when they fit. */
  check(inputs: unknown): Issue[] {
    return this.#compiled.check(inputs);
  }

  /** SHA-256 of the content, in hex: equal content, equal hash, whatever the order of keys. */
  get hash(): string {
    return this.#compiled.hash;
  }
}

/** A prompt from a `Cuecard`. */
export class FetchedPrompt<Inputs extends object = Record<string, unknown>> extends Prompt<Inputs> {
  readonly slug: string;
  readonly version: number;
  /** The tag that it was fetched by, where it was one. */
  readonly tag: string | undefined;
  /** Where it came from, and how old it is. */
  readonly source: Source;

  /** @internal */
  constructor(compiled: Compiled, { slug, version, resolved }: ResolvedVersion, source: Source, tag?: string) {
    super(compiled);
    this.slug = slug;
    this.version = version;
    this.tag = tag === "latest" ? undefined : (tag ?? resolved.tag);
    this.source = source;
  }
}

/** A prompt's number in one instance of the wasm. */
interface Handle {
  number: number;
  generation: number;
}

/** What Rust says of a prompt when it compiles it. */
interface Told {
  readonly inputs: Input[];
  readonly warnings: Issue[];
  readonly floats: string[];
  readonly plan: PlanJson | null;
}

/** A prompt in the wasm, and what is needed to compile it again should the instance be lost. */
export class Compiled {
  readonly inputs: readonly Input[];
  readonly warnings: readonly Issue[];
  readonly #floats: ReadonlySet<string>;
  readonly #source: Uint8Array;
  readonly #handle: Handle = { number: 0, generation: -1 };
  /** How to render without the engine. */
  readonly #plan: Plan | null;
  /** What every render has beside its messages; without a plan, known from the first one on. */
  #rest: Rest | null;
  #hash: string | undefined;
  readonly #isStored: boolean;

  /** `hash`: of a version, in which fields of a later release are passed over. */
  private constructor(source: Uint8Array, hash?: string) {
    this.#source = source;
    this.#isStored = hash !== undefined;
    this.#hash = hash;
    const { inputs, warnings, floats, plan } = this.#compile();
    this.inputs = inputs;
    this.warnings = warnings;
    this.#plan = plan && new Plan(plan);
    this.#rest = plan && new Rest(plan.rendered);
    this.#floats = new Set(floats);
    forgotten.register(this, this.#handle);
  }

  static fromDocument(document: unknown): Compiled {
    return new Compiled(walkDocument(document, { what: "document" }));
  }

  /** From a version as the API answers it: what is not of the version itself is its document. */
  static fromVersion({
    slug,
    version,
    id,
    hash,
    commitMessage,
    author,
    createdAt,
    resolved,
    ...document
  }: ResolvedVersion): Compiled {
    return new Compiled(walkDocument(document, { what: "document", isStored: true }), hash);
  }

  get document(): Document {
    return unwalk(this.#source) as unknown as Document;
  }

  /** Of what is here, whatever the origin says that it is. */
  get contentHash(): string {
    return call((wasm) => wasm.hash(pass(this.#source)));
  }

  get hash(): string {
    return (this.#hash ??= this.contentHash);
  }

  render(inputs: object, of: Identity, options?: RenderOptions): Rendered {
    const rest = this.#rest;
    if (rest !== null) {
      const messages = this.#plan?.run(inputs);
      return messages === undefined ? this.#renderInWasm(inputs, rest, of, options) : rest.with(messages, of, inputs);
    }
    const rendered = this.#renderInWasm(inputs, null, of, options);
    this.#rest = new Rest(rendered);
    return rendered;
  }

  #renderInWasm(inputs: object, rest: Rest | null, of: Identity, { now, work = 0 }: RenderOptions = {}): Rendered {
    const bytes = this.#pack(inputs);
    const handle = this.#live();
    return call((wasm) => {
      wasm.render(handle, pass(bytes), rest === null, local(now), Math.min(work, MAX_WORK));
      return read(output(), rest, of, inputs);
    });
  }

  /** The inputs as the wasm reads them. */
  #pack(inputs: unknown): Uint8Array {
    const { bytes, issues, cause } = walk(inputs, { what: "inputs", floats: this.#floats });
    if (issues.length > 0) {
      const all = merge(issues, isWhole(issues) ? this.#check(bytes) : []);
      const isLimit = all.some(({ code }) => code === "too_deep" || code === "too_large");
      throw isLimit
        ? invalid("limit_exceeded", "A limit was exceeded", all, cause)
        : invalid("input_invalid", "The inputs do not fit the prompt", all, cause);
    }
    return bytes;
  }

  check(inputs: unknown): Issue[] {
    const { bytes, issues } = walk(inputs, { what: "inputs", floats: this.#floats });
    return merge(issues, isWhole(issues) ? this.#check(bytes) : []);
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

  #compile(): Told {
    return call((wasm) => {
      const length = pass(this.#source);
      this.#handle.number = wasm.compile(this.#isStored, length);
      this.#handle.generation = generation;
      return JSON.parse(decoder.decode(output())) as Told;
    });
  }
}

function walkDocument(document: unknown, shape: Shape): Uint8Array {
  const { bytes, issues, cause } = walk(document, shape);
  if (issues.length > 0) throw invalid("document_invalid", "The prompt document is not valid", issues, cause);
  return bytes.slice();
}

/** Whether the walk came to its end. */
function isWhole(issues: readonly Issue[]): boolean {
  return !issues.some(({ code }) => code === "too_large");
}

/** What the walk found, and what the types say about all else: a value that could not cross stands there as `null`. */
function merge(walked: Issue[], checked: Issue[]): Issue[] {
  if (walked.length === 0) return checked;
  const known = walked.map(({ pointer }) => pointer);
  const says = ({ pointer }: Issue) =>
    known.some((at) => at === pointer || at.startsWith(`${pointer}/`) || pointer.startsWith(`${at}/`));
  return [...walked, ...checked.filter((issue) => !says(issue))];
}

function invalid(
  code: "input_invalid" | "document_invalid" | "limit_exceeded",
  title: string,
  issues: Issue[],
  cause: unknown,
): PromptError {
  const detail = issues.length === 1 ? "1 issue" : `${issues.length} issues`;
  return fromProblem({ type: `urn:cuecard:error:${code}`, title, status: 422, code, detail, issues }, cause);
}
