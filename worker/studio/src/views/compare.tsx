/** Up to four columns over the chosen cases: what each renders, what each answers, and the differences to the first. */
import { signal } from "@preact/signals";
import type { Document, JsonObject, Rendered } from "cuecard";
import { useEffect, useMemo, useState } from "preact/hooks";

import { stream, takeTurn } from "../api/run.ts";
import type { RunState } from "../api/run-events.ts";
import { same } from "../document/content.ts";
import { diffMessages, diffText } from "../document/diff.ts";
import * as engine from "../engine/engine.ts";
import { MessageDiffs, Pieces } from "../parts/diff.tsx";
import { Button, Icon, LazyInput } from "../parts/parts.tsx";
import { change, decode, route } from "../route.ts";
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
  const picked = route.value.params["cases"]?.split(",").map(decode);
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
    const cells: RunCell[] = [];
    for (const [at, column] of columns.entries())
      for (const { name, inputs } of cases) {
        const document = documents[at]?.value;
        if (document) cells.push({ prompt, column, document, name, inputs });
      }
    void runCells(cells);
  };
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent) => key === "Escape" && !document.querySelector("dialog[open]") && stopAll();
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
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
        {mayRun.value &&
          (stopper.value ? (
            <Button onClick={stopAll}>
              {texts.compare.stopAll} <kbd>{texts.keys.stop}</kbd>
            </Button>
          ) : (
            <Button onClick={runAll}>{texts.compare.runAll}</Button>
          ))}
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
                    <LazyInput
                      class="code-text"
                      aria-label={texts.compare.model(at + 1)}
                      placeholder={documents[at]?.value?.model ?? texts.run.modelHint}
                      value={column.model}
                      commit={(text) => setColumns(columns.with(at, { ...column, model: text.replaceAll(",", "") }))}
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
                      document={documents[at]?.value}
                      problem={documents[at]?.problem}
                      first={at === 0 ? undefined : documents[0]?.value}
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
  /** The reason why there is no document. */
  readonly problem: string | undefined;
  /** The first column's, unless this is the first. */
  readonly first: Document | undefined;
  readonly inputs: JsonObject;
  readonly isDiff: boolean;
  readonly answer: RunState | undefined;
  readonly firstAnswer: RunState | undefined;
}

function Cell({ document, problem, first, inputs, isDiff, answer, firstAnswer }: CellProps) {
  const mine = useRendered(document, inputs);
  const base = useRendered(first, inputs);
  const pieces = useMemo(
    () => base?.rendered && mine?.rendered && diffMessages(base.rendered.messages, mine.rendered.messages),
    [base?.rendered, mine?.rendered],
  );
  if (!document) return <span class="soft">{problem || texts.working}</span>;
  if (!mine) return <span class="soft">{texts.working}</span>;
  const isSame = base?.rendered && mine.rendered && same(base.rendered.messages, mine.rendered.messages);
  return (
    <>
      {mine.problem && <p class="problem">{mine.problem}</p>}
      {first && isSame && isDiff ? (
        <span class="chip quiet">{texts.compare.same}</span>
      ) : pieces && isDiff ? (
        <MessageDiffs messages={pieces} />
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

interface RunCell {
  readonly prompt: OpenPrompt;
  readonly column: ComparedColumn;
  readonly document: Document;
  readonly name: string;
  readonly inputs: JsonObject;
}

/** A browser has six connections to a server: some are left to the rest of the page. */
const AT_ONCE = 4;
const stopper = signal<AbortController | undefined>(undefined);

const stopAll = (): void => stopper.peek()?.abort();

async function runCells(cells: readonly RunCell[]): Promise<void> {
  const mine = new AbortController();
  stopper.value = mine;
  for (const cell of cells) setAnswer(cell, { status: "running", text: "", toolCalls: [] });
  const left = cells.values();
  const work = async () => {
    for (const cell of left)
      if (mine.signal.aborted) setAnswer(cell, { status: "cancelled", text: "", toolCalls: [] });
      else await runCell(cell, mine.signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (stopper.peek() === mine) stopper.value = undefined;
}

function setAnswer({ prompt, column, name }: RunCell, state: RunState): void {
  answers.value = new Map(answers.peek()).set(keyOf(prompt.slug, column, name), state);
}

async function runCell(cell: RunCell, signal: AbortSignal): Promise<void> {
  const { prompt, column, document, name, inputs } = cell;
  const number = prompt.resolve(column.ref);
  const shown: Shown = {
    kind: number === "draft" ? "draft" : "version",
    document,
    mayEdit: false,
    ...(typeof number === "number" && { version: await prompt.version(number) }),
  };
  const isLatest = takeTurn(keyOf(prompt.slug, column, name));
  const { model } = column;
  await stream(api(), { slug: prompt.slug, shown, inputs, signal, ...(model && { model }) }, (state) => {
    if (isLatest()) setAnswer(cell, state);
  });
}
