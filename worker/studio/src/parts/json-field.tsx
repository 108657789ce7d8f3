/** A field for a value in JSON: a schema, a default, a tool. Unfinished text is kept as typed. */
import { useEffect, useState } from "preact/hooks";

import { same } from "../document/content.ts";
import { parseJson } from "../document/exact.ts";
import { texts } from "../texts.ts";

export function JsonField(props: {
  readonly label: string;
  readonly value: unknown;
  readonly rows?: number;
  readonly placeholder?: string;
  readonly disabled?: boolean;
  /** A text that is not JSON counts as a string. */
  readonly isLoose?: boolean;
  /** Whether only an object is meant. */
  readonly isObject?: boolean;
  readonly change: (value: unknown) => void;
}) {
  const written = (value: unknown): string =>
    value === undefined
      ? ""
      : props.isLoose && typeof value === "string"
        ? value
        : JSON.stringify(value, null, (props.rows ?? 1) > 1 ? 2 : undefined);
  const [text, setText] = useState(() => written(props.value));
  const parsed = parse(text, props);
  useEffect(() => {
    if (!parsed.isValid || !same(parsed.value, props.value)) {
      // A change from elsewhere replaces even half-typed text.
      if (parsed.isValid) setText(written(props.value));
    }
  }, [props.value]);
  const common = {
    "aria-label": props.label,
    "aria-invalid": !parsed.isValid,
    title: parsed.isValid ? undefined : texts.json.invalid,
    class: "code-text",
    spellcheck: false,
    placeholder: props.placeholder,
    disabled: props.disabled,
    value: text,
    onInput: (event: Event & { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => {
      const next = event.currentTarget.value;
      setText(next);
      const result = parse(next, props);
      if (result.isValid) props.change(result.value);
    },
  };
  if ((props.rows ?? 1) === 1) return <input {...common} autocomplete="off" />;
  return <textarea {...common} rows={Math.min(24, Math.max(props.rows ?? 2, text.split("\n").length))} />;
}

function parse(
  text: string,
  { isLoose, isObject }: { readonly isLoose?: boolean; readonly isObject?: boolean },
): { isValid: boolean; value?: unknown } {
  if (text.trim() === "") return { isValid: true, value: undefined };
  try {
    const value = parseJson(text);
    return { isValid: !isObject || (typeof value === "object" && value !== null && !Array.isArray(value)), value };
  } catch {
    return isLoose ? { isValid: true, value: text } : { isValid: false };
  }
}
