import { useState } from "preact/hooks";

import { Button, Field } from "../parts/parts.tsx";
import { isOpening, isRefused, open, refusal } from "../state/session.ts";
import { texts } from "../texts.ts";
import { Frame } from "./frame.tsx";

/** Asks for a key, once per browser session. */
export function Gate() {
  const { key, setKey, submit } = useKey();
  return (
    <Frame>
      <main class="gate" id="main">
        <form onSubmit={submit}>
          <h1>{texts.gate.title}</h1>
          <p>{texts.gate.about}</p>
          <Field
            label={texts.gate.key}
            hint={texts.gate.hint}
            problem={refusal.value && <span role="alert">{refusal.value}</span>}
          >
            {(ids) => <input {...ids} {...KEY} value={key} onInput={(event) => setKey(event.currentTarget.value)} />}
          </Field>
          <Button kind="primary" type="submit" disabled={isOpening.value}>
            {isOpening.value ? texts.working : texts.gate.open}
          </Button>
        </form>
      </main>
    </Frame>
  );
}

/** Asks for the next key beside what is typed, when the last one stopped working. */
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

const KEY = { type: "password", autocomplete: "off", spellcheck: false, placeholder: texts.example.key } as const;

function useKey() {
  const [key, setKey] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (key.trim()) void open(key.trim()).then(() => isRefused.value || setKey(""));
  };
  return { key, setKey, submit };
}
