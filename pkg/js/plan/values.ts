/** Expressions as closures. */
import { more } from "./extra.ts";
import { comparison, isTest } from "./comparisons.ts";
import type { ValueNode } from "./nodes.ts";
import {
  LENIENT,
  isDict,
  isPlain,
  isUndefined,
  known,
  latin,
  math,
  member,
  slice,
  stop,
  strip,
  toJson,
} from "./python.ts";
import { count, isAtEnd, isSame, isTrue, namesOf, paySearch, print, replace } from "./paid.ts";
import type { Core, Rare } from "./rare.ts";
import { pay, type PlanRun, type EvalTest, type EvalValue } from "./run.ts";

/** Makes closures of nodes, and counts them. */
export class ValueCompiler {
  /** The value of a missing name or attribute. */
  readonly missing: symbol;
  /** The inputs that slots hold from the first to the last, by slot. */
  readonly #constant: ReadonlyMap<number, number>;
  /** Nodes so far. */
  count = 0;

  readonly #statements: Core["statements"];
  #rare: Rare | undefined;

  constructor(missing: symbol, constant: ReadonlyMap<number, number>, statements: Core["statements"]) {
    this.missing = missing;
    this.#constant = constant;
    this.#statements = statements;
  }

  value(node: ValueNode): EvalValue {
    this.count++;
    switch (node[0]) {
      case "const": {
        const constant = node[1];
        return () => constant;
      }
      case "name": {
        const slot = node[1];
        const input = this.#constant.get(slot);
        return input === undefined ? (run) => run.slots[slot] : (run) => run.inputs[input];
      }
      case "attr":
      case "field":
        return this.#attribute(node[1], node[2], node[0] === "field");
      default:
        return this.#other(node);
    }
  }

  /** Apart from the nodes that every template has: a function is compiled as a whole when it is first called. */
  #other(node: Exclude<ValueNode, readonly ["const" | "name" | "attr" | "field", ...unknown[]]>): EvalValue {
    switch (node[0]) {
      case "item":
        return this.#item(this.value(node[1]), this.value(node[2]));
      case "loop":
        return loopField(node[1], node[2]);
      case "and":
      case "or": {
        const [left, right, stays] = [this.value(node[1]), this.value(node[2]), node[0] === "or"];
        return (run) => {
          const value = left(run);
          return isTrue(run, value) === stays ? value : right(run);
        };
      }
      case "cond": {
        const [test, then, other] = [
          this.test(node[1]),
          this.value(node[2]),
          node[3] === null ? () => LENIENT : this.value(node[3]),
        ];
        return (run) => (test(run) ? then(run) : other(run));
      }
      case "concat": {
        const parts = node[1].map((part) => this.value(part));
        return (run) => {
          let text = "";
          for (const part of parts) text += print(run, part(run));
          pay(run, text.length >> 4);
          return text;
        };
      }
      case "list": {
        const items = node[1].map((item) => this.value(item));
        return (run) => items.map((item) => item(run));
      }
      case "dict": {
        const entries = node[1].map(([key, value]) => [key, this.value(value)] as const);
        return (run) => {
          const dict: Record<string, unknown> = {};
          for (const [key, value] of entries) dict[key] = value(run);
          return dict;
        };
      }
      case "slice": {
        const [of, start, end] = [node[1], node[2], node[3]].map((part) =>
          part === null ? nothing : this.value(part),
        );
        return (run) => {
          const whole = of?.(run);
          // A text is looked through, as it may have characters of two units.
          if (typeof whole === "string") pay(run, whole.length >> 3);
          const part = slice(whole, start?.(run), end?.(run));
          pay(run, part.length >> 3);
          return part;
        };
      }
      case "map": {
        const [of, name] = [this.value(node[1]), node[2]];
        return (run) => {
          const items = of(run);
          if (!Array.isArray(items)) stop();
          pay(run, items.length * 2);
          return Array.from(items, (item: unknown) => {
            const found = isDict(item) && isPlain(item) ? member(item, name) : stop();
            return found === undefined ? this.missing : known(found);
          });
        };
      }
      case "math": {
        const [op, left, right] = [node[1], this.value(node[2]), this.value(node[3])];
        return (run) => {
          const result = math(op, left(run), right(run));
          if (typeof result === "string") pay(run, result.length >> 4);
          return result;
        };
      }
      case "filter":
        return this.#filter(
          node[1],
          this.value(node[2]),
          node[3].map((arg) => (arg === null ? undefined : this.value(arg))),
        );
      case "method":
        return this.#method(
          node[1],
          this.value(node[2]),
          node[3].map((arg) => this.value(arg)),
        );
      case "not":
      case "compare":
      case "test":
        return this.#test(node);
      case "stop":
        return stop;
      default:
        return this.rare().node(node);
    }
  }

  /** Makes closures of the rarer nodes: one per template, as a namespace is known where it was made. */
  rare(): Rare {
    const python = {
      stop,
      known,
      print,
      isSame,
      isDict,
      namesOf,
      member,
      latin,
      math,
      pay,
      paySearch,
      replace,
      toJson,
    };
    return (this.#rare ??= (more() ?? stop()).make({ python, values: this, statements: this.#statements }));
  }

  /** The truth of a node. */
  test(node: ValueNode): EvalTest {
    switch (node[0]) {
      case "not":
      case "compare":
      case "test":
        this.count++;
        return this.#test(node);
      case "and":
      case "or": {
        this.count++;
        const [left, right] = [this.test(node[1]), this.test(node[2])];
        return node[0] === "and" ? (run) => left(run) && right(run) : (run) => left(run) || right(run);
      }
      default: {
        const value = this.value(node);
        return (run) => isTrue(run, value(run));
      }
    }
  }

  #test(node: ValueNode): EvalTest {
    switch (node[0]) {
      case "not": {
        const test = this.test(node[1]);
        return (run) => !test(run);
      }
      case "compare":
        return this.#compare(node);
      case "test":
        return isTest(node[1], this.value(node[2]));
      default:
        return stop();
    }
  }

  #attribute(node: ValueNode, name: string, isField: boolean): EvalValue {
    const { missing } = this;
    const of = this.value(node);
    const slot = node[0] === "name" && !this.#constant.has(node[1]) ? node[1] : -1;
    // The name of a property of every object, such as `constructor`, must be the dict's own.
    const inherited = name in Object.prototype;
    return (run) => {
      const dict = slot < 0 ? of(run) : run.slots[slot];
      if (!isDict(dict)) return isField && typeof dict === "string" ? missing : stop();
      const value = inherited ? member(dict, name) : dict[name];
      return typeof value === "string" ? value : value === undefined ? missing : known(value);
    };
  }

  #item(of: EvalValue, by: EvalValue): EvalValue {
    return (run) => {
      const [value, key] = [of(run), by(run)];
      let found: unknown;
      if (typeof key === "string" && isDict(value)) found = member(value, key);
      else if (Array.isArray(value) && Number.isSafeInteger(key)) found = value.at(key as number);
      return known(found);
    };
  }

  #compare([, first, rest]: Extract<ValueNode, readonly ["compare", ...unknown[]]>): EvalTest {
    const start = this.value(first);
    const steps = rest.map(([op, node]) => ({ holds: comparison(op), value: this.value(node) }));
    const [only] = steps;
    if (only !== undefined && steps.length === 1) return (run) => only.holds(run, start(run), only.value(run));
    return (run) => {
      let left = start(run);
      for (const { holds, value } of steps) {
        const right = value(run);
        if (!holds(run, left, right)) return false;
        left = right;
      }
      return true;
    };
  }

  #filter(name: string, of: EvalValue, args: readonly (EvalValue | undefined)[]): EvalValue {
    const [first, second] = args;
    switch (name) {
      case "d":
      case "default":
        return (run) => {
          const value = of(run);
          const [other, whenFalse] = [first ? first(run) : "", second ? second(run) : false];
          if (typeof whenFalse !== "boolean") stop();
          return isUndefined(value) || (whenFalse && !isTrue(run, value)) ? other : value;
        };
      case "join":
        return (run) => {
          const items = of(run);
          if (!Array.isArray(items)) stop();
          pay(run, items.length);
          const separator = first ? print(run, first(run)) : "";
          let text = items.length > 0 ? print(run, items[0]) : "";
          for (let i = 1; i < items.length; i++) text += separator + print(run, items[i]);
          if (text.length > 255) pay(run, text.length >> 4);
          return text;
        };
      case "list":
        return (run) => {
          const value = of(run);
          const items =
            typeof value === "string"
              ? [...value]
              : Array.isArray(value)
                ? [...value]
                : isDict(value)
                  ? namesOf(run, value)
                  : stop();
          pay(run, items.length);
          return items;
        };
      case "first":
      case "last":
        return (run) => {
          const items = of(run);
          if (!Array.isArray(items) || items.length === 0) stop();
          return known(items[name === "first" ? 0 : items.length - 1]);
        };
      case "count":
      case "length":
        return (run) => {
          return count(run, of(run));
        };
      case "replace":
        return (run) => {
          const [text, old, by] = [of(run), first?.(run), second?.(run)];
          if (typeof text !== "string" || typeof old !== "string" || typeof by !== "string") stop();
          return replace(run, text, old, by);
        };
      case "string":
        return (run) => print(run, of(run));
      default:
        return this.#change(name === "trim" ? "strip" : name, of) ?? this.rare().filter(name, of, args);
    }
  }

  #method(name: string, of: EvalValue, args: readonly EvalValue[]): EvalValue {
    const { missing } = this;
    const [first, second] = args;
    switch (name) {
      case "get":
        return (run) => {
          const [dict, key, other] = [of(run), first?.(run), second ? second(run) : null];
          if (!isDict(dict) || typeof key !== "string") stop();
          const value = member(dict, key);
          return value === undefined ? (isUndefined(other) ? missing : other) : known(value);
        };
      case "startswith":
      case "endswith":
        return (run) => {
          const [text, part] = [of(run), first?.(run)];
          if (typeof text !== "string" || typeof part !== "string") stop();
          return isAtEnd(run, text, part, name === "startswith");
        };
      default:
        return (args.length === 0 ? this.#change(name, of) : undefined) ?? this.rare().method(name, of, args);
    }
  }

  #change(name: string, of: EvalValue): EvalValue | undefined {
    const change =
      name === "upper"
        ? (value: unknown) => latin(value).toUpperCase()
        : name === "lower"
          ? (value: unknown) => latin(value).toLowerCase()
          : name === "strip"
            ? strip
            : undefined;
    if (change === undefined) return undefined;
    return (run) => {
      const text = change(of(run));
      pay(run, text.length >> 3);
      return text;
    };
  }
}

const nothing: EvalValue = () => null;

function loopField(slot: number, field: string): EvalValue {
  switch (field) {
    case "index":
      return ({ loops }) => (loops[slot]?.index ?? stop()) + 1;
    case "index0":
      return ({ loops }) => loops[slot]?.index ?? stop();
    case "first":
      return ({ loops }) => loops[slot]?.index === 0;
    case "length":
      return ({ loops }) => loops[slot]?.length ?? stop();
    default: {
      // What is left behind this item.
      const rest = ({ loops }: PlanRun) => {
        const loop = loops[slot] ?? stop();
        return loop.length - 1 - loop.index;
      };
      if (field === "last") return (run) => rest(run) === 0;
      if (field === "revindex") return (run) => rest(run) + 1;
      return field === "revindex0" ? rest : stop();
    }
  }
}
