/** Messages as cards. */
import type { Document, Message, Part } from "cuecard";
import { useState } from "preact/hooks";

import { Code } from "../../code/code.tsx";
import { fromParts, partsOf, tokens, withFields } from "../../document/content.ts";
import { Button, Icon } from "../../parts/parts.tsx";
import { moved, place } from "../../parts/reorder.ts";
import { evaluation } from "../../state/inputs.ts";
import { edit, shown } from "../../state/prompt.ts";
import { tellUndo } from "../../state/undo.ts";
import { texts } from "../../texts.ts";
import { messageOf, problemsOf, type ShownProblem } from "./problems.ts";

const ROLES = ["system", "developer", "user", "assistant", "tool", "placeholder"] as const;

/** Cards keep their editors when messages change or move: each message has a number of its own. */
const numbers = new WeakMap<object, number>();
let count = 0;
const numberOf = (message: object): number => {
  const known = numbers.get(message) ?? ++count;
  numbers.set(message, known);
  return known;
};
/** The same card for a message and what became of it. */
const successor = <T extends object>(before: object, after: T): T => {
  numbers.set(after, numberOf(before));
  return after;
};

const setMessages = (make: (messages: readonly Message[]) => readonly Message[]) =>
  edit((document) => withFields(document, { messages: make(document.messages) }));

const replace = (index: number, make: (message: Message) => Message) =>
  setMessages((messages) =>
    messages.map((message, at) => (at === index ? successor(message, make(message)) : message)),
  );

export function Messages() {
  const now = shown.value;
  if (!now) return null;
  const { messages } = now.document;
  const problems = problemsOf(evaluation.value);
  const loose = problems.filter((said) => {
    const of = messageOf(said);
    return of === undefined || of >= messages.length;
  });
  // The number of a card is of the message's place in the stored document, so that a first edit keeps its editor.
  return (
    <>
      <Problems problems={loose} />
      {messages.map((message, index) => (
        <Card
          key={numberOf(message)}
          message={message}
          index={index}
          last={messages.length - 1}
          mayEdit={now.mayEdit}
          problems={problems.filter((said) => messageOf(said) === index)}
        />
      ))}
      {now.mayEdit && (
        <div class="add">
          <Button onClick={() => add(now.document, "user")}>{texts.messages.add}</Button>
          <Button kind="ghost" onClick={() => add(now.document, "placeholder")}>
            {texts.messages.addPlaceholder}
          </Button>
        </div>
      )}
    </>
  );
}

function add(document: Document, role: Message["role"]): void {
  const message: Message = { role, content: role === "placeholder" ? "{{ history }}" : "" };
  setMessages((messages) => [...messages, message]);
  focusCard(document.messages.length);
}

/** Once the card is drawn, and its editor made. */
function focusCard(index: number, frames = 20): void {
  requestAnimationFrame(() => {
    const editor = document.querySelector<HTMLElement>(`[data-message="${index}"] .cm-content`);
    if (editor) editor.focus();
    else if (frames > 0) focusCard(index, frames - 1);
  });
}

function Card(props: {
  message: Message;
  index: number;
  last: number;
  mayEdit: boolean;
  problems: readonly ShownProblem[];
}) {
  const { message, index, mayEdit } = props;
  const parts = partsOf(message);
  const number = index + 1;
  const move = (by: number) => {
    setMessages((messages) => moved(messages, index, index + by));
    focusCard(index + by);
  };
  const remove = () => {
    setMessages((messages) => messages.toSpliced(index, 1));
    tellUndo(texts.messages.removed(number), () => setMessages((messages) => messages.toSpliced(index, 0, message)));
  };
  const setPart = (at: number, part: Part) =>
    replace(index, (old) => ({ ...old, content: fromParts(partsOf(old).with(at, part)) }));
  return (
    <article
      class={`card role-${message.role}`}
      data-message={index}
      aria-label={texts.messages.card(number, message.role)}
      {...place({
        of: "message",
        index,
        last: props.last,
        isFixed: !mayEdit,
        move: (from, to) => setMessages((messages) => moved(messages, from, to)),
      })}
      onDragOver={(event) =>
        mayEdit && event.dataTransfer?.types.includes("text/x-cuecard-message") && event.preventDefault()
      }
      onDrop={(event) => {
        const from = Number(event.dataTransfer?.getData("text/x-cuecard-message"));
        if (!mayEdit || event.dataTransfer?.getData("text/x-cuecard-message") === "" || from === index) return;
        event.preventDefault();
        setMessages((messages) => moved(messages, from, index));
      }}
    >
      <header>
        {mayEdit && (
          <span
            class="grip"
            draggable
            title={texts.messages.drag}
            aria-hidden="true"
            onDragStart={(event) => event.dataTransfer?.setData("text/x-cuecard-message", String(index))}
          >
            ⠿
          </span>
        )}
        <select
          class="role"
          aria-label={texts.messages.role(number)}
          value={message.role}
          disabled={!mayEdit}
          onChange={(event) => {
            const role = ROLES.find((name) => name === event.currentTarget.value);
            if (role) replace(index, (old) => ({ ...old, role }));
          }}
        >
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {role}
            </option>
          ))}
        </select>
        {message.role !== "placeholder" && (message.name !== undefined || mayEdit) && (
          <input
            class="name"
            aria-label={texts.messages.name(number)}
            placeholder={texts.messages.nameHint}
            value={message.name ?? ""}
            disabled={!mayEdit}
            onInput={(event) => {
              const name = event.currentTarget.value;
              replace(index, ({ name: _, ...old }) => (name ? { ...old, name } : old));
            }}
          />
        )}
        <span class="grow" />
        <span class="soft count">
          {texts.tokens(tokens(parts.map((part) => (part.type === "text" ? part.text : "")).join("")))}
        </span>
        {mayEdit && (
          <>
            <Icon name={texts.messages.up(number)} sign="↑" disabled={index === 0} onClick={() => move(-1)} />
            <Icon name={texts.messages.down(number)} sign="↓" disabled={index === props.last} onClick={() => move(1)} />
            {message.role !== "placeholder" && (
              <Icon
                name={texts.messages.addImage(number)}
                sign="▣"
                onClick={() =>
                  replace(index, (old) => ({
                    ...old,
                    content: [...partsOf(old), { type: "image", image: "{{ image }}" }],
                  }))
                }
              />
            )}
            <Icon name={texts.messages.remove(number)} sign="×" onClick={remove} />
          </>
        )}
      </header>
      {parts.map((part, at) => (
        <PartEditor
          key={at}
          part={part}
          label={parts.length > 1 ? texts.messages.part(number, at + 1) : texts.messages.template(number)}
          isPlaceholder={message.role === "placeholder"}
          mayEdit={mayEdit}
          problems={parts.length === 1 ? props.problems : []}
          change={(next) => setPart(at, next)}
          {...(parts.length > 1 && {
            remove: () => replace(index, (old) => ({ ...old, content: fromParts(partsOf(old).toSpliced(at, 1)) })),
          })}
        />
      ))}
      <Problems problems={props.problems} index={index} />
    </article>
  );
}

interface PartProps {
  readonly part: Part;
  readonly label: string;
  readonly isPlaceholder: boolean;
  readonly mayEdit: boolean;
  readonly problems: readonly ShownProblem[];
  readonly change: (part: Part) => void;
  readonly remove?: () => void;
}

const places = new Map<string, (place: { line: number; column: number }) => void>();

function PartEditor({ part, label, isPlaceholder, mayEdit, problems, change, remove }: PartProps) {
  const [place, setPlace] = useState<{ line: number; column: number; turn: number }>();
  places.set(label, (to) => setPlace((before) => ({ ...to, turn: (before?.turn ?? 0) + 1 })));
  const marks = problems.flatMap(({ severity, message, at }) =>
    at ? [{ severity, message, line: at.line, column: at.column }] : [],
  );
  return (
    <div class={`part-editor ${part.type}`}>
      {part.type === "image" && <span class="chip quiet">{texts.messages.image}</span>}
      <Code
        language="jinja"
        label={label}
        text={part.type === "text" ? part.text : part.image}
        hint={
          isPlaceholder
            ? texts.messages.placeholderHint
            : part.type === "image"
              ? texts.messages.imageHint
              : texts.messages.hint
        }
        readOnly={!mayEdit}
        marks={marks}
        place={place}
        changed={(text) => change(part.type === "text" ? { type: "text", text } : { type: "image", image: text })}
      />
      {remove && mayEdit && <Icon name={texts.messages.removePart(label)} sign="×" onClick={remove} />}
    </div>
  );
}

/** Issues under the text: each a button that goes to its place, with the suggested name to put there. */
export function Problems({ problems, index }: { readonly problems: readonly ShownProblem[]; readonly index?: number }) {
  if (problems.length === 0) return null;
  return (
    <ul class="problems">
      {problems.map((said, at) => (
        <li key={at} class={said.severity}>
          <button
            type="button"
            disabled={!said.at || index === undefined}
            onClick={() => said.at && index !== undefined && places.get(texts.messages.template(index + 1))?.(said.at)}
          >
            {said.at && <b>{texts.messages.place(said.at.line, said.at.column)}</b>}{" "}
            {!said.at && said.pointer && <code>{said.pointer}</code>} {said.message}
          </button>
          {said.suggestion && index !== undefined && said.at && shown.value?.mayEdit && (
            <Button kind="ghost" onClick={() => correct(index, said)}>
              {texts.messages.use(said.suggestion)}
            </Button>
          )}
          {said.code === "unknown_name" && shown.value?.mayEdit && shown.value.document.inputs && (
            <Button kind="ghost" onClick={() => declare(said)}>
              {texts.messages.declare}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Replaces the name at the place by the suggested one. */
function correct(index: number, { at, suggestion }: ShownProblem): void {
  if (!at || !suggestion) return;
  replace(index, (message) => {
    if (typeof message.content !== "string") return message;
    const lines = message.content.split("\n");
    const line = [...(lines[at.line - 1] ?? "")];
    const rest = line
      .slice(at.column - 1)
      .join("")
      .replace(/^\w+/, suggestion);
    lines[at.line - 1] = line.slice(0, at.column - 1).join("") + rest;
    return { ...message, content: lines.join("\n") };
  });
}

/** Declares the unknown name as an input. */
function declare({ message }: ShownProblem): void {
  const name = /`(\w+)`/.exec(message)?.[1];
  if (name) edit((document) => withFields(document, { inputs: [...(document.inputs ?? []), { name, type: "str" }] }));
}
