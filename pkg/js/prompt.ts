/** Documents to prompts, prompts to messages. */
import { checkInputs, detailOf, loadChecks, unwalk, walk } from "./checks.ts";
import { call, generation, isLight, isRunning, loaded, output, pass, prepare } from "./engine.ts";
import { fromProblem, type PromptError } from "./error.ts";
import type { InputsOf } from "./infer.ts";
import { type Told, told } from "./light/told.ts";
import { forgetNames, keepNames, keptNames } from "./names.ts";
import { Plan, type PlanJson } from "./plan/plan.ts";
import { WORK } from "./plan/run.ts";
import { type Identity, type Rendered, Rest } from "./rendered.ts";
import { type Standard, standard, type StandardSchema, type InputOf } from "./standard.ts";
import type {
  Document,
  Input,
  Issue,
  RenderOptions,
  RenderedPrompt,
  ResolvedVersion,
  Snapshot,
  Source,
} from "./types.ts";
import { documentOf } from "./version.ts";
import { inputsFrom, renderInWasm, renderPacked } from "./whole.ts";
import { MAX_DOCUMENT, MAX_INPUT, MAX_NAMES, type Shape, type Walked } from "./wire.ts";

/** How often in a row a plan may leave a render to the engine, before the engine is asked at once. */
const PATIENCE = isLight ? Number.POSITIVE_INFINITY : 20;
/** Inputs of as many bytes are checked by the engine alone, which takes less time than both. */
const MANY_BYTES = 1 << 18;
/** As many packed bytes go to an engine that runs, which takes half as long as a walk of them. */
const MANY_PACKED = 1 << 16;
const forgotten = new FinalizationRegistry<Handle>((handle) => {
  if (handle.generation === generation()) call((wasm) => wasm.release(handle.number));
});

/** Resolves when nothing here has to wait any more. The engine of `cuecard/client` is loaded when it is first needed;
 * where a runtime cannot load a module without waiting (browsers, Workers), what is asked for before that is refused
 * with `engine_pending`. */
export async function ready(): Promise<void> {
  await Promise.all([loaded(), loadChecks(true)]);
}

/** Compiles a document: every template is parsed and checked against the inputs.
 *
 * Inputs that are declared inline give the type of `render`'s argument.
 *
 * @throws PromptError `document_invalid`, `template_syntax`, `template_undefined`, `template_unknown_name`,
 * `template_include`, `limit_exceeded`
 */
export function compile<S extends StandardSchema>(
  document: Document,
  options: { readonly inputs: S },
): Prompt<InputOf<S>>;
/** Compiles a document that was read from JSON: TypeScript sees its roles and types as plain strings. */
export function compile<const D extends object>(document: D & FromJson<D>): Prompt;
export function compile<const D extends Document>(document: D): Prompt<InputsOf<D>>;
export function compile(document: object, options?: { readonly inputs: StandardSchema }): Prompt {
  if (options?.inputs === undefined) return new Prompt(Compiled.fromDocument(document));
  return new Prompt(Compiled.fromDocument({ ...document, inputs: inputsFrom(options.inputs) }));
}

/** `unknown` for a JSON file as TypeScript sees it, `never` for a literal, whose strings it knows. */
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

  /** Warnings of the compile-time check, which do not stop a render: unused inputs, unknown attributes. */
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

  /** Every issue of the inputs; empty when they fit. */
  check(inputs: unknown): Issue[] {
    return this.#compiled.check(inputs);
  }

  /** SHA-256 of the content, in hex: the same for equal content, whatever the order of keys. */
  get hash(): string {
    return this.#compiled.hash;
  }
}

/** A prompt from a `Cuecard`. */
export class FetchedPrompt<Inputs extends object = Record<string, unknown>> extends Prompt<Inputs> {
  readonly slug: string;
  readonly version: number;
  /** The tag that it was fetched by, if any. */
  readonly tag: string | undefined;
  /** Its source and age. */
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

/** Rust's description of a compiled prompt. */
interface ToldByEngine {
  readonly inputs: Input[];
  readonly warnings: Issue[];
  readonly names?: readonly string[];
  readonly plan: PlanJson | null;
  readonly rest: RenderedPrompt;
}

/** A prompt, by its plan or in the wasm, with everything to compile it there, again if the instance is lost. */
export class Compiled {
  readonly inputs: readonly Input[];
  readonly warnings: readonly Issue[];
  readonly #floats: ReadonlySet<string>;
  /** The conversations. */
  readonly #turns: ReadonlySet<string>;
  /** The names that are read, where others pass unread. */
  readonly #names: readonly string[] | undefined;
  /** The document, as a walk wrote it, or as JSON. */
  readonly #source: Uint8Array | string;
  readonly #handle: Handle = { number: 0, generation: -1 };
  /** The way to render without the engine. */
  readonly #plan: Plan | null;
  /** The parts of a render that inputs do not change. */
  readonly #rest: Rest;
  #hash: string | undefined;
  #contentHash: string | undefined;
  readonly #isStored: boolean;

  /** `hash`: of a stored version, whose fields of a later release are ignored. */
  private constructor(source: Uint8Array | string, hash?: string, known?: Told) {
    this.#source = source;
    this.#isStored = hash !== undefined;
    this.#hash = hash;
    const { inputs, warnings, names, plan, rest } = known ?? this.#told();
    this.#contentHash = known?.hash;
    this.inputs = inputs;
    this.warnings = warnings;
    this.#names = names;
    this.#plan = plan;
    this.#rest = new Rest(rest);
    const floats = inputs.filter(({ type }) => type === "float" || type === "list[float]");
    this.#floats = new Set(floats.map(({ name }) => name));
    this.#turns = new Set(inputs.filter(({ type }) => type === "messages").map(({ name }) => name));
    forgotten.register(this, this.#handle);
  }

  static fromDocument(document: unknown): Compiled {
    return new Compiled(walkDocument(document, { what: "document", units: MAX_DOCUMENT }));
  }

  /** From a version as the API answers it: its document is what remains without the version's own members. */
  static async fromVersion(version: ResolvedVersion, isLocked = false): Promise<Compiled> {
    const { hash, resolved } = version;
    const document = documentOf(version);
    if (isLight) {
      const loading = loadChecks();
      if (loading !== undefined) await loading;
      const known = await told(resolved?.plan, document, isLocked);
      if (known !== undefined) {
        prepare();
        return new Compiled(JSON.stringify(document), hash, known);
      }
      await loaded();
    }
    return new Compiled(walkDocument(document, { what: "document", isStored: true }), hash);
  }

  get document(): Document {
    const source = this.#source;
    return typeof source === "string" ? JSON.parse(source) : (unwalk(source) as unknown as Document);
  }

  /** The hash of the content here, whatever the origin claims. */
  get contentHash(): string {
    return (this.#contentHash ??= call((wasm) => wasm.hash(pass(this.#bytes()))));
  }

  get hash(): string {
    return (this.#hash ??= this.contentHash);
  }

  render(inputs: object, of: Identity, options?: RenderOptions): Rendered {
    // A render with a smaller limit of work is counted by the engine.
    const isUsual = options?.work === undefined || options.work >= WORK;
    keepNames();
    const messages = isUsual ? this.#plan?.run(inputs, options?.now) : undefined;
    if (messages === undefined) return this.#renderInEngine(inputs, of, options);
    forgetNames();
    return this.#rest.with(messages, of, inputs);
  }

  #renderInEngine(inputs: object, of: Identity, options?: RenderOptions): Rendered {
    try {
      return this.#renderWalked(inputs, of, options);
    } finally {
      forgetNames();
    }
  }

  #renderWalked(inputs: object, of: Identity, options?: RenderOptions): Rendered {
    // In `cuecard/client`, issues of a plan's inputs are found without the engine, unless it runs and they are many.
    const isChecked = isLight && this.#plan !== null;
    if (!isChecked || isRunning()) {
      const least = isChecked ? MANY_PACKED : 0;
      const packed = renderPacked(this.#live(), inputs, this.#names, options, least, keptNames());
      if (packed !== undefined) return this.#rest.with(packed, of, inputs);
    }
    const bytes = this.#pack(inputs);
    if (isChecked && bytes.length < MANY_BYTES) {
      const issues = this.#check(bytes);
      if (issues.length > 0) throw refusal(issues, undefined, detailOf(issues));
    }
    return this.#rest.with(renderInWasm(this.#live(), bytes, options), of, inputs);
  }

  /** The inputs as the wasm reads them. Where the document is JSON, it is walked when the engine first sees it, which
   * may be before the inputs are passed, so they are a copy there. */
  #walk(inputs: unknown): Walked {
    const limits = { units: MAX_INPUT, most: MAX_NAMES, turns: this.#turns, kept: keptNames() };
    const walked = walk(inputs, { what: "inputs", ...limits, floats: this.#floats, names: this.#names });
    return isLight ? { ...walked, bytes: walked.bytes.slice() } : walked;
  }

  /** Those that fit the wire. */
  #pack(inputs: unknown): Uint8Array {
    const { bytes, issues, cause } = this.#walk(inputs);
    if (issues.length > 0) {
      throw refusal(merge(issues, isWhole(issues) ? this.#check(bytes) : []), cause);
    }
    return bytes;
  }

  check(inputs: unknown): Issue[] {
    const { bytes, issues } = this.#walk(inputs);
    return merge(issues, isWhole(issues) ? this.#check(bytes) : []);
  }

  #check(walked: Uint8Array): Issue[] {
    if (isLight && this.#plan !== null) {
      try {
        return checkInputs(this.inputs, this.#plan, unwalk(walked));
      } catch {
        // a `stop`: the engine decides
      }
    }
    const handle = this.#live();
    return call((wasm) => wasm.check(handle, pass(walked)) as Issue[]);
  }

  /** The number in the current instance, compiled again if an earlier instance was lost. */
  #live(): number {
    if (this.#handle.generation !== generation()) this.#compile();
    return this.#handle.number;
  }

  #told(): Told {
    const { plan, ...more } = this.#compile();
    return { ...more, plan: plan && new Plan(plan, more.inputs, PATIENCE) };
  }

  #compile(): ToldByEngine {
    const bytes = this.#bytes();
    return call((wasm) => {
      const length = pass(bytes);
      this.#handle.number = wasm.compile(this.#isStored, length);
      this.#handle.generation = generation();
      return JSON.parse(new TextDecoder().decode(output())) as ToldByEngine;
    });
  }

  #bytes(): Uint8Array {
    const source = this.#source;
    if (typeof source !== "string") return source;
    return walkDocument(JSON.parse(source), { what: "document", isStored: true });
  }
}

/** The error of these issues of inputs. */
function refusal(issues: Issue[], cause: unknown, detail?: string): PromptError {
  const isLimit = issues.some(({ code }) => code === "too_deep" || code === "too_large");
  return isLimit
    ? invalid("limit_exceeded", "A limit was exceeded", issues, cause, detail)
    : invalid("input_invalid", "The inputs do not fit the prompt", issues, cause, detail);
}

function walkDocument(document: unknown, shape: Shape): Uint8Array {
  const { bytes, issues, cause } = walk(document, shape);
  if (issues.length > 0) throw invalid("document_invalid", "The prompt document is not valid", issues, cause);
  return bytes.slice();
}

/** Whether the walk reached the end. */
function isWhole(issues: readonly Issue[]): boolean {
  return !issues.some(({ code }) => code === "too_large");
}

/** The issues of the walk and of the types; a value that could not cross is `null` for the types. */
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
  detail = issues.length === 1 ? "1 issue" : `${issues.length} issues`,
): PromptError {
  return fromProblem({ type: `urn:cuecard:error:${code}`, title, status: 422, code, detail, issues }, cause);
}
