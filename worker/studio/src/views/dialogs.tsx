/** Actions on a prompt as a whole: make, duplicate, describe, share, delete; and discarding a draft. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";

import { ApiError } from "../api/client.ts";
import * as store from "../api/store.ts";
import type { JsonObject } from "cuecard";
import type { PromptInfo } from "cuecard/admin";
import { same } from "../document/content.ts";
import { Dialog } from "../parts/dialog.tsx";
import { JsonField } from "../parts/json-field.tsx";
import { Button, Field } from "../parts/parts.tsx";
import { go, route } from "../route.ts";
import * as backup from "../state/backup.ts";
import * as list from "../state/list.ts";
import { attempt, describe, tell } from "../state/notices.ts";
import { begin, open, type OpenPrompt, shown } from "../state/prompt.ts";
import { api, mayWrite, self } from "../state/session.ts";
import { tellUndo } from "../state/undo.ts";
import { texts } from "../texts.ts";

export const promptDialog = signal<"begin" | "anew" | "duplicate" | "describe" | "discard" | "remove" | undefined>(
  undefined,
);
const SLUG = "[A-Za-z0-9][A-Za-z0-9._\\-]*(/[A-Za-z0-9][A-Za-z0-9._\\-]*)*";

/** The menu of the open prompt. */
export function promptActions(): { readonly label: string; readonly run: () => void }[] {
  const prompt = open.value;
  if (!prompt || !mayWrite.value) return [];
  const isOwner = prompt.info.value?.project === self.value?.project;
  const all = [
    { dialog: "duplicate", may: prompt.info.value !== undefined },
    { dialog: "describe", may: isOwner },
    { dialog: "discard", may: prompt.draft.exists.value },
    { dialog: "remove", may: isOwner },
  ] as const;
  return all
    .filter(({ may }) => may)
    .map(({ dialog }) => ({ label: texts.menu[dialog], run: () => (promptDialog.value = dialog) }));
}

export function PromptDialogs() {
  const prompt = open.value;
  const close = () => (promptDialog.value = undefined);
  if (!prompt) return null;
  switch (promptDialog.value) {
    case "begin":
      return <NewPrompt slug={prompt.slug} close={close} />;
    case "anew":
      return <NewPrompt slug={`${prompt.slug}-copy`} of={prompt} close={close} />;
    case "duplicate":
      return <Duplicate prompt={prompt} close={close} />;
    case "describe":
      return <Describe prompt={prompt} close={close} />;
    case "discard":
      return <Discard prompt={prompt} close={close} />;
    case "remove":
      return <Remove prompt={prompt} close={close} />;
    case undefined:
      return null;
  }
}

function SlugField(props: {
  readonly value: string;
  readonly set: (slug: string) => void;
  readonly problem?: string;
  /** Whether something else has the focus first. */
  readonly isLater?: boolean;
}) {
  return (
    <Field label={texts.newPrompt.slug} hint={texts.newPrompt.slugHint} problem={props.problem}>
      {(ids) => (
        <input
          {...ids}
          data-focus={props.isLater ? undefined : true}
          required
          pattern={SLUG}
          maxLength={200}
          autocomplete="off"
          spellcheck={false}
          placeholder={texts.example.slug}
          value={props.value}
          onInput={(event) => props.set(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** `of`: a prompt that has gone, whose draft continues under the new name. */
export function NewPrompt(props: { readonly slug?: string; readonly of?: OpenPrompt; readonly close: () => void }) {
  const { slug: first, of, close } = props;
  const [slug, setSlug] = useState(first ?? folderOfOpen());
  const isTaken = list.entries.value.some((entry) => entry.slug === slug);
  const submit = () => {
    if (isTaken) return;
    close();
    const document = of?.draft.document.value;
    of?.draft.abandon();
    begin(slug, document);
    if (of) backup.drop(of.slug);
    go({ slug, ref: "draft" });
    list.drafts.value = [...list.drafts.value, { slug }];
  };
  return (
    <Dialog
      title={texts.newPrompt.title}
      close={close}
      submit={submit}
      actions={
        <>
          <Button kind="primary" type="submit">
            {texts.newPrompt.ok}
          </Button>
          <Button onClick={close}>{texts.cancel}</Button>
        </>
      }
    >
      <SlugField value={slug} set={setSlug} {...(isTaken && { problem: texts.newPrompt.taken })} />
      <p class="hint">{texts.newPrompt.about}</p>
    </Dialog>
  );
}

/** A new prompt often stands beside the one that is open. */
const folderOfOpen = (): string => {
  const slug = open.value?.slug ?? "";
  return slug.slice(0, slug.lastIndexOf("/") + 1);
};

interface Props {
  readonly prompt: OpenPrompt;
  readonly close: () => void;
}

function Duplicate({ prompt, close }: Props) {
  const [slug, setSlug] = useState(`${prompt.slug}-copy`);
  const [problem, setProblem] = useState("");
  const version = shown.value?.version?.version ?? prompt.draft.base.value ?? prompt.latest;
  const submit = async () => {
    try {
      await store.duplicate(api(), prompt.slug, { slug, ...(version && { version }) });
      close();
      await list.load();
      go({ slug });
      tell(texts.duplicate.done(slug));
    } catch (error) {
      setProblem(describe(error));
    }
  };
  return (
    <Dialog
      title={texts.duplicate.title(version)}
      close={close}
      submit={() => void submit()}
      problem={problem}
      actions={<Actions ok={texts.duplicate.ok} close={close} />}
    >
      <SlugField value={slug} set={setSlug} />
    </Dialog>
  );
}

function Describe({ prompt, close }: Props) {
  const info = prompt.info.value;
  /** The state that the author has seen, and may overwrite. */
  const [seen, setSeen] = useState(info);
  const [name, setName] = useState(info?.name ?? "");
  const [description, setDescription] = useState(info?.description ?? "");
  const [scope, setScope] = useState(info?.scope ?? "project");
  const [labels, setLabels] = useState(info?.labels ?? {});
  const [slug, setSlug] = useState(prompt.slug);
  const [problem, setProblem] = useState("");
  const submit = async () => {
    try {
      // The draft moves with its prompt: nothing may be saved under the old name afterwards.
      await prompt.draft.flush();
      const own = { name: name || null, description: description || null, scope, labels };
      const body = { ...changed(own, said(seen)), ...(slug !== prompt.slug && { slug }) };
      if (Object.keys(body).length > 0) prompt.info.value = await update(prompt, body, seen);
      close();
      if (slug !== prompt.slug) {
        prompt.draft.abandon();
        go({ ...route.value, slug }, { replace: true });
        tell(texts.describe.renamed(slug));
      }
      void list.load();
    } catch (error) {
      // It may have been deleted or renamed meanwhile.
      if (isGone(error)) await prompt.reload().catch(() => undefined);
      if (!isRace(error)) return setProblem(prompt.gone.value ? texts.gone.text(prompt.gone.value) : describe(error));
      const now = said(prompt.info.value);
      setSeen(prompt.info.value);
      setProblem(texts.describe.race(now.name ?? "", now.description ?? ""));
    }
  };
  return (
    <Dialog
      title={texts.describe.title}
      close={close}
      submit={() => void submit()}
      problem={problem}
      actions={<Actions ok={texts.save.ok} close={close} />}
    >
      <SlugField value={slug} set={setSlug} isLater />
      {slug !== prompt.slug && <p class="banner">{texts.describe.renaming}</p>}
      <Field label={texts.describe.name}>
        {(ids) => (
          <input
            {...ids}
            data-focus
            maxLength={200}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={texts.describe.description}>
        {(ids) => (
          <textarea
            {...ids}
            rows={4}
            maxLength={4000}
            value={description}
            onInput={(event) => setDescription(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={texts.describe.scope} hint={texts.scope[scope]}>
        {(ids) => (
          <select
            {...ids}
            value={scope}
            onChange={(event) => setScope(event.currentTarget.value === "organization" ? "organization" : "project")}
          >
            <option value="project">{texts.describe.project}</option>
            <option value="organization">{texts.describe.organization}</option>
          </select>
        )}
      </Field>
      <Field label={texts.describe.labels} hint={texts.describe.labelsHint}>
        {() => (
          <JsonField
            label={texts.describe.labels}
            rows={2}
            placeholder={texts.example.labels}
            value={info?.labels}
            isObject
            change={(value) => setLabels((value ?? {}) as JsonObject)}
          />
        )}
      </Field>
    </Dialog>
  );
}

const isRace = (error: unknown): boolean => error instanceof ApiError && error.status === 412;
const isGone = (error: unknown): boolean => error instanceof ApiError && (error.status === 404 || error.status === 409);

type DescribedFields = Required<Pick<Parameters<typeof store.update>[2], "name" | "description" | "scope" | "labels">>;

const said = ({ name, description, scope, labels }: Partial<PromptInfo> = {}): DescribedFields => ({
  name: name ?? null,
  description: description ?? null,
  scope: scope ?? "project",
  labels: labels ?? {},
});

/** The fields that differ. */
const changed = (now: DescribedFields, before: DescribedFields): Partial<DescribedFields> =>
  Object.fromEntries(
    Object.entries(now).filter(([field, value]) => !same(value, before[field as keyof DescribedFields])),
  );

/** Saves the changed fields, unless somebody else changed the same ones since `seen`. Commits and changes of other fields
 * do not conflict. */
async function update(prompt: OpenPrompt, body: Parameters<typeof store.update>[2], seen: PromptInfo | undefined) {
  try {
    return await store.update(api(), prompt.slug, body, seen?.revision);
  } catch (error) {
    if (!isRace(error)) throw error;
  }
  await prompt.reload();
  const theirs = changed(said(prompt.info.value), said(seen));
  if (Object.keys(theirs).some((field) => field in body)) throw new ApiError(412, "precondition_failed", "");
  return store.update(api(), prompt.slug, body, prompt.info.value?.revision);
}

function Discard({ prompt, close }: Props) {
  const submit = () =>
    attempt(async () => {
      const back = await prompt.draft.discard();
      close();
      go({ slug: prompt.slug }, { replace: true });
      void list.load();
      tellUndo(texts.discard.done, back && (() => prompt.revive(back)));
      if (prompt.history.value.length === 0) prompt.state.value = "missing";
    });
  return (
    <Dialog
      title={texts.discard.title}
      close={close}
      submit={() => void submit()}
      actions={<Actions ok={texts.discard.ok} close={close} isDanger />}
    >
      <p>{texts.discard.about}</p>
    </Dialog>
  );
}

function Remove({ prompt, close }: Props) {
  const submit = () =>
    attempt(async () => {
      const document = prompt.draft.document.value;
      if (prompt.info.value) {
        // The draft is deleted and restored with its prompt.
        await prompt.draft.flush();
        await store.remove(api(), prompt.slug);
        prompt.draft.abandon();
      } else await prompt.draft.discard();
      close();
      open.value = undefined;
      go({});
      await list.load();
      const restore = () =>
        void attempt(async () => {
          await store.restore(api(), prompt.slug);
          await list.load();
          go({ slug: prompt.slug });
        });
      const again = () => {
        begin(prompt.slug, document);
        go({ slug: prompt.slug, ref: "draft" });
      };
      tell(texts.remove.done(prompt.slug), {
        action: prompt.info.value ? { label: texts.remove.restore, run: restore } : { label: texts.undo, run: again },
      });
    });
  return (
    <Dialog
      title={texts.remove.title(prompt.slug)}
      close={close}
      submit={() => void submit()}
      actions={<Actions ok={texts.remove.ok} close={close} isDanger />}
    >
      <p>{texts.remove.about}</p>
    </Dialog>
  );
}

function Actions(props: { readonly ok: string; readonly close: () => void; readonly isDanger?: boolean }) {
  return (
    <>
      <Button
        kind={props.isDanger ? "danger" : "primary"}
        type="submit"
        {...(props.isDanger && { "data-focus": true })}
      >
        {props.ok}
      </Button>
      <Button onClick={props.close}>{texts.cancel}</Button>
    </>
  );
}
