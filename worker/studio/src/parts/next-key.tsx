/** Asking for a key: the fields shared by both forms, and the form shown beside a person's text. */
import { useState } from "preact/hooks";

import { isOpening, isRefused, open, refusal } from "../state/session.ts";
import { texts } from "../texts.ts";
import { Button } from "./parts.tsx";

/** Asks for another key beside a person's text, when the last one stopped working. */
export function NextKey() {
  const { key, setKey, submit } = useKey();
  if (!isRefused.value) return null;
  return (
    <form class="banner bad next-key" aria-label={texts.gate.next} onSubmit={submit}>
      <span role="alert">
        {refusal.value} {texts.gate.kept}
      </span>
      <span class="buttons">
        <input
          {...KEY}
          aria-label={texts.gate.key}
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
        <Button kind="primary" type="submit" disabled={isOpening.value}>
          {isOpening.value ? texts.working : texts.gate.goOn}
        </Button>
      </span>
    </form>
  );
}

export const KEY = {
  type: "password",
  autocomplete: "off",
  spellcheck: false,
  placeholder: texts.example.key,
} as const;

export function useKey() {
  const [key, setKey] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (key.trim()) void open(key.trim()).then(() => isRefused.value || setKey(""));
  };
  return { key, setKey, submit };
}
