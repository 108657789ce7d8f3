/** Small components shared by views. */
import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";

import { texts } from "../texts.ts";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  readonly kind?: "plain" | "primary" | "ghost" | "danger";
  readonly disabled?: boolean | undefined;
  readonly type?: "button" | "submit";
};

export function Button({ kind = "plain", class: more = "", type = "button", ...rest }: ButtonProps) {
  return <button type={type} class={`button ${kind} ${more}`} {...rest} />;
}

/** An icon button: its name is for screen readers and the tooltip. */
export function Icon({ name, sign, ...rest }: ButtonProps & { readonly name: string; readonly sign: string }) {
  return (
    <Button kind="ghost" class="icon" aria-label={name} title={name} {...rest}>
      <span aria-hidden="true">{sign}</span>
    </Button>
  );
}

export function Field(props: {
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
  readonly problem?: ComponentChildren;
  readonly children: (ids: { id: string; "aria-describedby": string; "aria-invalid": boolean }) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({ id, "aria-describedby": `${id}-more`, "aria-invalid": Boolean(props.problem) })}
      <div id={`${id}-more`} class="more">
        {props.problem && <p class="problem">{props.problem}</p>}
        {props.hint && <p class="hint">{props.hint}</p>}
      </div>
    </div>
  );
}

interface LazyProps {
  readonly value: string;
  readonly commit: (text: string) => void;
  readonly id?: string;
  readonly class?: string;
  readonly list?: string;
  readonly pattern?: string;
  readonly placeholder?: string;
  readonly title?: string;
  readonly autocomplete?: string;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly "aria-label"?: string;
  readonly "aria-describedby"?: string;
  readonly "aria-invalid"?: boolean;
}

/** A field that applies its text when it loses the focus; until then nothing on the page changes it. */
export function LazyInput({ value, commit, ...rest }: LazyProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <input
      type="text"
      {...rest}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
      onChange={(event) => commit(event.currentTarget.value)}
    />
  );
}

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly label: ComponentChildren;
  /** Marks a tab with errors. */
  readonly isBad?: boolean;
}

/** Tabs with arrow-key navigation. */
export function Tabs<Name extends string>(props: {
  readonly label: string;
  readonly tabs: readonly Tab<Name>[];
  readonly chosen: Name;
  readonly panel: string;
  readonly choose: (name: Name) => void;
}) {
  const move = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    const count = props.tabs.length;
    const at = props.tabs.findIndex(({ name }) => name === props.chosen);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = props.tabs[(to + count) % count];
    if (!next) return;
    props.choose(next.name);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.name}"]`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={props.label} onKeyDown={move}>
      {props.tabs.map(({ name, label, isBad }) => (
        <button
          key={name}
          type="button"
          role="tab"
          data-tab={name}
          aria-selected={name === props.chosen}
          aria-controls={props.panel}
          tabIndex={name === props.chosen ? 0 : -1}
          onClick={() => props.choose(name)}
        >
          {label}
          {isBad && <span class="dot bad" role="img" aria-label={texts.hasProblems} />}
        </button>
      ))}
    </div>
  );
}

/** An empty state, with the first thing to do. */
export function Empty(props: {
  readonly title: string;
  readonly isPage?: boolean;
  readonly children?: ComponentChildren;
}) {
  const Heading = props.isPage ? "h1" : "h2";
  return (
    <div class="empty">
      <Heading>{props.title}</Heading>
      {props.children}
    </div>
  );
}

/** A point in time: relative, with the exact time in the tooltip. */
export function Time({ at }: { readonly at: string }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <span>{at}</span>;
  return (
    <time dateTime={at} title={texts.moment(date)}>
      {ago(date)}
    </time>
  );
}

function ago(date: Date): string {
  const seconds = (date.getTime() - Date.now()) / 1000;
  if (seconds > -45) return texts.justNow;
  if (seconds > -3600) return texts.ago(Math.round(seconds / 60), "minute");
  if (seconds > -86_400) return texts.ago(Math.round(seconds / 3600), "hour");
  if (seconds > -30 * 86_400) return texts.ago(Math.round(seconds / 86_400), "day");
  return texts.moment(date);
}

/** Copies a text, and reports it. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Any value as read-only JSON. */
export const pretty = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
