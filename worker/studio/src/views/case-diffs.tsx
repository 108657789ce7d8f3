/** For every case, how the rendered messages differ between two documents. */
import type { Document, JsonObject } from "cuecard";

import { diffMessages, type MessageDiff } from "../document/diff.ts";
import { same } from "../document/content.ts";
import * as engine from "../engine/engine.ts";
import { Load, type Loaded, useLoad } from "../parts/load.tsx";
import { MessageDiffs } from "../parts/diff.tsx";
import { pretty } from "../parts/parts.tsx";
import { values } from "../state/inputs.ts";
import { contentOf, type OpenPrompt } from "../state/prompt.ts";
import { texts } from "../texts.ts";

/** The document that a reference stands for. */
export function useDocument(prompt: OpenPrompt, ref: string): Loaded<Document> {
  const number = prompt.resolve(ref);
  const known = typeof number === "number" ? prompt.history.value.find(({ version }) => version === number) : undefined;
  const isUnknown = typeof number === "number" && !known;
  const loaded = useLoad(() => (isUnknown ? prompt.version(number) : Promise.resolve(known)), [prompt, number, known]);
  const version = known ?? (loaded.value?.version === number ? loaded.value : undefined);
  const value = number === "draft" ? prompt.draft.document.value : version && contentOf(version);
  const nothing =
    number === "draft" ? texts.prompt.noDraft : number === undefined && ref ? texts.prompt.noRef(ref) : "";
  return { value, problem: value ? "" : nothing || loaded.problem, reload: loaded.reload };
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
  const cases = casesOf(prompt);
  const diffs = useLoad(async () => {
    const all = await Promise.all(cases.map(({ name, inputs }) => compare(name, before, after, inputs)));
    return { before, after, all };
  }, [prompt.cases.value, before, after]);
  const isOld = diffs.value && (diffs.value.before !== before || diffs.value.after !== after);
  if (isOld || (!diffs.value && !diffs.problem)) return <p class="soft">{texts.working}</p>;
  return <Load of={diffs}>{({ all }) => <CaseDiffList prompt={prompt} diffs={all} />}</Load>;
}

function CaseDiffList({ prompt, diffs }: { readonly prompt: OpenPrompt; readonly diffs: readonly CaseDiff[] }) {
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
