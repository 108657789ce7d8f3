/** The frame: rail, the open view, palette and notices; and the keys that work everywhere. */
import { useEffect } from "preact/hooks";

import { awaited } from "../api/client.ts";
import { modals } from "../parts/modal.ts";
import { NextKey } from "../parts/next-key.tsx";
import { Notices } from "../parts/notices.tsx";
import { Button, Icon } from "../parts/parts.tsx";
import { go, href, route } from "../route.ts";
import { author, hasLetterKeys, hasStarted, mayAdmin, mayWrite, self } from "../state/session.ts";
import { redo, undo } from "../state/prompt.ts";
import { texts } from "../texts.ts";
import { AdminView } from "./admin/admin.tsx";
import { NewPrompt } from "./dialogs.tsx";
import { Frame } from "./frame.tsx";
import { Gate } from "./gate.tsx";
import { Guard } from "./guard.tsx";
import { isNewOpen, isPaletteOpen, isRailOpen, isWhoOpen } from "./opened.ts";
import { Palette } from "./palette.tsx";
import { PromptView } from "./prompt.tsx";
import { Rail } from "./rail.tsx";
import { runNow } from "./run.tsx";
import { askCommit } from "./commit.tsx";
import { Welcome } from "./welcome.tsx";
import { Who } from "./who.tsx";

export function Shell() {
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const { slug, admin } = route.value;
  useEffect(() => {
    document.title = slug ? `${slug} – ${texts.product}` : texts.product;
    isRailOpen.value = false;
  }, [slug, admin]);
  if (!self.value) return hasStarted.value ? <Gate /> : <Frame />;
  return (
    <>
      {awaited.value > 0 && <div class="awaited" />}
      <header class="top">
        <a
          class="skip"
          href={location.hash}
          onClick={(event) => (event.preventDefault(), document.getElementById("main")?.focus())}
        >
          {texts.skip}
        </a>
        <Icon
          name={texts.rail.toggle}
          sign="☰"
          class="icon drawer"
          aria-expanded={isRailOpen.value}
          onClick={() => (isRailOpen.value = !isRailOpen.value)}
        />
        <a class="brand" href={href({})}>
          {texts.product}
        </a>
        <Button class="find" onClick={() => (isPaletteOpen.value = true)}>
          <span>{texts.palette.open}</span> <kbd>{texts.keys.palette}</kbd>
        </Button>
        <span class="grow" />
        {mayAdmin.value && (
          <a class="button ghost" href={href({ admin: "keys" })} aria-current={admin ? "page" : undefined}>
            {texts.admin.open}
          </a>
        )}
        <Button kind="ghost" class="who" aria-haspopup="dialog" onClick={() => (isWhoOpen.value = true)}>
          <span class="hidden">{texts.who.title}: </span>
          {author.value || self.value.project}
          <span class="role">· {self.value.role}</span>
        </Button>
      </header>
      <Rail isOpen={isRailOpen.value} />
      {isRailOpen.value && <div class="shade" onClick={() => (isRailOpen.value = false)} />}
      <main id="main" tabIndex={-1}>
        <NextKey />
        <Guard isPage>
          {slug ? <PromptView key={slug} slug={slug} /> : admin ? <AdminView view={admin} /> : <Welcome />}
        </Guard>
      </main>
      {isPaletteOpen.value && <Palette close={() => (isPaletteOpen.value = false)} />}
      {isNewOpen.value && <NewPrompt close={() => (isNewOpen.value = false)} />}
      {isWhoOpen.value && <Who close={() => (isWhoOpen.value = false)} />}
      {modals.value === 0 && <Notices />}
    </>
  );
}

function onKey(event: KeyboardEvent): void {
  if (!self.value) return;
  const isTyping =
    event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
  const isCommand = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const done = (action: () => void) => {
    event.preventDefault();
    action();
  };
  if (document.querySelector("dialog[open]")) {
    // The browser's own dialogs are not what is meant.
    if (isCommand && (key === "s" || key === "k")) event.preventDefault();
    return;
  }
  if (isCommand && key === "k") done(() => (isPaletteOpen.value = true));
  else if (isCommand && key === "s" && route.value.slug) done(askCommit);
  else if (isCommand && key === "enter" && route.value.slug) done(() => void runNow());
  else if (isCommand && !isTyping && key === "z") done(event.shiftKey ? redo : undo);
  else if (isCommand && !isTyping && key === "y") done(redo);
  else if (isTyping || isCommand || event.altKey || !hasLetterKeys.value) return;
  else if (key === "/") done(() => document.getElementById("filter")?.focus());
  else if (key === "n" && mayWrite.value) done(() => (isNewOpen.value = true));
  else if ("12345".includes(key) && route.value.slug) {
    const view = (["edit", "run", "compare", "history", "move"] as const)[Number(key) - 1];
    if (view) done(() => go({ ...route.value, view }));
  }
}
