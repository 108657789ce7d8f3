/** The command palette: prompts first, then commands. */
import { useMemo, useRef, useState } from "preact/hooks";

import { useModal } from "../parts/modal.ts";
import { NextKey } from "../parts/next-key.tsx";
import { Notices } from "../parts/notices.tsx";
import { ADMIN, go, route, VIEWS } from "../route.ts";
import { entries } from "../state/list.ts";
import { open, redo, undo } from "../state/prompt.ts";
import { mayAdmin, mayWrite } from "../state/session.ts";
import { texts } from "../texts.ts";
import { askCommit } from "./commit.tsx";
import { promptActions } from "./dialogs.tsx";
import { runNow } from "./run.tsx";
import { isNewOpen, isWhoOpen } from "./opened.ts";

interface PaletteItem {
  readonly label: string;
  readonly more?: string | undefined;
  readonly run: () => void;
}

const MOST = 50;

export function Palette({ close }: { readonly close: () => void }) {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog, close);
  const items = useMemo(() => rank(query), [query, entries.value]);
  const run = (item: PaletteItem | undefined) => {
    if (!item) return;
    close();
    item.run();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = Math.min(items.length - 1, Math.max(0, at + step));
      setAt(next);
      document.getElementById(`item-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      run(items[at]);
    }
  };
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label={texts.palette.open}
      onClose={close}
      onMouseDown={(event) => event.target === event.currentTarget && close()}
    >
      <NextKey />
      <input
        data-focus
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-items"
        aria-activedescendant={items.length > 0 ? `item-${at}` : undefined}
        aria-label={texts.palette.label}
        placeholder={texts.palette.label}
        autocomplete="off"
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <ul id="palette-items" role="listbox" aria-label={texts.palette.open}>
        {items.map((item, index) => (
          <li
            key={index}
            id={`item-${index}`}
            role="option"
            aria-selected={index === at}
            onMouseMove={() => setAt(index)}
            onClick={() => run(item)}
          >
            <span>{item.label}</span>
            {item.more && <span class="soft">{item.more}</span>}
          </li>
        ))}
        {items.length === 0 && (
          <li role="option" aria-selected="false" aria-disabled="true" class="soft">
            {texts.palette.none}
          </li>
        )}
      </ul>
      <Notices />
    </dialog>
  );
}

function rank(query: string): PaletteItem[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const prompts = entries.value
    .filter(({ slug, info }) => fits(`${slug} ${info?.name ?? ""} ${info?.description ?? ""}`))
    .slice(0, MOST)
    .map(
      ({ slug, info }): PaletteItem => ({
        label: slug,
        more: info?.name ?? info?.description,
        run: () => go({ slug }),
      }),
    );
  const actions = commands().filter(({ label }) => fits(label));
  return words.length > 0 ? [...prompts, ...actions] : [...actions, ...prompts];
}

function commands(): PaletteItem[] {
  const { slug } = route.value;
  const here: PaletteItem[] = slug
    ? [
        ...VIEWS.map((view) => ({
          label: texts.palette.view(texts.view[view]),
          more: slug,
          run: () => go({ ...route.value, view }),
        })),
        { label: texts.run.now, more: texts.keys.run, run: () => void runNow() },
        ...(open.value?.draft.exists.value
          ? [
              { label: texts.commit.open, more: texts.keys.commit, run: askCommit },
              { label: texts.palette.undo, more: texts.keys.undo, run: undo },
              { label: texts.palette.redo, more: texts.keys.redo, run: redo },
            ]
          : []),
        ...promptActions().map(({ label, run }) => ({ label, more: slug, run })),
      ]
    : [];
  return [
    ...here,
    ...(mayWrite.value ? [{ label: texts.newPrompt.open, more: "n", run: () => (isNewOpen.value = true) }] : []),
    { label: texts.who.title, run: () => (isWhoOpen.value = true) },
    ...ADMIN.filter((name) => mayAdmin.value || (mayWrite.value && (name === "deleted" || name === "audit"))).map(
      (admin) => ({
        label: texts.admin[admin],
        run: () => go({ admin }),
      }),
    ),
  ];
}
