/** Statements as closures. */
import type {
  StatementNodes,
  Condition,
  Load,
  ScopeSlots,
  StatementNode,
  Target,
  TemplatePlan,
  View,
} from "./nodes.ts";
import { namesOf, print } from "./paid.ts";
import { isDict, known, stop, toJson } from "./python.ts";
import { MAX_LENGTH, pay, type PlanRun, type EvalText, type EvalValue } from "./run.ts";
import { ValueCompiler } from "./values.ts";

type Action = (run: PlanRun) => void;
type Assign = (run: PlanRun, value: unknown) => void;

/** Makes a closure of a template; `index` finds the place of an input by its name. */
export function template([loads, body]: TemplatePlan, index: (name: string) => number, missing: symbol): EvalText {
  const written = new Set<number>();
  noteWrites(body, written);
  const isConstant = (load: Load): load is readonly [number, string] =>
    typeof load[1] === "string" && !written.has(load[0]);
  const constant = new Map(loads.filter(isConstant).map(([slot, name]) => [slot, index(name)]));
  const statements = new Statements(index, missing, constant);
  const rest = loads.filter((load) => !isConstant(load));
  const write = statements.body(body);
  if (rest.length === 0) return write;
  const load = statements.load(rest);
  return (run) => {
    load(run);
    return write(run);
  };
}

/** Adds the slots that a body writes, and those that its scopes copy. */
function noteWrites(body: StatementNodes, slots: Set<number>): void {
  for (const node of body) if (typeof node !== "string" && node[0] !== "print") noteWritesOf(node, slots);
}

function noteWritesOf(node: Exclude<StatementNode, string>, slots: Set<number>): void {
  const note = (target: Target): void => {
    if (typeof target === "number") slots.add(target);
    else target.forEach(note);
  };
  const noteScope = ([loads, owned]: ScopeSlots): void => {
    for (const [slot, from] of loads) note(typeof from === "number" ? [slot, from] : slot);
    note(owned);
  };
  switch (node[0]) {
    case "set":
      note(node[1]);
      break;
    case "capture":
      note(node[1]);
      noteScope(node[2]);
      noteWrites(node[3], slots);
      break;
    case "macro":
      note(node[1]);
      noteScope(node[4]);
      noteWrites(node[7], slots);
      break;
    case "if":
      for (const then of [...node[1].map(([, then]) => then), node[2]]) noteWrites(then, slots);
      break;
    case "for": {
      const [, target, , , , scope, each, otherScope, other, condition] = node;
      note(target);
      if (condition !== null) note(condition[0]);
      [scope, otherScope, ...(condition === null ? [] : [condition[1]])].forEach(noteScope);
      noteWrites(each, slots);
      noteWrites(other, slots);
    }
  }
}

class Statements {
  readonly #values: ValueCompiler;
  readonly #index: (name: string) => number;

  constructor(index: (name: string) => number, missing: symbol, constant: ReadonlyMap<number, number>) {
    this.#values = new ValueCompiler(missing, constant, this);
    this.#index = index;
  }

  load(loads: readonly Load[]): Action {
    const { missing } = this.#values;
    const moves = loads.map(([slot, from]) => ({
      slot,
      from,
      input: typeof from === "string" ? this.#index(from) : -1,
    }));
    const cost = moves.length >> 3;
    return (run) => {
      const { slots, inputs } = run;
      if (cost > 0) pay(run, cost);
      for (const { slot, from, input } of moves) {
        slots[slot] = input >= 0 ? inputs[input] : typeof from === "number" ? slots[from] : missing;
      }
    };
  }

  /** A body; the cost of its nodes is paid when it is entered. */
  body(body: StatementNodes): EvalText {
    const before = this.#values.count;
    const pieces = body.map((node) => {
      if (typeof node === "string") return node;
      return node[0] === "print" ? this.#values.value(node[1]) : this.#statement(node);
    });
    const cost = Math.max(1, this.#values.count - before + body.length);
    return (run) => {
      pay(run, cost);
      let text = "";
      for (let i = 0; i < pieces.length; i++) {
        const piece = pieces[i];
        if (typeof piece === "function") {
          const value = piece(run);
          text += typeof value === "string" ? value : print(run, value);
        } else {
          text += piece;
        }
      }
      return text.length > MAX_LENGTH ? stop() : text;
    };
  }

  /** Makes a statement's closure, which returns the text to print. */
  #statement(node: Exclude<StatementNode, string | readonly ["print", ...unknown[]]>): EvalValue {
    switch (node[0]) {
      case "set": {
        const [, slot, of] = node;
        const value = this.#values.value(of);
        return (run) => {
          run.slots[slot] = value(run);
          return "";
        };
      }
      case "json": {
        const [of, spaces] = [this.#values.value(node[1]), node[2]];
        if (spaces !== null && spaces > 16) stop();
        return (run) => toJson(of(run), spaces, (steps) => pay(run, steps));
      }
      case "if": {
        const branches = node[1].map(([test, body]) => ({ test: this.#values.test(test), body: this.body(body) }));
        const other = this.body(node[2]);
        return (run) => {
          for (const { test, body } of branches) if (test(run)) return body(run);
          return other(run);
        };
      }
      case "for":
        return this.#for(node);
      default:
        return this.#values.rare().node(node);
    }
  }

  #for([, target, view, of, slot, scope, body, otherScope, other, condition]: Extract<
    StatementNode,
    readonly ["for", ...unknown[]]
  >): EvalText {
    const value = this.#values.value(of);
    const assign = this.#target(target);
    const [each, leave] = [this.body(body), this.leave(scope)];
    const enter = scope[0].length > 0 ? this.load(scope[0]) : null;
    const [enterOther, otherwise, leaveOther] = [this.load(otherScope[0]), this.body(other), this.leave(otherScope)];
    const choose = condition && this.#condition(condition);
    return (run) => {
      const all = iterate(run, value(run), view);
      const items = choose ? choose(run, all) : all;
      const loop = { index: 0, length: items.length };
      if (slot !== null) run.loops[slot] = loop;
      let text = "";
      for (; loop.index < items.length; loop.index++) {
        assign(run, items[loop.index]);
        enter?.(run);
        text += each(run);
        if (text.length > MAX_LENGTH) stop();
      }
      leave(run);
      if (items.length > 0) return text;
      enterOther(run);
      text = otherwise(run);
      leaveOther(run);
      return text;
    };
  }

  /** Takes the items for which a condition holds. */
  #condition([target, scope, test]: Condition): (run: PlanRun, items: readonly unknown[]) => unknown[] {
    const assign = this.#target(target);
    const enter = this.load(scope[0]);
    const before = this.#values.count;
    const holds = this.#values.test(test);
    const cost = this.#values.count - before + 1;
    return (run, items) => {
      enter(run);
      return Array.from(items).filter((item) => {
        pay(run, cost);
        assign(run, item);
        return holds(run);
      });
    };
  }

  #target(target: Target): Assign {
    if (typeof target === "number") {
      return (run, value) => {
        run.slots[target] = known(value);
      };
    }
    const parts = target.map((part) => this.#target(part));
    return (run, value) => {
      if (!Array.isArray(value) || value.length !== parts.length) stop();
      pay(run, parts.length >> 2);
      for (let i = 0; i < parts.length; i++) parts[i]?.(run, value[i]);
    };
  }

  /** Clears what a scope owns. */
  leave([, owned]: ScopeSlots): Action {
    const { missing } = this.#values;
    const cost = owned.length >> 3;
    return (run) => {
      if (cost > 0) pay(run, cost);
      const { slots } = run;
      for (const slot of owned) slots[slot] = missing;
    };
  }
}

function iterate(run: PlanRun, value: unknown, view: View): readonly unknown[] {
  if (view === "" && Array.isArray(value)) return value;
  if (!isDict(value)) stop();
  const names = namesOf(run, value);
  if (view === "" || view === "keys") return names;
  pay(run, names.length);
  return names.map((key) => (view === "values" ? value[key] : [key, value[key]]));
}
