/** Renders prompts by the plan that Rust made (`crates/prompt/src/prompt/plan.rs`), without the engine. */
import { isImage } from "../check/data.ts";
import { conversationOf } from "../checks.ts";
import { isWellFormed } from "../text.ts";
import type { Input, Part, RenderedMessage, Role } from "../types.ts";
import { more } from "./extra.ts";
import { InputReader } from "./inputs.ts";
import type { TemplatePlan } from "./nodes.ts";
import { LEFT_OUT, LENIENT, STRICT, isUndefined, stop } from "./python.ts";
import { MAX_LENGTH, type PlanRun, start, type EvalText, workLeft } from "./run.ts";
import { template } from "./statements.ts";

/** The plan as Rust writes it. */
export interface PlanJson {
  readonly open: boolean;
  /** Jinja2's globals that templates read and an input of their name would replace. */
  readonly globals?: readonly string[];
  readonly lenient: boolean;
  readonly messages: readonly MessageJson[];
  /** The demonstrations, where a template names them. */
  readonly rows?: unknown;
  /** The demonstrations, where they stand before the real turn. */
  readonly pairs?: PairsJson;
  /** The text added to the instructions. */
  readonly addition?: string;
}

interface MessageJson {
  readonly role: Role | "placeholder";
  readonly name?: string;
  readonly text?: TemplatePlan;
  readonly parts?: readonly (readonly ["text" | "image", TemplatePlan])[];
  readonly placeholder?: string;
}

interface PairsJson {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly [inputs: readonly (readonly [string, unknown])[], answer: string])[];
}

type RawContent = string | Part[];

/** Writes a message, or those of an input. */
type Write = (run: PlanRun, messages: RenderedMessage[]) => void;

/** How templates name the demonstrations. */
const DEMONSTRATIONS = "demonstrations";

/** A plan, ready to run. */
export class Plan {
  /** Whether missing and unknown inputs are accepted. */
  readonly isOpen: boolean;
  /** Globals that an input outside the prompt's own may replace. */
  readonly globals: readonly string[];
  readonly #inputs: InputReader;
  readonly #writes: readonly Write[];
  /** How often it may be of no use, more often than it was, before it is given up. */
  readonly #most: number;
  #patience: number;

  constructor(
    { open, globals = [], lenient, messages, rows, pairs, addition }: PlanJson,
    inputs: readonly Input[],
    patience: number,
  ) {
    this.#most = patience;
    this.#patience = patience;
    this.isOpen = open;
    this.globals = globals;
    const missing = lenient ? LENIENT : LEFT_OUT;
    const places = new Map(inputs.map(({ name }, place) => [name, place]));
    if (rows !== undefined) places.set(DEMONSTRATIONS, inputs.length);
    const conversations = new Set(messages.map(({ placeholder }) => placeholder));
    this.#inputs = new InputReader(inputs, open ? globals : undefined, missing, rows, conversations);
    // Texts in lists and dicts were not checked with the inputs.
    const looksInside = inputs.some(({ type }) => type === "any" || type === "dict" || type === "list");
    const compiler = new Compiler(places, lenient ? LENIENT : STRICT, looksInside);
    const instructions = messages.findIndex(({ role }) => !isInstruction(role));
    const writes = messages.map((message) => compiler.message(message));
    if (pairs !== undefined) {
      const users = messages.filter(({ role }) => role === "user").map((message) => compiler.content(message));
      writes.splice(instructions < 0 ? writes.length : instructions, 0, ...turns(pairs, users, places, missing));
    }
    if (addition !== undefined) writes.push((_, to) => add(to, addition));
    this.#writes = writes;
  }

  /** The messages, or `undefined` where the engine must decide: perhaps another result, or an error. */
  run(given: unknown, now?: Date): RenderedMessage[] | undefined {
    if (this.#patience === 0) return undefined;
    let messages: RenderedMessage[] | undefined;
    try {
      messages = this.#run(given, now);
    } catch {
      // a `stop`; or a getter or a Proxy threw, and the engine's walk reports where
    }
    this.#patience = messages === undefined ? this.#patience - 1 : Math.min(this.#patience + 1, this.#most);
    return messages;
  }

  #run(given: unknown, now: Date | undefined): RenderedMessage[] | undefined {
    const inputs = this.#inputs.read(given);
    if (inputs === undefined) return undefined;
    const run = start(inputs, now);
    const messages: RenderedMessage[] = [];
    for (let i = 0; i < this.#writes.length; i++) this.#writes[i]?.(run, messages);
    return this.#inputs.canBeRead(inputs, workLeft(run)) ? messages : undefined;
  }
}

class Compiler {
  readonly #places: ReadonlyMap<string, number>;
  readonly #missing: symbol;
  readonly #looksInside: boolean;
  readonly #conversations = new Set<number>();

  constructor(places: ReadonlyMap<string, number>, missing: symbol, looksInside: boolean) {
    this.#places = places;
    this.#missing = missing;
    this.#looksInside = looksInside;
  }

  message(message: MessageJson): Write {
    const { role, name } = message;
    if (role === "placeholder") {
      const place = this.#places.get(message.placeholder ?? "") ?? stop();
      // The engine counts what the same messages take again.
      if (this.#conversations.has(place)) return stop;
      this.#conversations.add(place);
      return conversation(place);
    }
    const content = this.content(message);
    if (name === undefined) return (run, to) => to.push({ role, content: content(run) });
    return (run, to) => to.push({ role, content: content(run), name });
  }

  content({ text, parts = [] }: MessageJson): (run: PlanRun) => RawContent {
    if (text !== undefined) return this.#text(text);
    const all = parts.map(([kind, plan]) => ({ kind, text: this.#text(plan) }));
    return (run) => {
      const content: Part[] = [];
      for (const part of all) {
        const text = part.text(run);
        if (part.kind === "text") content.push({ type: "text", text });
        else if (text !== "") content.push(isImage(text) ? { type: "image", image: text } : stop());
      }
      return content;
    };
  }

  #text(plan: TemplatePlan): EvalText {
    const write = template(plan, (name) => this.#places.get(name) ?? -1, this.#missing);
    const looksInside = this.#looksInside;
    return (run) => {
      if (run.slots.length > 0) run.slots = [];
      const text = write(run);
      run.length += text.length;
      return run.length > MAX_LENGTH || (looksInside && !isWellFormed(text)) ? stop() : text;
    };
  }
}

/** Two messages for each demonstration: the prompt's own, with its inputs, and the answer. */
function turns(
  { columns, rows }: PairsJson,
  users: readonly ((run: PlanRun) => RawContent)[],
  places: ReadonlyMap<string, number>,
  missing: symbol,
): Write[] {
  const all = columns.map((name) => places.get(name) ?? stop());
  return rows.map(([given, answer]) => {
    const values = given.map(([name, value]) => [places.get(name) ?? stop(), value] as const);
    return (run, to) => {
      const { inputs: own } = run;
      const row = [...own];
      for (const column of all) row[column] = missing;
      for (const [place, value] of values) row[place] = value;
      run.inputs = row;
      const content = join(users.map((user) => user(run)));
      run.inputs = own;
      to.push({ role: "user", content }, { role: "assistant", content: answer });
    };
  });
}

/** The messages of an input, which is known only to be a list. */
function conversation(place: number): Write {
  if (more() === undefined) stop();
  return ({ inputs }, to) => {
    const items = inputs[place];
    if (!isUndefined(items)) to.push(...(conversationOf(items) ?? stop()));
  };
}

function isInstruction(role: string): boolean {
  return role === "system" || role === "developer";
}

/** Several contents as one: texts with an empty line between them, or all parts. */
function join(contents: readonly RawContent[]): RawContent {
  const texts = contents.filter((content) => typeof content === "string");
  if (texts.length === contents.length) return texts.join("\n\n");
  return contents.flatMap((content) => (typeof content === "string" ? [{ type: "text", text: content }] : content));
}

/** Adds a paragraph to the first message with instructions, or makes one. */
function add(messages: RenderedMessage[], addition: string): void {
  const first = messages.find(({ role }) => isInstruction(role));
  if (first === undefined) messages.unshift({ role: "system", content: addition });
  else if (typeof first.content === "string") first.content += `\n\n${addition}`;
  else first.content.push({ type: "text", text: addition });
}
