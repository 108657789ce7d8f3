import type { Document, Issue } from "cuecard";

import { fit, h } from "./dom.js";

type Message = Document["messages"][number];
type Problem = Pick<Issue, "message" | "at">;

const ROLES = ["system", "developer", "user", "assistant", "tool", "placeholder"] as const;

/** The messages of a document as text areas; every keystroke gives a new document. */
export class Editor {
  private areas: HTMLTextAreaElement[] = [];
  private notes: HTMLElement[] = [];

  constructor(
    private readonly root: HTMLElement,
    private readonly changed: (messages: Message[]) => void,
  ) {}

  show(messages: readonly Message[]): void {
    this.areas = [];
    this.notes = [];
    const cards = messages.map((message, index) => this.card([...messages], message, index));
    const add = h("button", { type: "button" }, "Add a message");
    add.addEventListener("click", () => {
      this.replace([...messages, { role: "user", content: "" }]);
      this.areas.at(-1)?.focus();
    });
    this.root.replaceChildren(...cards, add);
  }

  /** Shows each problem under the message that it is in, as a button that goes to the place; returns the others. */
  mark(problems: readonly Problem[]): Problem[] {
    const shown = new Set<Problem>();
    this.notes.forEach((note, index) => {
      const own = problems.filter((problem) => problem.at?.message === index);
      own.forEach((problem) => shown.add(problem));
      this.areas[index]?.classList.toggle("invalid", own.length > 0);
      note.replaceChildren(...own.map((problem) => this.note(index, problem)));
    });
    return problems.filter((problem) => !shown.has(problem));
  }

  private note(index: number, { message, at }: Problem): HTMLElement {
    const button = h(
      "button",
      { type: "button", className: "problem" },
      at ? `Line ${at.line}, column ${at.column}: ` : "",
      message,
    );
    button.addEventListener("click", () => {
      const area = this.areas[index];
      if (!area || !at) return;
      const before =
        area.value
          .split("\n")
          .slice(0, at.line - 1)
          .join("\n").length + (at.line > 1 ? 1 : 0);
      area.focus();
      area.setSelectionRange(before + at.column - 1, before + at.column - 1);
    });
    return button;
  }

  private card(messages: Message[], message: Message, index: number): HTMLElement {
    const role = h(
      "select",
      { ariaLabel: `Role of message ${index + 1}` },
      ...ROLES.map((value) => h("option", { value }, value)),
    );
    role.value = message.role;
    role.addEventListener("change", () => {
      const chosen = ROLES.find((value) => value === role.value);
      if (chosen) this.replace(messages.with(index, { ...message, role: chosen }));
    });
    const remove = h("button", { type: "button", ariaLabel: `Remove message ${index + 1}` }, "Remove");
    remove.addEventListener("click", () => this.replace(messages.toSpliced(index, 1)));
    const note = h("div");
    this.notes.push(note);
    const bar = h("div", { className: "bar" }, role, h("span", { className: "space" }), remove);
    const text = message.content;
    if (typeof text !== "string") {
      return h(
        "div",
        { className: "card" },
        bar,
        h("p", { className: "hint" }, "Several parts: edit them in the document."),
        h("pre", {}, JSON.stringify(text, null, 2)),
        note,
      );
    }
    const area = h("textarea", { value: text, spellcheck: false, ariaLabel: `Template of message ${index + 1}` });
    fit(area);
    area.addEventListener("input", () => {
      fit(area);
      messages[index] = { ...message, content: area.value };
      this.changed([...messages]);
    });
    this.areas[index] = area;
    return h("div", { className: "card" }, bar, area, note);
  }

  private replace(messages: Message[]): void {
    this.changed(messages);
    this.show(messages);
  }
}
