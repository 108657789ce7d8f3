/** Banners above the draft: a lost race, a failed save, a newer version, a read-only view. */
import { useState } from "preact/hooks";

import * as store from "../api/store.ts";
import { Button, Time } from "../parts/parts.tsx";
import { DiffView } from "../parts/diff.tsx";
import { content } from "../document/content.ts";
import { diffDocuments } from "../document/diff.ts";
import { change, route } from "../route.ts";
import * as list from "../state/list.ts";
import { attempt } from "../state/notices.ts";
import { contentOf, followTo, type Gone, open, type OpenPrompt, shown, toDraft } from "../state/prompt.ts";
import { api, isRefused, mayWrite } from "../state/session.ts";
import { tellUndo } from "../state/undo.ts";
import { texts } from "../texts.ts";
import { promptDialog } from "./dialogs.tsx";

export function DraftState() {
  const prompt = open.value;
  if (!prompt) return null;
  const { draft } = prompt;
  if (prompt.gone.value) return <GoneBanner prompt={prompt} gone={prompt.gone.value} />;
  if (draft.status.value === "conflict") return <Conflict />;
  if (draft.isAmiss.value && !isRefused.value)
    return (
      <div class="banner bad" role="alert">
        <span>
          {texts.save.failedLong} {draft.problem.value}
        </span>
        <Button onClick={() => void draft.flush()}>{texts.retry}</Button>
      </div>
    );
  if (route.value.view !== "edit") return null;
  const now = shown.value;
  const base = draft.base.value;
  const latest = prompt.latest;
  if (now?.kind === "draft" && base !== undefined && latest !== undefined && latest > base)
    return <NewerVersion base={base} latest={latest} />;
  if (now && now.kind !== "draft" && !now.mayEdit && mayWrite.value) return <ReadOnly />;
  return null;
}

/** Somebody deleted or renamed the prompt while it was open. */
function GoneBanner({ prompt, gone }: { readonly prompt: OpenPrompt; readonly gone: Gone }) {
  const hasDraft = prompt.draft.exists.value;
  const restore = () =>
    attempt(async () => {
      await store.restore(api(), prompt.slug);
      await prompt.reload();
      await prompt.draft.flush();
      void list.load();
    });
  return (
    <section class="banner bad" role="alert" aria-label={texts.gone.label}>
      <span>
        {texts.gone.text(gone)} {hasDraft && texts.gone.kept}
      </span>
      {mayWrite.value && (
        <span class="buttons">
          {gone.isDeleted && <Button onClick={() => void restore()}>{texts.gone.restore}</Button>}
          {gone.slug && <Button onClick={() => followTo(gone.slug ?? "")}>{texts.gone.follow(gone.slug)}</Button>}
          {hasDraft && <Button onClick={() => (promptDialog.value = "anew")}>{texts.gone.anew}</Button>}
        </span>
      )}
    </section>
  );
}

function Conflict() {
  const [isShown, setShown] = useState(false);
  const draft = open.value?.draft;
  const theirs = draft?.theirs.value;
  const mine = draft?.document.value;
  if (!draft || !theirs || !mine) return null;
  return (
    <section class="banner bad" role="alert" aria-label={texts.conflict.label}>
      <span>
        {texts.conflict.text(theirs.updatedBy ?? theirs.author ?? "?")} <Time at={theirs.updatedAt} />.
      </span>
      <span class="buttons">
        <Button aria-expanded={isShown} onClick={() => setShown(!isShown)}>
          {texts.conflict.see}
        </Button>
        <Button onClick={() => draft.keepMine()}>{texts.conflict.keepMine}</Button>
        <Button
          onClick={() => {
            tellUndo(texts.conflict.taken, draft.takeTheirs());
          }}
        >
          {texts.conflict.takeTheirs}
        </Button>
      </span>
      {isShown && (
        <div class="inset">
          <p class="hint">{texts.conflict.legend}</p>
          <DiffView diff={diffDocuments(content(theirs), mine)} />
        </div>
      )}
    </section>
  );
}

function NewerVersion({ base, latest }: { readonly base: number; readonly latest: number }) {
  const [isShown, setShown] = useState(false);
  const prompt = open.value;
  const [before, after] = [base, latest].map((number) =>
    prompt?.history.value.find(({ version }) => version === number),
  );
  return (
    <section class="banner" aria-label={texts.newer.label}>
      <span>{texts.newer.text(base, latest, after?.author)}</span>
      <span class="buttons">
        {before && after && (
          <Button aria-expanded={isShown} onClick={() => setShown(!isShown)}>
            {texts.newer.see}
          </Button>
        )}
        <Button onClick={() => change({ ref: String(latest) })}>{texts.newer.open(latest)}</Button>
      </span>
      {isShown && before && after && (
        <div class="inset">
          <DiffView diff={diffDocuments(contentOf(before), contentOf(after))} />
        </div>
      )}
    </section>
  );
}

/** An old version, or another author's draft, while there is a draft of one's own. */
function ReadOnly() {
  const prompt = open.value;
  const now = shown.value;
  if (!prompt || !now) return null;
  const hasDraft = prompt.draft.exists.value;
  const take = () => {
    const before = prompt.draft.document.value;
    prompt.draft.edit(now.document, now.version?.version ?? now.draft?.base);
    toDraft();
    tellUndo(texts.readOnly.taken, before && (() => prompt.draft.edit(before)));
  };
  return (
    <div class="banner">
      <span>{now.kind === "other" ? texts.readOnly.other : texts.readOnly.version}</span>
      <span class="buttons">
        {hasDraft && <Button onClick={toDraft}>{texts.readOnly.myDraft}</Button>}
        <Button onClick={take}>{hasDraft ? texts.readOnly.replace : texts.readOnly.edit}</Button>
      </span>
    </div>
  );
}
