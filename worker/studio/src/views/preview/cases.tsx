/** The inputs to render with: a case of the prompt, or the form's own; save, rename, paste, delete. */
import { useState } from "preact/hooks";

import { ApiError } from "../../api/client.ts";
import * as store from "../../api/store.ts";
import { diffValues } from "../../document/diff.ts";
import { json } from "../../document/values.ts";
import type { JsonObject } from "cuecard";
import type { Case, Execution } from "cuecard/admin";
import { Load, useLoad } from "../../parts/load.tsx";
import { DiffView } from "../../parts/diff.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Button, Empty, Field, Icon, Time } from "../../parts/parts.tsx";
import { change, route } from "../../route.ts";
import { caseRevision, chosenCase, forgetChanges, isCaseChanged, setValues, values } from "../../state/inputs.ts";
import { attempt, describe, tell } from "../../state/notices.ts";
import { open, type OpenPrompt } from "../../state/prompt.ts";
import { api, mayRun, mayWrite } from "../../state/session.ts";
import { texts } from "../../texts.ts";

export function CaseBar() {
  const [dialog, setDialog] = useState<"save" | "json" | "execution" | "race" | undefined>();
  const prompt = open.value;
  if (!prompt) return null;
  const chosen = chosenCase.value;
  const name = route.value.params["case"] ?? "";
  const save = (revision = caseRevision.value) =>
    attempt(async () => {
      if (!chosen) return setDialog("save");
      if (!(await orRace(() => putCase(chosen.name, revision)))) return;
      tell(texts.cases.saved(chosen.name));
    });
  /** A newer save by somebody else is shown beside, not overwritten. */
  const orRace = async (action: () => Promise<void>): Promise<boolean> => {
    try {
      await action();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 412)) throw error;
      await prompt.reload();
      // If it was deleted, there is nothing to compare with.
      setDialog(chosenCase.value && "race");
      return false;
    }
  };
  const remove = () =>
    attempt(async () => {
      if (!chosen) return;
      if (
        !(await orRace(() => store.deleteCase(api(), prompt.slug, chosen.name, caseRevision.value ?? chosen.revision)))
      )
        return;
      forgetChanges();
      prompt.cases.value = prompt.cases.value.filter((other) => other.name !== chosen.name);
      change({ case: undefined });
      const back = () =>
        void attempt(async () => {
          const again = await store.putCase(api(), prompt.slug, chosen.name, chosen.inputs, undefined);
          prompt.cases.value = [...prompt.cases.value, again].toSorted((a, b) => (a.name < b.name ? -1 : 1));
        });
      tell(texts.cases.removed(chosen.name), { action: { label: texts.undo, run: back } });
    });
  return (
    <div class="case-bar">
      <span class="which">
        <label for="case">{texts.cases.label}</label>
        <select
          id="case"
          value={chosen ? name : ""}
          onChange={(event) => change({ case: event.currentTarget.value || undefined })}
        >
          <option value="">{texts.cases.none}</option>
          {prompt.cases.value.map((known) => (
            <option key={known.name} value={known.name}>
              {known.name}
            </option>
          ))}
        </select>
      </span>
      {name && !chosen && <span class="problem">{texts.cases.missing(name)}</span>}
      {isCaseChanged.value && (
        <>
          <span class="soft">{texts.cases.changed}</span>
          <Button kind="ghost" onClick={forgetChanges}>
            {texts.cases.reset}
          </Button>
        </>
      )}
      <span class="buttons">
        {mayWrite.value && (isCaseChanged.value || !chosen) && (
          <Button onClick={() => void save()}>{chosen ? texts.save.ok : texts.cases.save}</Button>
        )}
        {mayWrite.value && chosen && (
          <Button kind="ghost" onClick={() => setDialog("save")}>
            {texts.cases.saveAs}
          </Button>
        )}
        <Button kind="ghost" onClick={() => setDialog("json")}>
          {texts.cases.asJson}
        </Button>
        {mayRun.value && (
          <Button kind="ghost" onClick={() => setDialog("execution")}>
            {texts.cases.fromExecution}
          </Button>
        )}
        {mayWrite.value && chosen && (
          <Icon name={texts.cases.remove(chosen.name)} sign="×" onClick={() => void remove()} />
        )}
      </span>
      {dialog === "save" && <SaveCase close={() => setDialog(undefined)} />}
      {dialog === "execution" && <FromExecution prompt={prompt} close={() => setDialog(undefined)} />}
      {dialog === "json" && <CaseJson close={() => setDialog(undefined)} />}
      {dialog === "race" && chosen && (
        <Race theirs={chosen} keepMine={() => void save(chosen.revision)} close={() => setDialog(undefined)} />
      )}
    </div>
  );
}

async function putCase(name: string, revision: number | undefined): Promise<void> {
  const prompt = open.value;
  if (!prompt) return;
  const saved = await store.putCase(api(), prompt.slug, name, values.value, revision);
  const others = prompt.cases.value.filter((known) => known.name !== name);
  prompt.cases.value = [...others, saved].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  forgetChanges();
}

function SaveCase({ close }: { readonly close: () => void }) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState("");
  const isUnborn = open.value?.history.value.length === 0;
  const submit = async () => {
    try {
      await putCase(name.trim(), undefined);
      close();
      change({ case: name.trim() });
      tell(texts.cases.saved(name.trim()));
    } catch (error) {
      setProblem(isUnborn ? texts.cases.unborn : describe(error));
    }
  };
  return (
    <Dialog
      title={texts.cases.saveTitle}
      close={close}
      submit={() => void submit()}
      problem={problem}
      actions={
        <>
          <Button kind="primary" type="submit">
            {texts.save.ok}
          </Button>
          <Button onClick={close}>{texts.cancel}</Button>
        </>
      }
    >
      <Field label={texts.cases.name} hint={texts.cases.about}>
        {(ids) => (
          <input
            {...ids}
            data-focus
            required
            maxLength={100}
            autocomplete="off"
            placeholder={texts.cases.nameHint}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}

/** Two authors changed one case: both are in view, and either can be kept. */
function Race(props: { readonly theirs: Case; readonly keepMine: () => void; readonly close: () => void }) {
  const { theirs, close } = props;
  const diff = diffValues(theirs.inputs, values.value);
  return (
    <Dialog
      title={texts.cases.race(theirs.name, theirs.updatedBy)}
      wide
      close={close}
      submit={() => {
        close();
        if (!diff.isSame) props.keepMine();
      }}
      actions={
        <>
          <Button kind="primary" type="submit">
            {texts.conflict.keepMine}
          </Button>
          <Button
            onClick={() => {
              forgetChanges();
              close();
            }}
          >
            {texts.conflict.takeTheirs}
          </Button>
        </>
      }
    >
      <p class="hint">{texts.conflict.legend}</p>
      <DiffView diff={diff} />
    </Dialog>
  );
}

function CaseJson({ close }: { readonly close: () => void }) {
  const [text, setText] = useState(() => JSON.stringify(values.value, null, 2));
  const parsed = json(text);
  const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  return (
    <Dialog
      title={texts.cases.json}
      wide
      close={close}
      submit={() => {
        if (!isObject) return;
        setValues(parsed as Record<string, never>);
        close();
      }}
      actions={
        <>
          <Button kind="primary" type="submit" disabled={!isObject}>
            {texts.cases.use}
          </Button>
          <Button onClick={close}>{texts.cancel}</Button>
        </>
      }
    >
      <textarea
        data-focus
        class="code-text"
        rows={16}
        spellcheck={false}
        aria-label={texts.cases.json}
        aria-invalid={!isObject}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p class={isObject ? "hint" : "problem"}>{isObject ? texts.cases.jsonHint : texts.cases.noObject}</p>
    </Dialog>
  );
}

/** The inputs of a real call, to look at, to try again, and to keep as a case. */
function FromExecution({ prompt, close }: { readonly prompt: OpenPrompt; readonly close: () => void }) {
  const executions = useLoad(() =>
    api().get<{ executions: Execution[] }>(
      `/v1/executions?prompt=${encodeURIComponent(prompt.slug)}&limit=30`,
      "executions",
    ),
  );
  const take = (id: string) =>
    attempt(async () => {
      const { inputs } = await api().get<Execution>(`/v1/executions/${encodeURIComponent(id)}`);
      if (!inputs) return tell(texts.cases.noInputs, { kind: "failed" });
      change({ case: undefined });
      setValues(inputs as JsonObject);
      close();
    });
  return (
    <Dialog title={texts.cases.executions} wide close={close}>
      <Load of={executions}>
        {({ executions: all }) =>
          all.length === 0 ? (
            <Empty title={texts.cases.noExecutions} />
          ) : (
            <ul class="plain-list">
              {all.map(({ id, version, model, status, startedAt }) => (
                <li key={id}>
                  <Time at={startedAt} /> <span class="chip quiet">{status}</span>
                  <span class="soft">
                    {version === undefined ? "" : texts.rail.production(version)} {model}
                  </span>
                  <span class="grow" />
                  <Button onClick={() => void take(id)} aria-label={texts.cases.takeExecution(id)}>
                    {texts.cases.use}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Load>
    </Dialog>
  );
}
