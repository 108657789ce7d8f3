/** The run view: the answer streams in beside the preview. */
import type { RunSettings } from "cuecard/admin";
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { isConnectionMissing, stream, takeTurn } from "../api/run.ts";
import type { RunState } from "../api/run-events.ts";
import { parseJson } from "../document/exact.ts";
import { IssueList } from "../parts/issue-list.tsx";
import { useLoad } from "../parts/load.tsx";
import { Button, Empty, Field, LazyInput } from "../parts/parts.tsx";
import { change, href, route } from "../route.ts";
import { evaluation, values } from "../state/inputs.ts";
import { tell } from "../state/notices.ts";
import { open, type OpenPrompt, shown } from "../state/prompt.ts";
import { api, mayAdmin, mayRun } from "../state/session.ts";
import { texts } from "../texts.ts";
import { Split } from "./edit/edit.tsx";
import { MessageList } from "./preview/rendered.tsx";
import { InputsBox } from "./preview/preview.tsx";

const runs = signal<ReadonlyMap<string, RunState>>(new Map());
let stopper: AbortController | undefined;

const set = (slug: string, state: RunState) => {
  runs.value = new Map(runs.value).set(slug, state);
};

/** Runs what is shown with the values of the moment. */
export async function runNow(): Promise<void> {
  const prompt = open.value;
  const now = shown.value;
  if (!prompt || !now) return;
  if (!mayRun.value) return tell(texts.run.mayNot, { kind: "failed" });
  if (route.value.view !== "run") change({ view: "run" });
  stopper?.abort();
  const mine = new AbortController();
  stopper = mine;
  const { slug } = prompt;
  const { model } = route.value.params;
  const isLatest = takeTurn(slug);
  try {
    await prompt.draft.flush();
    await stream(
      api(),
      { slug, shown: now, inputs: values.value, ...(model && { model }), signal: mine.signal },
      (state) => isLatest() && set(slug, state),
    );
  } finally {
    if (stopper === mine) stopper = undefined;
  }
}

export function stop(): void {
  stopper?.abort();
}

export function Run({ prompt }: { readonly prompt: OpenPrompt }) {
  const state = runs.value.get(prompt.slug);
  const isRunning = state?.status === "running";
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && stopper && !document.querySelector("dialog[open]")) stop();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  // A narrow page may be scrolled away from where the answer comes.
  useEffect(() => {
    if (isRunning) bar.current?.scrollIntoView({ block: "nearest" });
  }, [isRunning]);
  const rendered = evaluation.value?.rendered;
  const settings = useLoad(() =>
    mayRun.value ? api().get<RunSettings>("/v1/runs/settings", "connections") : Promise.resolve(undefined),
  );
  const models =
    settings.value?.connections.flatMap((connection) => (connection.models ?? []).map(({ name }) => name)) ?? [];
  return (
    <Split
      label={texts.run.sent}
      left={
        <>
          <InputsBox />
          <div class="part">
            {rendered ? (
              <MessageList rendered={rendered} />
            ) : (
              <p class="problem">{(evaluation.value?.error ?? evaluation.value?.refused)?.message}</p>
            )}
          </div>
        </>
      }
      right={
        <>
          <div class="run-bar" ref={bar}>
            <Button
              kind="primary"
              disabled={isRunning || !mayRun.value || !rendered}
              onClick={() => void runNow()}
              title={texts.keys.run}
            >
              {isRunning ? texts.run.running : texts.run.now} <kbd>{texts.keys.run}</kbd>
            </Button>
            {isRunning && (
              <Button onClick={stop}>
                {texts.run.stop} <kbd>{texts.keys.stop}</kbd>
              </Button>
            )}
            <span class="grow" />
            <Field label={texts.run.model}>
              {(ids) => (
                <LazyInput
                  {...ids}
                  class="code-text"
                  list="models"
                  autocomplete="off"
                  placeholder={shown.value?.document.model ?? texts.run.modelHint}
                  value={route.value.params["model"] ?? ""}
                  commit={(text) => change({ model: text || undefined }, { replace: true })}
                />
              )}
            </Field>
            <datalist id="models">
              {models.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </div>
          <div class="part" aria-live="polite" aria-busy={isRunning}>
            <Answer state={state} />
          </div>
        </>
      }
    />
  );
}

export function Answer({ state }: { readonly state: RunState | undefined }) {
  if (!state)
    return (
      <Empty title={mayRun.value ? texts.run.first : texts.run.mayNot}>
        <p>{texts.run.firstHint}</p>
      </Empty>
    );
  if (isConnectionMissing(state))
    return (
      <Empty title={texts.run.noConnection}>
        <p>{mayAdmin.value ? texts.run.noConnectionAdmin : texts.run.noConnectionOther}</p>
        {mayAdmin.value && (
          <a class="button primary" href={href({ admin: "connections" })}>
            {texts.run.makeConnection}
          </a>
        )}
        {state.error && <p class="soft">{state.error}</p>}
      </Empty>
    );
  const json = structured(state.text, state.status);
  return (
    <>
      {state.text !== "" && (
        <article class="message answer">
          <header>
            <span class="role">{texts.run.assistant}</span>
            <span class="names">
              {json !== undefined && <span class="chip quiet">{texts.run.json}</span>}
              {json !== undefined && state.issues?.length === 0 && <span class="chip added">{texts.run.fits}</span>}
              {state.status === "cancelled" && <span class="chip quiet">{texts.run.stopped}</span>}
            </span>
          </header>
          <pre class="text">{json ?? state.text}</pre>
        </article>
      )}
      <IssueList title={texts.run.issues} issues={state.issues} />
      {state.toolCalls.map(({ name, arguments: given }, at) => (
        <article key={at} class="message answer">
          <header>
            <span class="role">{texts.run.toolCall(name)}</span>
            <span class="chip quiet">{texts.run.tool}</span>
          </header>
          <pre class="text">{structured(given, "completed") ?? given}</pre>
        </article>
      ))}
      {state.error && (
        <div class="banner bad" role="alert">
          <pre class="text">{state.error}</pre>
        </div>
      )}
      {state.status === "completed" && state.text === "" && state.toolCalls.length === 0 && !state.error && (
        <p class="hint">{texts.run.empty}</p>
      )}
      <Figures state={state} />
    </>
  );
}

function Figures({ state }: { readonly state: RunState }) {
  const { firstTokenMs, totalMs, usage = {}, cost, model } = state;
  const count = (name: string) => (usage[name] == null ? undefined : texts.number(usage[name]));
  const always: [string, string | undefined][] = [
    [texts.run.firstToken, firstTokenMs === undefined ? undefined : texts.run.ms(firstTokenMs)],
    [texts.run.total, totalMs === undefined ? undefined : texts.run.ms(totalMs)],
    [texts.run.input, count("input")],
    [texts.run.output, count("output")],
    [texts.run.cost, cost],
  ];
  const ifKnown: [string, string | undefined][] = [
    [texts.run.cached, count("inputCached")],
    [texts.run.reasoning, count("reasoning")],
    [texts.run.model, model],
    [texts.run.finish, state.finishReason],
  ];
  const figures = [...always, ...ifKnown.filter(([, value]) => value !== undefined)];
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

/** JSON with its lines, once it is whole. */
function structured(text: string, status: string): string | undefined {
  if (status === "running" || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(parseJson(text), null, 2);
  } catch {
    return undefined;
  }
}
