/** The request body for a provider's API, and its losses. */
import { useEffect, useState } from "preact/hooks";

import type { PayloadPreview } from "../../engine/protocol.ts";
import * as engine from "../../engine/engine.ts";
import { IssueList } from "../../parts/issue-list.tsx";
import { Button, copy } from "../../parts/parts.tsx";
import { change, route } from "../../route.ts";
import { values } from "../../state/inputs.ts";
import { describe, tell } from "../../state/notices.ts";
import { shown } from "../../state/prompt.ts";
import { texts } from "../../texts.ts";

export const TARGETS = ["openai_chat", "openai_responses", "anthropic", "gemini_rest"] as const;

export function PayloadView() {
  const now = shown.value;
  const target = TARGETS.find((name) => name === route.value.params["payload"]) ?? TARGETS[0];
  const [answer, setAnswer] = useState<PayloadPreview>();
  const given = values.value;
  useEffect(() => {
    if (!now) return;
    let isLate = false;
    // While a person types, it is asked for only after a pause.
    const timer = setTimeout(
      () =>
        void engine.payload(now.document, given, target).then(
          (found) => !isLate && setAnswer(found),
          (error: unknown) =>
            !isLate && setAnswer({ error: { code: "internal", message: describe(error), issues: [] } }),
        ),
      120,
    );
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  }, [now?.document, given, target]);
  const body = answer?.body && JSON.stringify(answer.body, null, 2);
  return (
    <>
      <div class="bar">
        <select
          aria-label={texts.payload.target}
          value={target}
          onChange={(event) => change({ payload: event.currentTarget.value }, { replace: true })}
        >
          {TARGETS.map((name) => (
            <option key={name} value={name}>
              {texts.payload.names[name]}
            </option>
          ))}
        </select>
        <span class="grow" />
        {body && (
          <Button onClick={() => void copy(body).then((done) => tell(done ? texts.copied : texts.notCopied))}>
            {texts.copy}
          </Button>
        )}
      </div>
      {answer?.error && <p class="problem">{answer.error.message}</p>}
      <IssueList title={texts.payload.losses} issues={answer?.losses} />
      {body && <pre class="text json">{body}</pre>}
    </>
  );
}
