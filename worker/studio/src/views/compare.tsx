/** Up to four columns over the chosen cases: what each renders, what each answers, and the differences to the first. */
import { signal } from "@preact/signals";
import type { Document, JsonObject, Rendered } from "cuecard";
import { useEffect, useState } from "preact/hooks";

import { stream, takeTurn } from "../api/run.ts";
import type { RunState } from "../api/run-events.ts";
import { same } from "../document/content.ts";
import { diffMessages, diffText } from "../document/diff.ts";
import * as engine from "../engine/engine.ts";
import { MessageDiffs, Pieces } from "../parts/diff.tsx";
import { Button, Icon } from "../parts/parts.tsx";
import { change, route } from "../route.ts";
import type { OpenPrompt, Shown } from "../state/prompt.ts";
import { api, mayRun } from "../state/session.ts";
import { texts } from "../texts.ts";
import { casesOf, useDocument } from "./case-diffs.tsx";
import { MessageList } from "./preview/rendered.tsx";
import { Answer } from "./run.tsx";

const MOST = 4;

/** `production`, `7`, `draft`, each with or without `~model`; in the address joined by commas. */
interface ComparedColumn {
  readonly ref: string;
  readonly model: string;
}

const write = (columns: readonly ComparedColumn[]): string =>
  columns.map(({ ref, model }) => (model ? `${ref}~${model}` : ref)).join(",");

function read(value: string | undefined, prompt: OpenPrompt): ComparedColumn[] {
  if (value)
    return value
      .split(",")
      .slice(0, MOST)
      .map((column) => {
        const [ref = "", model = ""] = column.split(/~(.*)/s);
        return { ref, model };
      });
  const first = prompt.tags.value.some(({ tag }) => tag === "production") ? "production" : "latest";
  const second = prompt.draft.exists.value ? "draft" : "latest";
  return (prompt.history.value.length > 0 ? [first, second] : ["draft"]).map((ref) => ({ ref, model: "" }));
}

const answers = signal<ReadonlyMap<string, RunState>>(new Map());
const keyOf = (slug: string, { ref, model }: ComparedColumn, name: string): string => `${slug} ${ref}~${model} ${name}`;

export function Compare({ prompt }: { readonly prompt: OpenPrompt }) {
  const columns = read(route.value.params["columns"], prompt);
  const setColumns = (next: readonly ComparedColumn[]) => change({ columns: write(next) }, { replace: true });
  const all = casesOf(prompt);
  const picked = route.value.params["cases"]?.split(",").map(decodeURIComponent);
  const cases = picked ? all.filter(({ name }) => picked.includes(name)) : all.slice(0, 10);
  const [isDiff, setDiff] = useState(true);
  const options = [
    "draft",
    "latest",
    ...prompt.tags.value.map(({ tag }) => tag),
    ...prompt.history.value.map(({ version }) => String(version)),
  ];
  const documents = [0, 1, 2, 3].map((at) => useDocument(prompt, columns[at]?.ref ?? ""));
  const runAll = () => {
    for (const [at, column] of columns.entries())
      for (const { name, inputs } of cases) {
        const document = documents[at];
        if (document) void runCell(prompt, column, document, name, inputs);
      }
  };
  return (
    <div class="compare">
      <div class="bar">
        <details class="pick">
          <summary>{texts.compare.cases(cases.length, all.length)}</summary>
          <div class="checks">
            {all.map(({ name }) => (
              <label key={name}>
                <input
                  type="checkbox"
                  checked={cases.some((chosen) => chosen.name === name)}
                  onChange={(event) => {
                    const names = cases.map((chosen) => chosen.name);
                    const next = event.currentTarget.checked
                      ? [...names, name]
                      : names.filter((other) => other !== name);
                    change({ cases: next.map(encodeURIComponent).join(",") || "," }, { replace: true });
                  }}
                />{" "}
                {name}
              </label>
            ))}
          </div>
        </details>
        <label class="check">
          <input type="checkbox" checked={isDiff} onChange={(event) => setDiff(event.currentTarget.checked)} />{" "}
          {texts.compare.differences}
        </label>
        <span class="grow" />
        {mayRun.value && <Button onClick={runAll}>{texts.compare.runAll}</Button>}
        <Button
          disabled={columns.length >= MOST}
          onClick={() => setColumns([...columns, { ref: "latest", model: "" }])}
        >
          {texts.compare.add}
        </Button>
      </div>
      <div class="table-box" tabIndex={0} role="region" aria-label={texts.view.compare}>
        <table class="compare-table">
          <thead>
            <tr>
              <th scope="col">{texts.cases.label}</th>
              {columns.map((column, at) => (
                <th scope="col" key={at}>
                  <span class="column">
                    <select
                      aria-label={texts.compare.ref(at + 1)}
                      value={column.ref}
                      onChange={(event) => setColumns(columns.with(at, { ...column, ref: event.currentTarget.value }))}
                    >
                      {[...new Set([...options, column.ref])].map((ref) => (
                        <option key={ref} value={ref}>
                          {ref === "draft"
                            ? texts.history.myDraft
                            : /^\d+$/.test(ref)
                              ? texts.history.version(ref)
                              : `${ref} → ${prompt.resolve(ref) ?? "–"}`}
                        </option>
                      ))}
                    </select>
                    <input
                      class="code-text"
                      aria-label={texts.compare.model(at + 1)}
                      placeholder={documents[at]?.model ?? texts.run.modelHint}
                      value={column.model}
                      onChange={(event) =>
                        setColumns(
                          columns.with(at, { ...column, model: event.currentTarget.value.replaceAll(",", "") }),
                        )
                      }
                    />
                    {columns.length > 1 && (
                      <Icon
                        name={texts.compare.remove(at + 1)}
                        sign="×"
                        onClick={() => setColumns(columns.toSpliced(at, 1))}
                      />
                    )}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cases.map(({ name, inputs }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {columns.map((column, at) => (
                  <td key={at}>
                    <Cell
                      document={documents[at]}
                      first={at === 0 ? undefined : documents[0]}
                      inputs={inputs}
                      isDiff={isDiff}
                      answer={answers.value.get(keyOf(prompt.slug, column, name))}
                      firstAnswer={
                        at === 0 || !columns[0] ? undefined : answers.value.get(keyOf(prompt.slug, columns[0], name))
                      }
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface CellProps {
  readonly document: Document | undefined;
  /** Of the first column, where this is another. */
  readonly first: Document | undefined;
  readonly inputs: JsonObject;
  readonly isDiff: boolean;
  readonly answer: RunState | undefined;
  readonly firstAnswer: RunState | undefined;
}

function Cell({ document, first, inputs, isDiff, answer, firstAnswer }: CellProps) {
  const mine = useRendered(document, inputs);
  const base = useRendered(first, inputs);
  if (!document) return <span class="soft">–</span>;
  if (!mine) return <span class="soft">{texts.working}</span>;
  const isSame = base?.rendered && mine.rendered && same(base.rendered.messages, mine.rendered.messages);
  return (
    <>
      {mine.problem && <p class="problem">{mine.problem}</p>}
      {first && isSame && isDiff ? (
        <span class="chip quiet">{texts.compare.same}</span>
      ) : mine.rendered && base?.rendered && isDiff ? (
        <MessageDiffs messages={diffMessages(base.rendered.messages, mine.rendered.messages)} />
      ) : (
        mine.rendered && <MessageList rendered={mine.rendered} />
      )}
      {answer &&
        (isDiff && firstAnswer?.status === "completed" && answer.status === "completed" ? (
          <article class="message answer">
            <header>
              <span class="role">{texts.compare.answer}</span>
            </header>
            <Pieces pieces={diffText(firstAnswer.text, answer.text)} />
          </article>
        ) : (
          <Answer state={answer} />
        ))}
    </>
  );
}

function useRendered(
  document: Document | undefined,
  inputs: JsonObject,
): { rendered?: Rendered; problem?: string } | undefined {
  const [answer, setAnswer] = useState<{ rendered?: Rendered; problem?: string }>();
  useEffect(() => {
    if (!document) return;
    let isLate = false;
    void engine.evaluate(document, inputs).then(
      ({ rendered, error, refused }) => {
        const problem = (error ?? refused)?.message;
        if (!isLate) setAnswer({ ...(rendered && { rendered }), ...(problem && { problem }) });
      },
      (error: unknown) => !isLate && setAnswer({ problem: String(error) }),
    );
    return () => {
      isLate = true;
    };
  }, [document, inputs]);
  return answer;
}

async function runCell(
  prompt: OpenPrompt,
  column: ComparedColumn,
  document: Document,
  name: string,
  inputs: JsonObject,
): Promise<void> {
  const number = prompt.resolve(column.ref);
  const shown: Shown = {
    kind: number === "draft" ? "draft" : "version",
    document,
    mayEdit: false,
    ...(typeof number === "number" && { version: await prompt.version(number) }),
  };
  const key = keyOf(prompt.slug, column, name);
  const isLatest = takeTurn(key);
  await stream(api(), { slug: prompt.slug, shown, inputs, ...(column.model && { model: column.model }) }, (state) => {
    if (isLatest()) answers.value = new Map(answers.value).set(key, state);
  });
}
