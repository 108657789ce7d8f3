/** Whose session this is: the key, what it may do, and whose drafts these are. */
import { useState } from "preact/hooks";

import { Dialog } from "../parts/dialog.tsx";
import { Button, Field } from "../parts/parts.tsx";
import { change, route } from "../route.ts";
import { tell } from "../state/notices.ts";
import { open } from "../state/prompt.ts";
import { author, hasLetterKeys, leave, self, setAuthor, setLetterKeys } from "../state/session.ts";
import { texts } from "../texts.ts";

export function Who({ close }: { readonly close: () => void }) {
  const [name, setName] = useState(author.value);
  const [isLettered, setLettered] = useState(hasLetterKeys.value);
  const own = self.value;
  if (!own) return null;
  const submit = async () => {
    close();
    setLetterKeys(isLettered);
    if (name.trim() === author.value) return;
    // What is typed so far is the draft of who typed it.
    await open.value?.draft.flush();
    setAuthor(name);
    // Of the next author there may be no draft.
    if (route.value.ref === "draft") change({ ref: "", author: undefined }, { replace: true });
    tell(texts.saved);
  };
  return (
    <Dialog
      title={texts.who.title}
      close={close}
      submit={() => void submit()}
      actions={
        <>
          <Button kind="primary" type="submit">
            {texts.save.ok}
          </Button>
          <Button onClick={close}>{texts.cancel}</Button>
          <span class="grow" />
          <Button
            kind="ghost"
            onClick={() => {
              close();
              void open.value?.draft.flush().finally(leave);
              if (!open.value) leave();
            }}
          >
            {texts.who.leave}
          </Button>
        </>
      }
    >
      <dl class="pairs">
        <dt>{texts.keyList.project}</dt>
        <dd>{own.project}</dd>
        <dt>{texts.gate.key}</dt>
        <dd>
          {own.name ?? ""} <code class="soft">{own.key}</code>
        </dd>
        <dt>{texts.keyList.role}</dt>
        <dd>
          {own.role} – {texts.role[own.role]}
        </dd>
      </dl>
      <Field label={texts.who.author} hint={texts.who.authorHint}>
        {(ids) => (
          <input
            {...ids}
            data-focus
            maxLength={100}
            autocomplete="name"
            placeholder={own.name ?? own.key}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <label class="check">
        <input type="checkbox" checked={isLettered} onChange={(event) => setLettered(event.currentTarget.checked)} />{" "}
        {texts.who.letterKeys}
      </label>
    </Dialog>
  );
}
