/** Prompts of other systems, on the way to documents. */
import { no } from "../failure.ts";
import { unfit } from "../files/slug.ts";

/** A version as it was there. */
export interface ForeignVersion {
  readonly version: number;
  /** A document of Cuecard; with `from`, one of that system, which the server turns into ours. */
  readonly document: object;
  readonly commitMessage?: string;
  readonly author?: string;
  /** RFC 3339. */
  readonly createdAt?: string;
}

/** The fields of a project itself. */
export interface ProjectCopy {
  readonly slug: string;
  readonly name?: string;
  readonly allowedOrigins?: readonly string[];
  readonly recording?: unknown;
}

/** A prompt with its history. */
export interface ForeignHistory {
  readonly slug: string;
  readonly from?: "athina" | "basalt" | "langwatch";
  readonly description?: string;
  readonly versions: readonly ForeignVersion[];
  /** Tag → version. */
  readonly tags: Readonly<Record<string, number>>;
  /** Fields that Cuecard has no place for. */
  readonly losses: readonly string[];
  /** Other parts of a prompt in an export of Cuecard. */
  readonly project?: ProjectCopy;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly scope?: string;
  /** Name → inputs. */
  readonly cases?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** How to ask a system for its prompts. */
export interface ForeignAccess {
  readonly url: string | undefined;
  readonly key: string;
}

/** One system that prompts come from. */
export interface ForeignSystem {
  /** The environment variables for its key and its URL. */
  readonly env?: { readonly key: readonly string[]; readonly url: readonly string[] };
  /** Reads prompts from one file, given its name without folder and ending, and its text. */
  read(name: string, text: string): ForeignHistory[];
  /** Fetches prompts of a project. */
  fetch?(access: ForeignAccess, each: Each): Promise<ForeignHistory[]>;
}

/** Runs work for each item, some at a time. */
export type Each = <T, U>(items: readonly T[], work: (item: T) => Promise<U>) => Promise<U[]>;

/** Collects losses, each once. */
export class LossList {
  readonly #all = new Set<string>();

  add(loss: string): void {
    this.#all.add(loss);
  }

  get list(): string[] {
    return [...this.#all];
  }
}

/** A name as a slug: invalid characters become `-`. */
export function slugOf(name: string, losses: LossList): string {
  const parts = name.normalize("NFKD").split("/");
  const slug = parts
    .map((part) => part.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replaceAll(/^[^A-Za-z0-9]+|[-.]+$/g, ""))
    .filter((part) => part !== "")
    .join("/");
  const reason = slug === "" ? "nothing of it can be in a slug" : unfit(slug);
  if (reason !== undefined) throw no("slug_unfit", `\`${name}\` cannot be a slug: ${reason}`);
  if (slug !== name) losses.add(`the name \`${name}\` becomes the slug \`${slug}\``);
  return slug;
}

/** A label as a tag, if it can be one. */
export function tagOf(label: string, losses: LossList): string | undefined {
  // It is computed here.
  if (label === "latest") return undefined;
  if (/^[a-z][a-z0-9_-]{0,63}$/.test(label)) return label;
  losses.add(`the label \`${label}\` cannot be a tag`);
  return undefined;
}

const PARAMETERS: Readonly<Record<string, string>> = {
  temperature: "temperature",
  max_tokens: "maxTokens",
  maxTokens: "maxTokens",
  max_output_tokens: "maxTokens",
  maxOutputTokens: "maxTokens",
  max_completion_tokens: "maxTokens",
  top_p: "topP",
  topP: "topP",
  top_k: "topK",
  topK: "topK",
  frequency_penalty: "frequencyPenalty",
  frequencyPenalty: "frequencyPenalty",
  presence_penalty: "presencePenalty",
  presencePenalty: "presencePenalty",
  stop: "stop",
  stop_sequences: "stop",
  stopSequences: "stop",
  seed: "seed",
  min_p: "minP",
  repetition_penalty: "repetitionPenalty",
  parallel_tool_calls: "parallelToolCalls",
  reasoning_effort: "reasoningEffort",
  verbosity: "verbosity",
};

/** Known parameters in our spelling, and the rest. */
export function parametersOf(given: Readonly<Record<string, unknown>>) {
  const parameters: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const known = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    if (known !== undefined && value !== null) parameters[known] = value;
    else if (value !== null) rest[name] = value;
  }
  return { parameters, rest };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members of `object` that have a value. */
export function given<T extends object>(object: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(object).filter(([, value]) => {
    if (value === undefined || value === null || value === "") return false;
    return typeof value !== "object" || Object.keys(value).length > 0;
  });
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** RFC 3339 in UTC, if it is a time. */
export function time(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Versions grouped by the name of their prompt, in the order of first appearance. */
export function byName<T>(items: readonly T[], nameOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return groups;
}

/** The list in a JSON file: the file itself, one of its members, or its one prompt. */
export function listIn(json: unknown, members: readonly string[]): unknown[] {
  if (Array.isArray(json)) return json;
  if (!isObject(json)) return [];
  const member = members.find((name) => Array.isArray(json[name]));
  return member === undefined ? [json] : (json[member] as unknown[]);
}
