/** Documents as YAML: block scalars for texts, and a person's own layout is kept. */
import { isDeepStrictEqual } from "node:util";
import {
  type Document as YamlDocument,
  type Node,
  type Pair,
  type ParsedNode,
  Scalar,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  Parser,
  stringify,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";

import { no } from "../failure.ts";

export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** More than the 64 levels of a document need, with YAML's own between them. */
const MAX_NESTED = 400;

/** Whether a text is nested so deeply that parsing it could exhaust the stack. */
function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme)) void _;
    if (parser.stack.length > MAX_NESTED) return true;
  }
  return false;
}

/** The first duplicate key of a map. */
function repeatedKey(document: YamlDocument.Parsed): { message: string; pos: [number] } | undefined {
  let found: Node | undefined;
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const value = isScalar(key) ? key.value : key;
        if (seen.has(value)) {
          found = key as Node;
          return visit.BREAK;
        }
        seen.add(value);
      }
      return undefined;
    },
  });
  return found && { message: "Map keys must be unique", pos: [found.range?.[0] ?? 0] };
}

/** A YAML file, parsed. */
export class Yaml {
  readonly value: unknown;
  readonly #document: YamlDocument.Parsed;
  readonly #lines: LineCounter;
  readonly #text: string;

  private constructor(document: YamlDocument.Parsed, lines: LineCounter, text: string) {
    this.#document = document;
    this.#lines = lines;
    this.#text = text;
    this.value = document.toJS({ maxAliasCount: 100 });
  }

  /** @throws Failure `yaml_invalid` with `name`, line and column */
  static parse(text: string, name: string): Yaml {
    if (isTooDeep(text)) throw no("yaml_invalid", `${name}:1:1: it has more than ${MAX_NESTED} levels`);
    const lines = new LineCounter();
    // The parser's own check for duplicate keys takes quadratic time.
    const options = { lineCounter: lines, prettyErrors: false, version: "1.2", uniqueKeys: false } as const;
    const document = parseDocument(text, options);
    const error = document.errors[0] ?? document.warnings[0] ?? repeatedKey(document);
    if (error !== undefined) {
      const { line, col } = lines.linePos(error.pos[0]);
      throw no("yaml_invalid", `${name}:${line}:${col}: ${error.message}`);
    }
    try {
      return new Yaml(document, lines, text);
    } catch (cause) {
      throw no("yaml_invalid", `${name}:1:1: ${(cause as Error).message}`);
    }
  }

  /** The place of the value at a path; its parent's place if it does not exist. */
  place(path: readonly (string | number)[]): SourcePlace {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? this.#document.contents : this.#document.getIn(path.slice(0, length), true);
      const range = (node as Node | undefined | null)?.range;
      if (range) {
        const { line, col } = this.#lines.linePos(range[0]);
        return { line, column: col };
      }
    }
    return { line: 1, column: 1 };
  }

  /** The place in the file of a line and column of the text at a path. */
  placeIn(path: readonly (string | number)[], at: SourcePlace): SourcePlace {
    const start = this.place(path);
    const node = this.#document.getIn(path, true);
    if (!isScalar(node) || (node.type !== "BLOCK_LITERAL" && at.line > 1)) return start;
    if (node.type === "BLOCK_LITERAL") {
      const line = start.line + at.line;
      const written = this.#text.split("\n")[start.line] ?? "";
      const indent = written.length - written.trimStart().length;
      return { line, column: indent + at.column };
    }
    const quote = node.type === "PLAIN" ? 0 : 1;
    return { line: start.line, column: start.column + quote + at.column - 1 };
  }

  /** The file with another value: equal parts keep their layout, comments and order. */
  with(value: object): string {
    const document = this.#document.clone() as YamlDocument;
    if (isMap(document.contents)) {
      const [first] = document.contents.items as Pair[];
      patchMap(document, document.contents, value as Record<string, unknown>);
      // A comment above the first field belongs to the whole file.
      const [next] = document.contents.items as Pair[];
      if (first !== undefined && next !== undefined && first !== next && isScalar(first.key) && isScalar(next.key)) {
        document.commentBefore ??= first.key.commentBefore ?? null;
        next.key.spaceBefore = false;
      }
    } else document.contents = create(document, value) as typeof document.contents;
    return checked(document.toString(STYLE), value);
  }
}

/** A new file. */
export function toYaml(value: object): string {
  const document = parseDocument("{}") as YamlDocument;
  document.contents = create(document, value) as typeof document.contents;
  return checked(document.toString(STYLE), value);
}

const STYLE = { lineWidth: 0, flowCollectionPadding: true } as const;

/** The text reads back as the same value; where the pretty form would not, JSON strings are used. */
function checked(text: string, value: object): string {
  const back = parseDocument(text);
  if (back.errors.length === 0 && isDeepStrictEqual(back.toJS(), JSON.parse(JSON.stringify(value)))) return text;
  return stringify(value, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "QUOTE_DOUBLE", lineWidth: 0 });
}

function create(document: YamlDocument, value: unknown): Node {
  const node = document.createNode(value) as Node;
  style(node);
  return node;
}

/** Texts of several lines as blocks, lists of plain values on one line. */
function style(node: unknown): void {
  if (isMap(node)) for (const pair of node.items as Pair[]) style(pair.value);
  else if (isSeq(node)) {
    node.items.forEach(style);
    node.flow = node.items.every((item) => isScalar(item) && typeof item.value !== "string");
  } else if (isScalar(node)) styleText(node);
}

function styleText(node: Scalar): void {
  if (typeof node.value !== "string") return;
  // A block cannot hold these as they are.
  const fits = !/[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u0085\u2028\u2029\ufeff]/u.test(
    node.value,
  );
  if (!fits) node.type = Scalar.QUOTE_DOUBLE;
  else if (node.value.includes("\n")) node.type = Scalar.BLOCK_LITERAL;
}

function patch(document: YamlDocument, node: unknown, value: unknown): Node {
  if (isMap(node) && isObject(value)) return patchMap(document, node, value);
  if (isSeq(node) && Array.isArray(value)) return patchSeq(document, node, value);
  if (isScalar(node) && !isObject(value) && !Array.isArray(value)) {
    if (node.value === value) return node;
    const multiline = typeof value === "string" && value.includes("\n");
    node.value = value;
    delete (node as { source?: string }).source;
    if (typeof value !== "string" || multiline || node.type === "PLAIN" || node.type?.startsWith("BLOCK"))
      delete node.type;
    styleText(node);
    return node;
  }
  return create(document, value);
}

function patchMap(document: YamlDocument, map: YAMLMap, value: Record<string, unknown>): YAMLMap {
  map.items = map.items.filter((pair) => nameOf(pair) in value);
  for (const [name, member] of Object.entries(value)) {
    const pair = map.items.find((pair) => nameOf(pair) === name) as Pair | undefined;
    if (pair === undefined) map.items.push(document.createPair(name, create(document, member)));
    else if (!isDeepStrictEqual(toJs(document, pair.value), member)) pair.value = patch(document, pair.value, member);
  }
  return map;
}

/** Items are matched by their names, if they have some, so that a comment stays with its item. */
function patchSeq(document: YamlDocument, seq: YAMLSeq, value: readonly unknown[]): YAMLSeq {
  const old = [...seq.items];
  const values = old.map((item) => toJs(document, item));
  const used = new Set<number>();
  const take = (at: number) => {
    if (at < 0) return undefined;
    used.add(at);
    return old[at];
  };
  const same = value.map((item) =>
    values.findIndex((other, at) => !used.has(at) && isDeepStrictEqual(other, item) && used.add(at)),
  );
  seq.items = value.map((item, at) => {
    const found = same[at] ?? -1;
    if (found >= 0) return old[found];
    const named = isObject(item) && typeof item["name"] === "string";
    const like = named
      ? values.findIndex((other, i) => !used.has(i) && isObject(other) && other["name"] === item["name"])
      : -1;
    const node = take(like >= 0 ? like : at < old.length && !used.has(at) ? at : -1);
    return node === undefined ? create(document, item) : patch(document, node, item);
  });
  return seq;
}

function toJs(document: YamlDocument, node: unknown): unknown {
  return (node as ParsedNode | null)?.toJS?.(document) ?? (isScalar(node) ? node.value : null);
}

function nameOf(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
