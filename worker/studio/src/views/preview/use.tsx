import { SNIPPETS, type SnippetKind, snippet } from "../../document/snippets.ts";
import { Button, copy } from "../../parts/parts.tsx";
import { change, route } from "../../route.ts";
import { values } from "../../state/inputs.ts";
import { tell } from "../../state/notices.ts";
import { shown } from "../../state/prompt.ts";
import { texts } from "../../texts.ts";

/** Code by which an app uses the prompt. */
export function UseView() {
  const { slug, ref, params } = route.value;
  const kind = (SNIPPETS.find((known) => known === params["snippet"]) ?? "cuecard") satisfies SnippetKind;
  const code = snippet(kind, {
    url: location.origin,
    slug,
    ref: ref === "draft" ? "production" : ref,
    inputs: values.value,
    model: shown.value?.document.model,
  });
  return (
    <>
      <div class="bar">
        <select
          aria-label={texts.use.kind}
          value={kind}
          onChange={(event) => change({ snippet: event.currentTarget.value }, { replace: true })}
        >
          {SNIPPETS.map((known) => (
            <option key={known} value={known}>
              {texts.use.names[known]}
            </option>
          ))}
        </select>
        <span class="grow" />
        <Button onClick={() => void copy(code).then((done) => tell(done ? texts.copied : texts.notCopied))}>
          {texts.copy}
        </Button>
      </div>
      {shown.value?.kind === "draft" && <p class="hint">{texts.use.draft}</p>}
      <pre class="text json">{code}</pre>
    </>
  );
}
