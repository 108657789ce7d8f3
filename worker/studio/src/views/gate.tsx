import { useState } from "preact/hooks";

import { Button, Field } from "../parts/parts.tsx";
import { isOpening, open, refusal } from "../state/session.ts";
import { texts } from "../texts.ts";
import { Frame } from "./frame.tsx";

/** Asks for a key, once per browser session. */
export function Gate() {
  const [key, setKey] = useState("");
  return (
    <Frame>
      <main class="gate" id="main">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (key.trim()) void open(key.trim());
          }}
        >
          <h1>{texts.gate.title}</h1>
          <p>{texts.gate.about}</p>
          <Field
            label={texts.gate.key}
            hint={texts.gate.hint}
            problem={refusal.value && <span role="alert">{refusal.value}</span>}
          >
            {(ids) => (
              <input
                {...ids}
                type="password"
                autocomplete="off"
                spellcheck={false}
                placeholder={texts.example.key}
                value={key}
                onInput={(event) => setKey(event.currentTarget.value)}
              />
            )}
          </Field>
          <Button kind="primary" type="submit" disabled={isOpening.value}>
            {isOpening.value ? texts.working : texts.gate.open}
          </Button>
        </form>
      </main>
    </Frame>
  );
}
