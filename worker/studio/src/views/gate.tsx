import { KEY, useKey } from "../parts/next-key.tsx";
import { Button, Field } from "../parts/parts.tsx";
import { isOpening, refusal } from "../state/session.ts";
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
