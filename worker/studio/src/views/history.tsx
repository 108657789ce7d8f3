/** Versions, newest first; any two can be compared by text, by field, and by the rendering of every case. */
import { useEffect, useState } from "preact/hooks";

import type { HistoryEntry } from "cuecard/admin";
import { diffDocuments } from "../document/diff.ts";
import { DiffView } from "../parts/diff.tsx";
import { Load } from "../parts/load.tsx";
import { Button, Empty, Time } from "../parts/parts.tsx";
import { change, go, href, route } from "../route.ts";
import { attempt } from "../state/notices.ts";
import { contentOf, isOwn, type OpenPrompt } from "../state/prompt.ts";
import { mayWrite } from "../state/session.ts";
import { tellUndo } from "../state/undo.ts";
import { texts } from "../texts.ts";
import { CaseDiffs, useDocument } from "./case-diffs.tsx";

export function History({ prompt }: { readonly prompt: OpenPrompt }) {
  const versions = prompt.history.value;
  const [newest, second] = versions;
  const { params } = route.value;
  const hasDraft = prompt.draft.exists.value;
  const to = params["b"] ?? (hasDraft ? "draft" : String(newest?.version ?? ""));
  const from =
    params["a"] ?? (hasDraft ? String(newest?.version ?? "") : String(second?.version ?? newest?.version ?? ""));
  if (versions.length === 0)
    return (
      <Empty title={texts.history.none}>
        <p>{texts.history.noneHint}</p>
        <a class="button" href={href({ slug: prompt.slug, ref: "draft" })}>
          {texts.history.toDraft}
        </a>
      </Empty>
    );
  return (
    <div class="split history">
      <section class="pane list" aria-label={texts.history.label}>
        <ol class="versions">
          {prompt.drafts.value.map(({ author = "", updatedAt, updatedBy, base }) => (
            <li key={author} class="draft">
              <div class="line">
                <a href={href({ slug: prompt.slug, ref: "draft", params: isOwn(author) ? {} : { author } })}>
                  {isOwn(author) ? texts.history.myDraft : texts.prompt.draftOf(updatedBy ?? author)}
                </a>
                {base !== undefined && <span class="soft">{texts.history.from(base)}</span>}
                <span class="grow" />
                <span class="soft">
                  <Time at={updatedAt} />
                </span>
              </div>
            </li>
          ))}
          {versions.map((entry) => (
            <VersionRow key={entry.version} prompt={prompt} entry={entry} from={from} to={to} />
          ))}
        </ol>
        {prompt.olderCursor.value && (
          <Button onClick={() => void attempt(() => prompt.older())}>{texts.history.older}</Button>
        )}
      </section>
      <section class="pane" aria-label={texts.history.compared}>
        <Compared prompt={prompt} from={from} to={to} />
      </section>
    </div>
  );
}

function VersionRow(props: { prompt: OpenPrompt; entry: HistoryEntry; from: string; to: string }) {
  const { prompt, entry, from, to } = props;
  const { version, commitMessage, author, createdAt } = entry;
  const name = String(version);
  const takeOver = () => {
    const before = prompt.draft.document.value;
    prompt.draft.edit(contentOf(entry), version);
    go({ slug: prompt.slug, ref: "draft" });
    tellUndo(texts.history.taken(version), before && (() => prompt.draft.edit(before)));
  };
  return (
    <li class={name === from || name === to ? "chosen" : ""}>
      <div class="line">
        <a class="number" href={href({ slug: prompt.slug, ref: name })}>
          {version}
        </a>
        {prompt.tags.value
          .filter((tag) => tag.version === version)
          .map(({ tag }) => (
            <span key={tag} class={`chip ${tag === "production" ? "production" : ""}`}>
              {tag}
            </span>
          ))}
        <span class="grow" />
        <span class="soft">
          {author ?? ""} <Time at={createdAt} />
        </span>
      </div>
      {commitMessage ? (
        <p class="commit-message">{commitMessage}</p>
      ) : (
        <p class="commit-message soft">{texts.history.noMessage}</p>
      )}
      <div class="line actions">
        <label>
          <input
            type="radio"
            name="from"
            checked={name === from}
            onChange={() => change({ a: name, b: to }, { replace: true })}
          />{" "}
          {texts.history.fromRadio}
          <span class="hidden"> {version}</span>
        </label>
        <label>
          <input
            type="radio"
            name="to"
            checked={name === to}
            onChange={() => change({ a: from, b: name }, { replace: true })}
          />{" "}
          {texts.history.toRadio}
          <span class="hidden"> {version}</span>
        </label>
        <span class="grow" />
        <a
          class="button ghost"
          href={href({ slug: prompt.slug, ref: name, params: { tab: "json" } })}
          aria-label={texts.history.sourceLabel(version)}
        >
          {texts.history.source}
        </a>
        {mayWrite.value && (
          <>
            <Button kind="ghost" onClick={takeOver} aria-label={texts.history.editLabel(version)}>
              {texts.history.edit}
            </Button>
            <a
              class="button ghost"
              href={href({ slug: prompt.slug, ref: name, view: "move" })}
              aria-label={texts.history.moveLabel(version)}
            >
              {texts.view.move}
            </a>
          </>
        )}
      </div>
    </li>
  );
}

function Compared({ prompt, from, to }: { readonly prompt: OpenPrompt; readonly from: string; readonly to: string }) {
  const before = useDocument(prompt, from);
  const after = useDocument(prompt, to);
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    setReady(false);
    const frame = requestAnimationFrame(() => setReady(true));
    return () => cancelAnimationFrame(frame);
  }, [before.value, after.value]);
  const name = (ref: string) => (ref === "draft" ? texts.history.myDraft : texts.history.version(ref));
  return (
    <>
      <h2>
        {name(from)} → {name(to)}
      </h2>
      <Load of={before}>
        {(one) => (
          <Load of={after}>
            {(two) =>
              isReady ? (
                <>
                  <DiffView diff={diffDocuments(one, two)} />
                  <h3>{texts.caseDiff.title}</h3>
                  <CaseDiffs prompt={prompt} before={one} after={two} />
                </>
              ) : (
                <div class="empty" aria-busy="true" />
              )
            }
          </Load>
        )}
      </Load>
    </>
  );
}
