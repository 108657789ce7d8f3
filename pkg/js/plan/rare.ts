/** Rarer parts of templates: macros, namespaces, captured text, lists that are read once, and some filters and methods.
 * The parts of the other files that it uses are arguments, so that each exists once, wherever this file is
 * (`extra.ts`). */
import { local, now } from "../clock.ts";
import type { StatementNodes, Load, RareStatement, RareValue, ScopeSlots, ValueNode } from "./nodes.ts";
import type { PlanRun, EvalTest, EvalText, EvalValue } from "./run.ts";

/** The parts of the other files that it uses. */
export interface Core {
  readonly python: {
    stop(): never;
    known(value: unknown): unknown;
    print(run: PlanRun, value: unknown): string;
    isSame(run: PlanRun, a: unknown, b: unknown): boolean;
    isDict(value: unknown): value is Record<string, unknown>;
    namesOf(run: PlanRun, dict: Record<string, unknown>): readonly string[];
    member(dict: Record<string, unknown>, key: string): unknown;
    latin(value: unknown): string;
    math(op: "+", a: unknown, b: unknown): unknown;
    pay(run: PlanRun, steps: number): void;
    paySearch(run: PlanRun, text: string, part: string): void;
    replace(run: PlanRun, text: string, old: string, by: string): string;
    toJson(value: unknown, spaces: number | null, pay: (steps: number) => void, isHtml: boolean): string;
  };
  readonly values: { readonly missing: symbol; value(node: ValueNode): EvalValue; test(node: ValueNode): EvalTest };
  readonly statements: {
    load(loads: readonly Load[]): (run: PlanRun) => void;
    leave(scope: ScopeSlots): (run: PlanRun) => void;
    body(body: StatementNodes): EvalText;
  };
}

/** Makes closures of nodes that the other files do not have. */
export interface Rare {
  node(node: RareStatement | RareValue): EvalValue;
  filter(name: string, of: EvalValue, args: readonly (EvalValue | undefined)[]): EvalValue;
  method(name: string, of: EvalValue, args: readonly EvalValue[]): EvalValue;
}

const MONTHS = "January February March April May June July August September October November December".split(" ");
const WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** A macro or a namespace: a function, which no template can look into. */
type Macro = (run: PlanRun, args: readonly unknown[], keywords: readonly (readonly [string, unknown])[]) => string;
/** Of a namespace. */
type NamespaceMembers = Map<string, unknown>;

/** The most items of a range. */
const MAX_RANGE = 10_000;
const SURROGATE = /[\ud800-\udfff]/;
/** Line breaks besides `\n`. */
const BREAK = /[\r\v\f\x1c-\x1e\x85\u2028\u2029]/;
const BLANK = /[\t-\r\x1c-\x20]+/;

export function make({ python, values, statements }: Core): Rare {
  const { known, print, isSame, isDict, namesOf, member, latin, math, pay, paySearch, replace, toJson } = python;
  const stop: () => never = python.stop;
  const spaces = new WeakMap<object, NamespaceMembers>();

  const text = (value: unknown): string => (typeof value === "string" ? value : stop());
  const int = (value: unknown): number => (Number.isSafeInteger(value) ? (value as number) : stop());
  const flag = (value: unknown): boolean => (value === undefined ? false : typeof value === "boolean" ? value : stop());
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : stop());
  const items = (run: PlanRun, value: unknown): readonly unknown[] => {
    const all = Array.isArray(value) ? value : isDict(value) ? namesOf(run, value) : stop();
    pay(run, all.length * 2);
    return Array.from(all, known);
  };
  /** The condition on an item, which is in a slot meanwhile. */
  const turn = <T>(run: PlanRun, slot: number, ask: (run: PlanRun) => T) => {
    return (item: unknown): T => {
      pay(run, 4);
      run.slots[slot] = item;
      return ask(run);
    };
  };
  const membersOf = (value: unknown): NamespaceMembers => {
    return (typeof value === "function" ? spaces.get(value) : undefined) ?? stop();
  };

  function node(node: RareStatement | RareValue): EvalValue {
    const value = (node: ValueNode): EvalValue => values.value(node);
    switch (node[0]) {
      case "range": {
        const [start, end, step] = [
          node[1] ? value(node[1]) : () => 0,
          value(node[2]),
          node[3] ? value(node[3]) : () => 1,
        ];
        return (run) => {
          const [from, to, by] = [int(start(run)), int(end(run)), int(step(run))];
          const count = by === 0 ? stop() : Math.max(0, Math.ceil((to - from) / by));
          if (count > MAX_RANGE) stop();
          pay(run, count);
          return Array.from({ length: count }, (_, i) => from + i * by);
        };
      }
      case "view": {
        const [view, of] = [node[1], value(node[2])];
        return (run) => {
          const dict = of(run);
          const all = isDict(dict) ? namesOf(run, dict) : stop();
          pay(run, all.length * 2);
          if (view === "keys") return all;
          const each = (key: string) => known((dict as Record<string, unknown>)[key]);
          return view === "values" ? all.map(each) : view === "items" ? all.map((key) => [key, each(key)]) : stop();
        };
      }
      case "now": {
        const format = value(node[1]);
        return (run) => {
          const whole = text(format(run));
          pay(run, whole.length);
          run.now ??= new Date(now());
          return strftime(whole, new Date(local(run.now)));
        };
      }
      case "where": {
        const [of, slot, holds] = [value(node[1]), node[2], values.test(node[3])];
        return (run) => items(run, of(run)).filter(turn(run, slot, holds));
      }
      case "each": {
        const [of, slot, one] = [value(node[1]), node[2], value(node[3])];
        return (run) => items(run, of(run)).map(turn(run, slot, one));
      }
      case "capture": {
        const [, slot, scope, inside] = node;
        const [enter, body, leave] = [statements.load(scope[0]), statements.body(inside), statements.leave(scope)];
        return (run) => {
          enter(run);
          run.slots[slot] = body(run);
          leave(run);
          return "";
        };
      }
      case "macro":
        return define(node);
      case "call": {
        const [callee, args] = [value(node[1]), node[2].map(value)];
        const keywords = node[3].map(([key, of]) => [key, value(of)] as const);
        return (run) => {
          const called = callee(run);
          if (typeof called !== "function" || spaces.has(called)) stop();
          const given = args.map((arg) => arg(run));
          return (called as Macro)(
            run,
            given,
            keywords.map(([key, of]) => [key, of(run)]),
          );
        };
      }
      case "space": {
        const members = node[1].map(([key, of]) => [key, value(of)] as const);
        return (run) => {
          const space = () => {};
          const made = new Map<string, unknown>();
          for (const [key, of] of members) made.set(made.has(key) ? stop() : key, of(run));
          spaces.set(space, made);
          return space;
        };
      }
      case "put": {
        const [slot, name, of] = [node[1], node[2], value(node[3])];
        return (run) => {
          const members = membersOf(run.slots[slot]);
          members.set(name, of(run));
          return "";
        };
      }
      case "of": {
        const [, slot, name] = node;
        return (run) => {
          const members = membersOf(run.slots[slot]);
          return members.has(name) ? members.get(name) : values.missing;
        };
      }
      default:
        return stop();
    }
  }

  function define([, slot, params, defaults, scope, first, slots, body]: Extract<
    RareStatement,
    readonly ["macro", ...unknown[]]
  >): EvalValue {
    const others = defaults.map((node) => (node === null ? () => values.missing : values.value(node)));
    const [enter, write] = [statements.load(scope[0]), statements.body(body)];
    const called: Macro = (run, args, keywords) => {
      pay(run, 20 + slots + (params.length >> 3) * (1 + keywords.length));
      if (args.length > params.length) stop();
      const { loops } = run;
      const around = run.slots.slice(first, first + slots);
      run.loops = [...loops];
      for (let i = 0; i < slots; i++) run.slots[first + i] = values.missing;
      const given = new Map(args.map((value, i) => [i, value]));
      for (const [key, value] of keywords) {
        const place = params.findIndex(([, name]) => name === key);
        if (place < 0 || given.has(place)) stop();
        given.set(place, value);
      }
      for (const [place, value] of given) run.slots[params[place]?.[0] ?? 0] = value;
      enter(run);
      params.forEach(([place], i) => {
        if (!given.has(i)) run.slots[place] = others[i]?.(run);
      });
      const written = write(run);
      pay(run, written.length >> 4);
      for (let i = 0; i < slots; i++) run.slots[first + i] = around[i];
      run.loops = loops;
      return written;
    };
    return (run) => {
      run.slots[slot] = called;
      return "";
    };
  }

  function filter(name: string, of: EvalValue, args: readonly (EvalValue | undefined)[]): EvalValue {
    const given = (run: PlanRun, at: number): unknown => args[at]?.(run);
    switch (name) {
      case "capitalize":
        return (run) => capitalize(run, print(run, of(run)));
      case "indent":
        return (run) => {
          const [whole, width = 4] = [text(of(run)), given(run, 0)];
          const [isFirst, isBlank] = [flag(given(run, 1)), flag(given(run, 2))];
          const size = typeof width === "string" ? width.length : int(width);
          if (BREAK.test(whole) || size < 0 || size > 1_000) stop();
          const margin = typeof width === "string" && !BREAK.test(width) ? width : " ".repeat(size);
          const lines = whole.split("\n");
          pay(run, lines.length + ((whole.length + lines.length * size) >> 4));
          return lines
            .map((line, i) => ((i === 0 ? isFirst : isBlank || line !== "") ? margin + line : line))
            .join("\n");
        };
      case "int":
        return (run) => {
          const value = of(run);
          if (typeof value === "string") return /^-?\d{1,15}$/.test(value) ? Number(value) + 0 : stop();
          if (typeof value === "boolean") return Number(value);
          return typeof value === "number" ? int(Math.trunc(value) + 0) : stop();
        };
      case "tojson":
        return (run) => {
          const [value, isAscii, spaces = null] = [of(run), given(run, 0), given(run, 1)];
          if (flag(isAscii) || (spaces !== null && (int(spaces) < 0 || int(spaces) > 16))) stop();
          return toJson(value, spaces as number | null, (steps) => pay(run, steps), false);
        };
      case "reverse":
        return (run) => {
          const all = list(of(run));
          pay(run, all.length);
          return [...all].reverse();
        };
      case "sum":
        return (run) => items(run, of(run)).reduce((sum, item) => math("+", sum, item), 0);
      case "sort":
        return (run) => {
          const [isReversed, isCased, path] = [flag(given(run, 0)), flag(given(run, 1)), given(run, 2)];
          if (path !== undefined && !/^[A-Za-z]\w*$/.test(text(path))) stop();
          const all = items(run, of(run)).map((item) => {
            const key =
              path === undefined ? item : isDict(item) ? known(member(item, path as string) ?? stop()) : stop();
            return { item, key: sortKey(run, key, isCased) };
          });
          return ordered(run, all, isReversed);
        };
      case "dictsort":
        return (run) => {
          const [isCased, by, isReversed] = [flag(given(run, 0)), given(run, 1), flag(given(run, 2))];
          const dict = of(run);
          if (!isDict(dict) || (by !== undefined && by !== "key")) stop();
          const all = items(run, dict).map((name) => ({
            item: [name, known(dict[name as string])],
            key: sortKey(run, name, isCased),
          }));
          return ordered(run, all, isReversed);
        };
      default:
        return stop();
    }
  }

  function sortKey(run: PlanRun, key: unknown, isCased: boolean): unknown {
    if (typeof key !== "string") return key;
    pay(run, key.length >> 3);
    return isCased ? latin(key) : latin(key).toLowerCase();
  }

  /** The items in the order of their keys, which are all texts or all numbers. */
  function ordered(run: PlanRun, all: { item: unknown; key: unknown }[], isReversed: boolean): unknown[] {
    const kind = typeof all[0]?.key;
    if (all.some(({ key }) => typeof key !== kind) || !/^(string|number|undefined)$/.test(kind)) stop();
    pay(run, all.length * 8);
    const sign = isReversed ? -1 : 1;
    type SortKey = string | number;
    all.sort(({ key: a }, { key: b }) =>
      (a as SortKey) < (b as SortKey) ? -sign : (a as SortKey) > (b as SortKey) ? sign : 0,
    );
    return all.map(({ item }) => item);
  }

  function method(name: string, of: EvalValue, args: readonly EvalValue[]): EvalValue {
    const [first, second] = args;
    switch (name) {
      case "capitalize":
        return (run) => capitalize(run, text(of(run)));
      case "index":
        return (run) => {
          const [all, item] = [list(of(run)), first?.(run)];
          pay(run, all.length);
          const at = Array.from(all, known).findIndex((one) => isSame(run, one, item));
          return at < 0 ? stop() : at;
        };
      case "join":
        return (run) => {
          const [separator, all] = [text(of(run)), list(first?.(run))];
          pay(run, all.length);
          const parts = Array.from(all, text);
          const size = parts.reduce((sum, part) => sum + part.length + separator.length, 0);
          pay(run, Math.floor(size / 16));
          return parts.join(separator);
        };
      case "replace":
        return (run) => {
          const [whole, old, by] = [text(of(run)), text(first?.(run)), text(second?.(run))];
          return replace(run, whole, old, by);
        };
      case "split":
        return (run) => {
          const [whole, separator] = [text(of(run)), first?.(run)];
          pay(run, whole.length >> 2);
          if (separator === undefined || separator === null)
            return /[^\0-\x7f]/.test(whole) ? stop() : whole.split(BLANK).filter((part) => part !== "");
          paySearch(run, whole, text(separator));
          return separator === "" ? stop() : whole.split(separator as string);
        };
      case "lstrip":
      case "rstrip":
      case "strip":
        return (run) => {
          const [whole, set] = [text(of(run)), first?.(run) ?? null];
          const chars = set === null ? " \t\n\v\f\r\x1c\x1d\x1e\x1f" : text(set);
          if (SURROGATE.test(whole) || SURROGATE.test(chars)) stop();
          pay(run, 1 + (whole.length >> 3) * (1 + (chars.length >> 5)));
          const drops = (at: number) => {
            const unit = whole.charAt(at);
            return chars.includes(unit) || (set === null && unit > "\x7f" && stop());
          };
          let [start, end] = [0, whole.length];
          if (name !== "rstrip") while (start < end && drops(start)) start++;
          if (name !== "lstrip") while (end > start && drops(end - 1)) end--;
          return whole.slice(start, end);
        };
      default:
        return stop();
    }
  }

  /** A text whose first character has the same title case and upper case. */
  function capitalize(run: PlanRun, whole: string): string {
    const plain = latin(whole);
    if (plain.charCodeAt(0) > 0x7f) stop();
    pay(run, plain.length >> 3);
    return plain.charAt(0).toUpperCase() + plain.slice(1).toLowerCase();
  }

  /** A time in UTC, by the conversions that templates use. */
  function strftime(format: string, time: Date): string {
    const year = time.getUTCFullYear();
    if (!(year >= 1_000 && year <= 9_999)) stop();
    const two = (number: number): string => String(number).padStart(2, "0");
    const [month = "", weekday = ""] = [MONTHS[time.getUTCMonth()], WEEKDAYS[time.getUTCDay()]];
    const conversions: Readonly<Record<string, string>> = {
      "%%": "%",
      "%A": weekday,
      "%a": weekday.slice(0, 3),
      "%B": month,
      "%b": month.slice(0, 3),
      "%d": two(time.getUTCDate()),
      "%H": two(time.getUTCHours()),
      "%M": two(time.getUTCMinutes()),
      "%m": two(time.getUTCMonth() + 1),
      "%S": two(time.getUTCSeconds()),
      "%Y": String(year),
    };
    return format.replace(/%.?/gs, (conversion) => conversions[conversion] ?? stop());
  }

  return { node, filter, method };
}
