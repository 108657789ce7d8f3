/** CodeMirror, put together for templates and for JSON. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { jinja2 } from "@codemirror/legacy-modes/mode/jinja2";
import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension, Transaction } from "@codemirror/state";
import { drawSelection, EditorView, highlightSpecialChars, hoverTooltip, keymap, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { complete, type KnownNames, show } from "./completion.ts";

export type EditorLanguage = "jinja" | "json";

export interface EditorSetup {
  readonly language: EditorLanguage;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly known: () => KnownNames;
  readonly changed: (text: string) => void;
}

const highlight = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: [tags.variableName, tags.propertyName, tags.attributeName], color: "var(--code-name)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.brace, tags.operator, tags.tagName, tags.bracket], color: "var(--code-brace)" },
]);

const template = StreamLanguage.define(jinja2);
const isReadOnly = new Compartment();

export function makeView(parent: HTMLElement, doc: string, readOnly: boolean, setup: EditorSetup): EditorView {
  return new EditorView({
    parent,
    state: EditorState.create({ doc, extensions: [extensions(setup), isReadOnly.of(lock(readOnly))] }),
  });
}

const lock = (readOnly: boolean): Extension => [EditorState.readOnly.of(readOnly), EditorView.editable.of(!readOnly)];

export function setReadOnly(view: EditorView, readOnly: boolean): void {
  if (view.state.readOnly !== readOnly) view.dispatch({ effects: isReadOnly.reconfigure(lock(readOnly)) });
}

/** Sets the text from outside; a person's newer text is never overwritten by older text. */
export function setText(view: EditorView, text: string): void {
  const now = view.state.doc.toString();
  if (now === text) return;
  let start = 0;
  while (start < now.length && now[start] === text[start]) start++;
  let [end, newEnd] = [now.length, text.length];
  while (end > start && newEnd > start && now[end - 1] === text[newEnd - 1]) {
    end--;
    newEnd--;
  }
  view.dispatch({
    changes: { from: start, to: end, insert: text.slice(start, newEnd) },
    annotations: Transaction.remote.of(true),
  });
}

export interface Mark {
  readonly severity: "error" | "warning";
  readonly message: string;
  /** From 1; the column counts characters. */
  readonly line: number;
  readonly column: number;
}

/** Underlines an error of the compiler, from its place to the end of the word there. */
export function setMarks(view: EditorView, marks: readonly Mark[]): void {
  const { doc } = view.state;
  const diagnostics = marks.map(({ severity, message, line, column }): Diagnostic => {
    const at = doc.line(Math.min(Math.max(1, line), doc.lines));
    const before = [...at.text].slice(0, column - 1).join("").length;
    const from = Math.min(at.from + before, at.to);
    const word = /^(\w+|\W)/.exec(at.text.slice(before))?.[0].length ?? 0;
    const to = Math.min(at.to, from + word);
    return { from: to > from ? from : Math.max(at.from, from - 1), to, severity, message };
  });
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

/** Puts the cursor at a place, and shows it. */
export function goTo(view: EditorView, { line, column }: { line: number; column: number }): void {
  const at = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
  const anchor = Math.min(at.to, at.from + [...at.text].slice(0, column - 1).join("").length);
  view.dispatch({ selection: { anchor }, scrollIntoView: true });
  view.focus();
}

function extensions({ language, label, hint, known, changed }: EditorSetup): Extension {
  const isTemplate = language === "jinja";
  return [
    history(),
    drawSelection(),
    highlightSpecialChars(),
    bracketMatching(),
    EditorView.lineWrapping,
    isTemplate ? template : json(),
    isTemplate
      ? [
          autocompletion({ override: [(context) => complete(context, known())], icons: false }),
          template.data.of({ closeBrackets: { brackets: ["{", "(", "[", "'", '"'] } }),
          values(known),
        ]
      : [],
    closeBrackets(),
    syntaxHighlighting(highlight),
    search({ top: true }),
    hint ? placeholder(hint) : [],
    // Tab leaves the editor, as everywhere on the page; Ctrl+] and Ctrl+[ indent.
    keymap.of([
      { key: "Mod-]", run: indentMore },
      { key: "Mod-[", run: indentLess },
      // Ctrl+Enter runs the prompt, Alt with an arrow moves the message: the page listens for them.
      ...[...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap].filter(
        ({ key }) => !["Mod-Enter", "Alt-ArrowUp", "Alt-ArrowDown"].includes(key ?? ""),
      ),
    ]),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocorrect: "off" }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged || update.transactions.some((change) => change.annotation(Transaction.remote))) return;
      changed(update.state.doc.toString());
    }),
  ];
}

/** A tooltip over the name of an input: its current value. */
function values(known: () => KnownNames): Extension {
  return hoverTooltip((view, pos) => {
    const line = view.state.doc.lineAt(pos);
    const word = view.state.wordAt(pos);
    if (!word) return null;
    const name = view.state.sliceDoc(word.from, word.to);
    const open = line.text.slice(0, word.from - line.from).search(/\{[{%][^}]*$/);
    const { inputs, values: now } = known();
    if (open === -1 || !inputs.some((input) => input.name === name)) return null;
    return {
      pos: word.from,
      end: word.to,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "cm-value";
        dom.textContent = show(now[name]) || "–";
        return { dom };
      },
    };
  });
}
