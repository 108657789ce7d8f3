/** Moves a tag: the changes are shown first, and the move can be rolled back. */
import type { Document } from "cuecard";
import { useMemo, useState } from "preact/hooks";

import { ApiError } from "../api/client.ts";
import * as store from "../api/store.ts";
import type { Move as Moved } from "cuecard/admin";
import { diffDocuments } from "../document/diff.ts";
import { DiffView } from "../parts/diff.tsx";
import { Load, useLoad } from "../parts/load.tsx";
import { Button, Empty, Field, LazyInput, Time } from "../parts/parts.tsx";
import { change, route } from "../route.ts";
import * as list from "../state/list.ts";
import { attempt, describe, tell } from "../state/notices.ts";
import type { OpenPrompt } from "../state/prompt.ts";
import { api, mayWrite } from "../state/session.ts";
import { texts } from "../texts.ts";
import { CaseDiffs, useDocument } from "./case-diffs.tsx";

const TAG = "[a-z][a-z0-9_\\-]*";

export function Move({ prompt }: { readonly prompt: OpenPrompt }) {
  const { params, ref } = route.value;
  const name = params["to"] ?? "production";
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const tag = prompt.tags.value.find((known) => known.tag === name);
  const target = prompt.resolve(ref);
  const version = typeof target === "number" ? target : prompt.latest;
  const before = useDocument(prompt, tag ? String(tag.version) : "");
  const after = useDocument(prompt, String(version ?? ""));
  if (version === undefined) return <Empty title={texts.history.none}>{<p>{texts.history.noneHint}</p>}</Empty>;
  const act = async (action: () => Promise<{ version: number }>, done: (version: number) => string) => {
    setBusy(true);
    setProblem("");
    try {
      const moved = await action();
      setReason("");
      tell(done(moved.version));
      // The tag has moved, whatever the next answers are.
      await attempt(() => prompt.reload());
      void list.load();
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) {
        await prompt.reload().catch(() => undefined);
        setProblem(texts.move.race(name));
      } else setProblem(describe(error));
    } finally {
      setBusy(false);
    }
  };
  const move = () =>
    void act(
      () => store.moveTag(api(), prompt.slug, name, { version, ...(reason.trim() && { reason: reason.trim() }) }, tag),
      (to) => texts.move.done(name, to),
    );
  const isThere = tag?.version === version;
  return (
    <div class="split move">
      <section class="pane" aria-label={texts.move.label}>
        <form
          class="move-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (!isThere && mayWrite.value) move();
          }}
        >
          <div class="columns">
            <Field label={texts.move.tag}>
              {(ids) => (
                <>
                  <LazyInput
                    {...ids}
                    list="known-tags"
                    pattern={TAG}
                    required
                    autocomplete="off"
                    value={name}
                    commit={(text) => change({ to: text || undefined }, { replace: true })}
                  />
                  <datalist id="known-tags">
                    {[...new Set(["production", "staging", ...prompt.tags.value.map((known) => known.tag)])].map(
                      (known) => (
                        <option key={known} value={known} />
                      ),
                    )}
                  </datalist>
                </>
              )}
            </Field>
            <Field label={texts.move.version}>
              {(ids) => (
                <select
                  {...ids}
                  value={String(version)}
                  onChange={(event) => change({ ref: event.currentTarget.value }, { replace: true })}
                >
                  {prompt.history.value.map((entry) => (
                    <option key={entry.version} value={String(entry.version)}>
                      {entry.version}
                      {entry.commitMessage ? ` – ${entry.commitMessage.split("\n")[0]?.slice(0, 60)}` : ""}
                    </option>
                  ))}
                  {!prompt.history.value.some((entry) => entry.version === version) && (
                    <option value={String(version)}>{version}</option>
                  )}
                </select>
              )}
            </Field>
          </div>
          <p class="effect">
            <code>{name}</code> {tag ? tag.version : texts.move.new} → <b>{version}</b>
          </p>
          {mayWrite.value ? (
            <>
              <Field label={texts.move.reason} hint={texts.move.reasonHint}>
                {(ids) => (
                  <input
                    {...ids}
                    maxLength={1000}
                    autocomplete="off"
                    value={reason}
                    onInput={(event) => setReason(event.currentTarget.value)}
                  />
                )}
              </Field>
              <div class="bar">
                <Button kind="primary" type="submit" disabled={isThere || isBusy}>
                  {isBusy
                    ? texts.working
                    : isThere
                      ? texts.move.isThere(name, version)
                      : tag
                        ? texts.move.ok(name, version)
                        : texts.move.make(name, version)}
                </Button>
              </div>
            </>
          ) : (
            <p class="hint">{texts.move.reader}</p>
          )}
          {problem && (
            <p class="problem" role="alert">
              {problem}
            </p>
          )}
        </form>
        <Timeline
          key={name}
          prompt={prompt}
          tag={name}
          revision={tag?.revision}
          rollBack={
            tag && mayWrite.value && !isBusy
              ? (revision) =>
                  void act(
                    () => store.rollBack(api(), prompt.slug, name, { revision, reason: reason.trim() }),
                    (to) => texts.move.rolledBack(name, to),
                  )
              : undefined
          }
        />
      </section>
      <section class="pane" aria-label={texts.move.changes}>
        <h2>{tag ? texts.move.difference(tag.version, version) : texts.move.first}</h2>
        {tag && !isThere && (
          <Load of={before}>
            {(one) => <Load of={after}>{(two) => <Changes prompt={prompt} before={one} after={two} />}</Load>}
          </Load>
        )}
        {isThere && <p class="hint">{texts.move.nothing(name, version)}</p>}
      </section>
    </div>
  );
}

function Changes(props: { readonly prompt: OpenPrompt; readonly before: Document; readonly after: Document }) {
  const { prompt, before, after } = props;
  // Longer texts take longer to compare than a keystroke in the reason may.
  const diff = useMemo(() => diffDocuments(before, after), [before, after]);
  return (
    <>
      <DiffView diff={diff} />
      <h3>{texts.caseDiff.title}</h3>
      <CaseDiffs prompt={prompt} before={before} after={after} />
    </>
  );
}

function Timeline(props: {
  readonly prompt: OpenPrompt;
  readonly tag: string;
  /** That of the tag's last move, as far as this page knows. */
  readonly revision: number | undefined;
  /** Undoes the tag's last move if that has this revision. */
  readonly rollBack: ((revision: number) => void) | undefined;
}) {
  const { prompt, tag, revision, rollBack } = props;
  const moves = useLoad(async () => {
    try {
      return await store.moves(api(), prompt.slug, tag);
    } catch (error) {
      // A new tag.
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }, [prompt, tag, revision]);
  const [newest] = moves.value ?? [];
  const isBehind = newest !== undefined && newest.revision < (revision ?? 0);
  const before = versionBefore(moves.value ?? []);
  return (
    <>
      <div class="bar">
        <h2>{texts.move.timeline(tag)}</h2>
        <span class="grow" />
        {rollBack && newest && before !== undefined && !isBehind && (
          <Button onClick={() => rollBack(newest.revision)}>{texts.move.rollBack(before)}</Button>
        )}
      </div>
      <Load of={moves}>
        {(all) => (
          <>
            {all.length === 0 && <p class="hint">{texts.move.noMoves}</p>}
            <ol class="timeline">
              {all.map(({ revision, kind, from, to, at, by, reason }) => (
                <li key={revision}>
                  <span>
                    {from ?? "–"} → <b>{to ?? texts.move.removed}</b>{" "}
                    <span class="chip quiet">{texts.move.kind[kind] ?? kind}</span>
                  </span>
                  <span class="soft">
                    {by ?? ""} <Time at={at} />
                  </span>
                  {reason && <p>{reason}</p>}
                </li>
              ))}
            </ol>
          </>
        )}
      </Load>
    </>
  );
}

/** Where a rollback goes to: what the last of these moves, newest first, that is not undone yet moved the tag from. */
function versionBefore(moves: readonly Moved[]): number | undefined {
  let undone = 0;
  for (const [index, { kind, from, to }] of moves.entries()) {
    // A rollback from nothing undoes a deletion; a move to the same version is none to undo.
    if (kind === "delete" || from === to) continue;
    if (kind === "rollback") undone += from === undefined ? 0 : 1;
    else if (undone > 0) undone -= 1;
    else return from ?? moves[index + 1]?.from;
  }
  return undefined;
}
