/** The commit dialog: the draft becomes a version. */
import { batch, signal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { ApiError } from "../api/client.ts";
import * as store from "../api/store.ts";
import { diffDocuments } from "../document/diff.ts";
import { DiffView } from "../parts/diff.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Button, Field } from "../parts/parts.tsx";
import { change } from "../route.ts";
import { evaluation } from "../state/inputs.ts";
import * as list from "../state/list.ts";
import { attempt, describe, tell } from "../state/notices.ts";
import { contentOf, open, type OpenPrompt } from "../state/prompt.ts";
import { api, author, mayWrite } from "../state/session.ts";
import { texts } from "../texts.ts";

export const isCommitOpen = signal(false);

/** Opens the dialog if there is something to commit. */
export function askCommit(): void {
  if (!mayWrite.value) return;
  if (open.value?.draft.exists.value) isCommitOpen.value = true;
  else tell(texts.commit.nothing);
}

/** Unfinished commit messages by slug: closing the dialog keeps them. */
const messages = new Map<string, string>();

export function Commit({ prompt, close }: { readonly prompt: OpenPrompt; readonly close: () => void }) {
  const [message, setMessage] = useState(messages.get(prompt.slug) ?? "");
  const [tags, setTags] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const { draft } = prompt;
  const document = draft.document.value;
  const latest = prompt.history.value[0];
  const isOvertaken = latest !== undefined && (draft.base.value ?? 0) < latest.version;
  const isFirst = prompt.history.value.length === 0;
  const hindrance = hindranceOf(prompt);
  // Longer texts take longer to compare than a keystroke in the message may.
  const diff = useMemo(() => latest && document && diffDocuments(contentOf(latest), document), [latest, document]);

  /** The version that the author has had time to look at: the latest when the dialog opened, or when it last said that
   * there is a newer one. */
  const known = useRef(latest?.version);
  const tellRace = () => {
    known.current = prompt.latest;
    setProblem(texts.commit.race);
  };

  // Commits since the draft began must be visible before this commit, not after.
  const checked = useRef<Promise<unknown> | undefined>(undefined);
  useEffect(() => {
    checked.current = Promise.all([draft.flush(), prompt.reload()]).catch((failed: unknown) =>
      setProblem(describe(failed)),
    );
  }, []);

  const submit = async () => {
    setBusy(true);
    setProblem("");
    try {
      await checked.current;
      if (prompt.latest !== latest?.version) return tellRace();
      if (isOvertaken) await draft.rebase(latest.version);
      else await draft.flush();
      if (draft.status.value !== "saved" || draft.revision === undefined) {
        setProblem(
          draft.status.value === "conflict" ? texts.commit.conflict : draft.problem.value || texts.commit.unsaved,
        );
        return;
      }
      const done = await store.commitDraft(api(), prompt.slug, {
        author: author.value,
        revision: draft.revision,
        body: { ...(message.trim() && { commitMessage: message.trim() }), ...(tags.length > 0 && { tags }) },
      });
      batch(() => {
        prompt.add(done);
        draft.clear();
        messages.delete(prompt.slug);
        close();
      });
      change({ ref: String(done.version), author: undefined }, { replace: true });
      tell(texts.commit.done(done.version, done.created === false));
      // It is committed, whatever the server says after.
      await attempt(() => prompt.reload());
      void list.load();
    } catch (failed) {
      if (failed instanceof ApiError && failed.status === 412) {
        await Promise.all([prompt.reload(), draft.refresh()]).catch(() => undefined);
        tellRace();
      } else setProblem(describe(failed));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={texts.commit.title(prompt.slug)}
      wide
      close={close}
      submit={() => void submit()}
      problem={problem}
      actions={
        <>
          <Button kind="primary" type="submit" disabled={isBusy || hindrance !== undefined}>
            {isBusy ? texts.working : isOvertaken ? texts.commit.onTop(latest.version) : texts.commit.ok}
          </Button>
          <Button onClick={close}>{texts.cancel}</Button>
        </>
      }
    >
      {hindrance && <p class="problem">{hindrance}</p>}
      {isOvertaken && (
        <p class="banner">
          {texts.commit.overtaken(draft.base.value, latest.version, latest.author, latest.commitMessage)}
        </p>
      )}
      <Field label={texts.commit.message}>
        {(ids) => (
          <textarea
            {...ids}
            data-focus
            rows={2}
            value={message}
            onInput={(event) => {
              setMessage(event.currentTarget.value);
              messages.set(prompt.slug, event.currentTarget.value);
            }}
            onKeyDown={(event) => {
              // Enter commits; Shift+Enter makes a line, for a message of several. The button names the version that it
              // commits on top of, and Enter in a message does not.
              if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
              event.preventDefault();
              if (!isBusy && known.current !== latest?.version) tellRace();
              else event.currentTarget.form?.requestSubmit();
            }}
          />
        )}
      </Field>
      {isFirst ? (
        <p class="hint">{texts.commit.first}</p>
      ) : (
        <fieldset class="checks">
          <legend>{texts.commit.tags}</legend>
          {prompt.tags.value.map(({ tag, version }) => (
            <label key={tag}>
              <input
                type="checkbox"
                checked={tags.includes(tag)}
                onChange={(event) =>
                  setTags(event.currentTarget.checked ? [...tags, tag] : tags.filter((other) => other !== tag))
                }
              />{" "}
              {texts.commit.tag(tag, version)}
            </label>
          ))}
        </fieldset>
      )}
      {latest && diff && (
        <section>
          <h3>{texts.commit.changes(latest.version)}</h3>
          <DiffView diff={diff} />
        </section>
      )}
    </Dialog>
  );
}

/** The reason why the draft cannot be committed as it is. */
function hindranceOf({ draft, gone }: OpenPrompt): string | undefined {
  if (gone.value) return texts.gone.text(gone.value);
  if (draft.raw.value !== undefined) return texts.commit.raw;
  const error = evaluation.value?.error;
  return error && texts.commit.broken(error.message);
}
