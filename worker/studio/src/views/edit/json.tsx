/** The whole document as JSON, both ways. */
import type { Document } from "cuecard";
import { useRef } from "preact/hooks";

import { Code } from "../../code/code.tsx";
import { same } from "../../document/content.ts";
import { parseJson } from "../../document/exact.ts";
import { evaluation } from "../../state/inputs.ts";
import { edit, editRaw, open, shown } from "../../state/prompt.ts";
import { texts } from "../../texts.ts";
import { Problems } from "./messages.tsx";
import { problemsOf } from "./problems.ts";

export function JsonView() {
  const now = shown.value;
  /** The text as typed, while it equals the document: a person's layout is kept. */
  const typed = useRef<string>("");
  if (!now) return null;
  const raw = now.kind === "draft" ? open.value?.draft.raw.value : undefined;
  const text =
    raw ?? (same(parse(typed.current), now.document) ? typed.current : JSON.stringify(now.document, null, 2));
  const change = (next: string) => {
    typed.current = next;
    const value = parse(next);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      edit(() => value as Document, { isJson: true });
    else editRaw(next);
  };
  return (
    <>
      {raw !== undefined && (
        <p class="problem" role="alert">
          {texts.json.notYet(syntaxError(raw))}
        </p>
      )}
      <Problems problems={problemsOf(evaluation.value).filter(({ at }) => !at)} />
      <Code language="json" label={texts.json.label} text={text} readOnly={!now.mayEdit} changed={change} />
    </>
  );
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function syntaxError(text: string): string {
  try {
    JSON.parse(text);
    return texts.json.noObject;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
