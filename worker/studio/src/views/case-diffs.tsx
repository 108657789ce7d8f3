/** For every case: whether what the model sees changes from one document to another, and how. */
import type { Document, JsonObject } from "cuecard";
import { useEffect, useState } from "preact/hooks";

import { diffMessages, type MessageDiff } from "../document/diff.ts";
import { same } from "../document/content.ts";
import * as engine from "../engine/engine.ts";
import { MessageDiffs } from "../parts/diff.tsx";
import { pretty } from "../parts/parts.tsx";
import { values } from "../state/inputs.ts";
import { contentOf, type OpenPrompt } from "../state/prompt.ts";
import { texts } from "../texts.ts";

/** The document that a reference stands for, once it is there. */
export function useDocument(prompt: OpenPrompt, ref: string): Document | undefined {
  const [loaded, setLoaded] = useState<{ ref: string; document: Document }>();
  const draft = prompt.draft.document.value;
  const number = prompt.resolve(ref);
  const known = typeof number === "number" ? prompt.history.value.find(({ version }) => version === number) : undefined;
  useEffect(() => {
    if (typeof number !== "number" || known) return;
    let isLate = false;
    void prompt.version(number).then(
      (version) => !isLate && setLoaded({ ref, document: contentOf(version) }),
      () => undefined,
    );
    return () => {
      isLate = true;
    };
  }, [prompt, ref, number, known]);
  if (number === "draft") return draft;
  return known ? contentOf(known) : loaded?.ref === ref ? loaded.document : undefined;
}

interface CaseDiff {
  readonly name: string;
  readonly isSame: boolean;
  readonly messages: readonly MessageDiff[];
  readonly rest: { readonly before: unknown; readonly after: unknown } | undefined;
  readonly problems: readonly string[];
}

/** The prompt's cases; without any, the values in the form. */
export function casesOf(prompt: OpenPrompt): readonly { readonly name: string; readonly inputs: JsonObject }[] {
  return prompt.cases.value.length > 0 ? prompt.cases.value : [{ name: texts.caseDiff.values, inputs: values.value }];
}

export function CaseDiffs(props: { readonly prompt: OpenPrompt; readonly before: Document; readonly after: Document }) {
  const { prompt, before, after } = props;
  const [diffs, setDiffs] = useState<readonly CaseDiff[]>();
  const cases = casesOf(prompt);
  useEffect(() => {
    let isLate = false;
    setDiffs(undefined);
    void Promise.all(cases.map(({ name, inputs }) => compare(name, before, after, inputs))).then(
      (all) => !isLate && setDiffs(all),
      () => undefined,
    );
    return () => {
      isLate = true;
    };
  }, [prompt.cases.value, before, after]);
  if (!diffs) return <p class="soft">{texts.working}</p>;
  return (
    <div class="case-diffs">
      {prompt.cases.value.length === 0 && <p class="hint">{texts.caseDiff.noCases}</p>}
      {diffs.map(({ name, isSame, messages, rest, problems }) => (
        <details key={name} class="case-diff" open={!isSame && diffs.length <= 3}>
          <summary>
            <b>{name}</b>{" "}
            <span class={`chip ${problems.length > 0 ? "bad" : isSame ? "quiet" : "changed"}`}>
              {problems.length > 0 ? texts.caseDiff.fails : isSame ? texts.caseDiff.same : texts.caseDiff.changed}
            </span>
          </summary>
          {problems.map((problem) => (
            <p key={problem} class="problem">
              {problem}
            </p>
          ))}
          {!isSame && <MessageDiffs messages={messages} />}
          {rest && (
            <pre class="text">
              <del>{pretty(rest.before)}</del>
              {"\n"}
              <ins>{pretty(rest.after)}</ins>
            </pre>
          )}
        </details>
      ))}
    </div>
  );
}

async function compare(name: string, before: Document, after: Document, inputs: JsonObject): Promise<CaseDiff> {
  const [one, two] = await Promise.all([engine.evaluate(before, inputs), engine.evaluate(after, inputs)]);
  const { messages: first = [], ...restBefore } = one.rendered ?? {};
  const { messages: second = [], ...restAfter } = two.rendered ?? {};
  const messages = diffMessages(first, second);
  const isRestSame = same(restBefore, restAfter);
  const problems = [
    ...[one.error ?? one.refused].flatMap((problem) => (problem ? [texts.caseDiff.before(problem.message)] : [])),
    ...[two.error ?? two.refused].flatMap((problem) => (problem ? [texts.caseDiff.after(problem.message)] : [])),
  ];
  return {
    name,
    isSame: isRestSame && problems.length === 0 && messages.every(({ kind }) => kind === "same"),
    messages,
    rest: isRestSame ? undefined : { before: restBefore, after: restAfter },
    problems,
  };
}
