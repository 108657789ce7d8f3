import type { Input, Issue, Document } from "cuecard";

import { fit, h } from "./dom.js";

type Field = { read: () => unknown; show: (issues: Issue[]) => void };

/** A form made from a prompt's inputs: it gives values, and shows issues at the field that they are about. */
export class InputForm {
  private fields = new Map<string, Field>();
  private shape = "";
  /** What was typed, by input name and type, so that editing a prompt or choosing another version loses nothing. */
  private typed = new Map<string, string>();

  constructor(
    private readonly form: HTMLFormElement,
    private readonly changed: () => void,
  ) {
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Builds the fields, unless they are those that stand already. */
  declare(document: Document, inputs: readonly Input[]): void {
    const shape = JSON.stringify([inputs, document.demonstrations?.rows?.[0]]);
    if (shape === this.shape) return;
    this.shape = shape;
    this.fields.clear();
    this.form.replaceChildren(
      ...(inputs.length
        ? inputs.map((input) => this.field(input, example(document, input)))
        : [h("p", { className: "hint" }, "This prompt takes no inputs.")]),
    );
  }

  forget(): void {
    this.typed.clear();
    this.shape = "";
  }

  values(): Record<string, unknown> {
    const values: [string, unknown][] = [];
    for (const [name, field] of this.fields) {
      const value = field.read();
      if (value !== undefined) values.push([name, value]);
    }
    return Object.fromEntries(values);
  }

  /** Shows each issue at its field and returns those that belong to none. */
  show(issues: readonly Issue[]): Issue[] {
    const left = new Set(issues);
    for (const [name, field] of this.fields) {
      const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      const own = issues.filter((issue) => issue.pointer === pointer || issue.pointer.startsWith(`${pointer}/`));
      field.show(own);
      own.forEach((issue) => left.delete(issue));
    }
    return [...left];
  }

  private field(input: Input, first: unknown): HTMLElement {
    const { name } = input;
    const type = input.type ?? "any";
    const id = `input-${name}`;
    const memory = `${name} ${type}`;
    const text = this.typed.get(memory) ?? write(type, first);
    const control = makeControl(input, text);
    control.id = id;
    const problem = h("div", { id: `${id}-problem` });
    control.setAttribute("aria-describedby", problem.id);
    control.addEventListener("input", () => {
      this.typed.set(memory, control.value);
      if (control instanceof HTMLTextAreaElement) fit(control);
      this.changed();
    });
    this.fields.set(name, {
      read: () => read(type, control.value, input),
      show: (issues) => {
        control.classList.toggle("invalid", issues.length > 0);
        control.setAttribute("aria-invalid", String(issues.length > 0));
        problem.replaceChildren(
          ...issues.map((issue) => h("p", { className: "problem" }, below(issue.pointer), issue.message)),
        );
      },
    });
    const optional = input.required === false || input.default !== undefined ? ", optional" : "";
    return h(
      "div",
      { className: "field" },
      h("label", { htmlFor: id }, h("b", {}, name), " ", h("span", {}, `${type}${optional}`)),
      ...(input.description ? [h("div", { className: "hint" }, input.description)] : []),
      control,
      problem,
    );
  }
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function makeControl(input: Input, text: string): Control {
  const type = input.type ?? "any";
  const choices = type === "bool" ? ["true", "false"] : input.enum?.map((value) => write(type, value));
  if (choices) {
    const select = h(
      "select",
      {},
      h("option", { value: "" }, "–"),
      ...choices.map((value) => h("option", { value }, value)),
    );
    select.value = text;
    return select;
  }
  if (type === "int" || type === "float") return h("input", { value: text, inputMode: "decimal", autocomplete: "off" });
  const hints: Record<string, string> = {
    image: "https://… or data:image/…",
    dict: "{ … } as JSON",
    list: "[ … ] as JSON",
    messages: "[ … ] as JSON",
  };
  const area = h("textarea", {
    value: text,
    spellcheck: false,
    placeholder: hints[type] ?? (type.startsWith("list[") ? "one a line" : ""),
  });
  fit(area);
  return area;
}

/** What a typed text means; a text that means nothing of the type goes through as it is, and the engine says so. */
function read(type: string, text: string, input: Input): unknown {
  if (type === "str" || type === "image") {
    return text === "" && (input.default !== undefined || input.required === false || input.enum) ? undefined : text;
  }
  if (text.trim() === "") return type.startsWith("list[") ? [] : undefined;
  const item = /^list\[(\w+)\]$/.exec(type)?.[1];
  if (item)
    return text
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => (item === "str" ? line : json(line)));
  return json(text);
}

function write(type: string, value: unknown): string {
  if (value === undefined) return "";
  if (type.startsWith("list[") && Array.isArray(value)) return value.map(String).join("\n");
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A first value to look at: the first demonstration, else something of the type; never for what may be left out. */
function example(document: Document, input: Input): unknown {
  const demonstrated = document.demonstrations?.rows?.[0]?.[input.name];
  if (demonstrated !== undefined) return demonstrated;
  if (input.default !== undefined || input.required === false) return undefined;
  if (input.enum) return input.enum[0];
  const word = input.name.replaceAll("_", " ");
  const byType: Record<string, unknown> = {
    str: `(${word})`,
    any: `(${word})`,
    int: 1,
    float: 1.5,
    bool: true,
    image: "https://example.com/image.png",
    "list[str]": [`(${word} 1)`, `(${word} 2)`],
    "list[int]": [1, 2],
    "list[float]": [1.5, 2.5],
    "list[bool]": [true, false],
    list: [],
    messages: [{ role: "user", content: "Hello" }],
  };
  return byType[input.type ?? "any"] ?? fromSchema(input.schema);
}

function fromSchema(schema: unknown): unknown {
  const properties = (schema as { properties?: Record<string, { type?: string }> } | undefined)?.properties ?? {};
  const byType: Record<string, unknown> = { integer: 1, number: 1.5, boolean: true, array: [] };
  return Object.fromEntries(
    Object.entries(properties).map(([name, part]) => [
      name,
      part.type === "object" ? fromSchema(part) : (byType[part.type ?? ""] ?? `(${name})`),
    ]),
  );
}

function below(pointer: string): string {
  const rest = pointer.split("/").slice(2).join("/");
  return rest ? `${rest}: ` : "";
}
