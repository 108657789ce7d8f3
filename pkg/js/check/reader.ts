/** Collects issues of inputs, in the words of `crates/prompt/src/document/reader.rs`. */
import { type Dict, isDict, stop } from "../plan/python.ts";
import type { Issue } from "../types.ts";
import { cut, kind, namesSize, size } from "./data.ts";
import { suggest } from "./suggest.ts";

/** The most issues that are reported. */
export const MAX_ISSUES = 100;
/** Of each of an issue's texts, and of a pointer that still grows. */
const MAX_TEXT = 1_000;
/** Of all issues of one error. */
const MAX_BYTES = 64 << 10;
/** Steps of checking against schemas. */
const MAX_WORK = 250_000;

/** UTF-16 units of texts of JSON. */
const MAX_JSON = 200_000;
/** Names of a dict from which on they are kept. */
const MANY = 64;

/** An issue that nobody reads. */
const UNTOLD: Issue = { code: "", pointer: "", message: "" };

interface ListedNames {
  readonly names: readonly string[];
  readonly bytes: number;
}

type More = Partial<Record<"expected" | "received" | "suggestion", string | undefined>>;

/** The member of an object. */
export function below(at: string, key: string | number): string {
  if (at.length * 3 > MAX_TEXT && size(at) >= MAX_TEXT) return at;
  if (typeof key === "number") return `${at}/${key}`;
  const name = cut(key, MAX_TEXT);
  return `${at}/${/[~/]/.test(name) ? name.replaceAll("~", "~0").replaceAll("/", "~1") : name}`;
}

export class Reader {
  issues: Issue[] = [];
  /** The number of issues to look for. */
  most: number;
  /** Whether issues are only counted. */
  isQuiet = false;
  #work = 0;
  #units = 0;
  readonly #names = new Map<Dict, ListedNames>();

  constructor(most: number = MAX_ISSUES) {
    this.most = most;
  }

  /** Counts steps; false when there were too many. */
  works(steps: number): boolean {
    this.#work += steps;
    return this.#work <= MAX_WORK;
  }

  /** The steps so far. */
  get worked(): number {
    return this.#work;
  }

  /** Counts the UTF-16 units of texts of JSON; the engine reads many. */
  reads(units: number): void {
    this.#units += units;
    if (this.#units > MAX_JSON) stop();
  }

  /** The names of a dict and their bytes. To list many takes long, and each part of a schema may ask for them. */
  namesOf(members: Dict): ListedNames {
    const known = this.#names.get(members);
    if (known !== undefined) return known;
    const names = Object.keys(members);
    const listed = { names, bytes: namesSize(names) };
    if (names.length >= MANY) this.#names.set(members, listed);
    return listed;
  }

  /** Notes when there were too many steps. */
  finish(at: string): void {
    if (!this.works(0)) this.issue("too_large", at, "checking the value against its schema takes too many steps");
  }

  /** The last one is overwritten when the list is full. */
  issue(code: string, at: string, message: string, { expected, received, suggestion }: More = {}): void {
    this.issues.length = Math.min(this.issues.length, MAX_ISSUES - 1);
    if (this.isQuiet) {
      this.issues.push(UNTOLD);
      return;
    }
    this.issues.push({
      code,
      pointer: cut(at, MAX_TEXT),
      message: cut(message, MAX_TEXT),
      ...(expected !== undefined && { expected }),
      ...(received !== undefined && { received }),
      ...(suggestion !== undefined && { suggestion }),
    });
  }

  get isFull(): boolean {
    return this.issues.length >= this.most;
  }

  wrongType(at: string, expected: string, value: unknown): void {
    const received = kind(value);
    this.issue("wrong_type", at, `expected ${expected}, received ${received}`, { expected, received });
  }

  /** Notes an invalid value unless the condition holds. */
  check(condition: boolean, at: string, expected: string): boolean {
    if (!condition) this.issue("invalid_value", at, `expected ${expected}`, { expected });
    return condition;
  }

  /** A required member. */
  member(members: Dict, key: string, at: string): unknown {
    if (!Object.hasOwn(members, key)) {
      this.issue("missing_field", below(at, key), `\`${key}\` is required`);
      return undefined;
    }
    return members[key];
  }

  /** A required member that is a text. */
  memberText(members: Dict, key: string, at: string): string | undefined {
    const value = this.member(members, key, at);
    return value === undefined ? undefined : this.text(value, below(at, key));
  }

  text(value: unknown, at: string): string | undefined {
    if (typeof value === "string") return value;
    this.wrongType(at, "str", value);
    return undefined;
  }

  object(value: unknown, at: string): Dict | undefined {
    if (isDict(value)) return value;
    this.wrongType(at, "dict", value);
    return undefined;
  }

  /** A text out of a few. */
  oneOf(value: unknown, at: string, names: readonly string[]): string | undefined {
    const text = this.text(value, at);
    if (text === undefined || names.includes(text)) return text;
    const expected = `one of ${names.join(", ")}`;
    this.issue("invalid_value", at, `expected ${expected}`, { expected, suggestion: suggest(text, names) });
    return undefined;
  }

  /** The issues of an error, bounded in number and bytes. */
  told(): Issue[] {
    let bytes = 0;
    const told: Issue[] = [];
    for (const { expected, received, suggestion, ...rest } of this.issues) {
      const more = Object.entries({ expected, received, suggestion }).filter((entry) => entry[1] !== undefined);
      const issue: Issue = {
        ...rest,
        ...Object.fromEntries(more.map(([name, text]) => [name, cut(text as string, MAX_TEXT)])),
      };
      bytes += Object.values(issue).reduce((sum: number, text: string) => sum + size(text), 0);
      if (told.length > 0 && bytes > MAX_BYTES) break;
      told.push(issue);
    }
    return told;
  }
}
