/** One prompt: its head with what is shown and what can be done, and the views below. */
import { Button, Empty, Icon } from "../parts/parts.tsx";
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { change, go, href, route, VIEWS } from "../route.ts";
import { attempt } from "../state/notices.ts";
import { isOwn, open, shown, shownProblem } from "../state/prompt.ts";
import { mayWrite } from "../state/session.ts";
import { texts } from "../texts.ts";
import { askCommit, Commit, isCommitOpen } from "./commit.tsx";
import { Compare } from "./compare.tsx";
import { PromptDialogs, promptActions, promptDialog } from "./dialogs.tsx";
import { DraftState } from "./draft-state.tsx";
import { Edit } from "./edit/edit.tsx";
import { History } from "./history.tsx";
import { Move } from "./move.tsx";
import { Run } from "./run.tsx";

export const isMenuOpen = signal(false);
/** The button that opens the menu, and has the focus again when it closes. */
const MENU = "menu";

export function PromptView({ slug }: { readonly slug: string }) {
  const prompt = open.value;
  if (!prompt || prompt.slug !== slug || prompt.state.value === "loading") return <Skeleton slug={slug} />;
  if (prompt.state.value === "failed")
    return (
      <Empty isPage title={texts.prompt.failed}>
        <p class="problem">{prompt.problem.value}</p>
        <Button onClick={() => void prompt.load()}>{texts.retry}</Button>
      </Empty>
    );
  if (prompt.state.value === "missing")
    return (
      <Empty isPage title={texts.prompt.missing(slug)}>
        <p>{mayWrite.value ? texts.prompt.missingHint : texts.prompt.missingForReader}</p>
        {mayWrite.value && (
          <Button kind="primary" onClick={() => (promptDialog.value = "begin")}>
            {texts.prompt.begin}
          </Button>
        )}
        <PromptDialogs />
      </Empty>
    );
  const { view } = route.value;
  return (
    <>
      <Head />
      <DraftState />
      {view === "history" ? (
        <History prompt={prompt} />
      ) : view === "move" ? (
        <Move prompt={prompt} />
      ) : view === "compare" ? (
        <Compare prompt={prompt} />
      ) : !shown.value ? (
        <Nothing />
      ) : view === "run" ? (
        <Run prompt={prompt} />
      ) : (
        <Edit />
      )}
      {isCommitOpen.value && <Commit prompt={prompt} close={() => (isCommitOpen.value = false)} />}
      <PromptDialogs />
    </>
  );
}

/** The prompt is loading, or does not exist. */
function Nothing() {
  const { ref } = route.value;
  const problem = shownProblem.value;
  if (problem) return <Empty title={texts.prompt.noRef(ref)}>{<p class="problem">{problem}</p>}</Empty>;
  if (open.value?.resolve(ref) === undefined || ref === "draft")
    return (
      <Empty title={ref === "draft" ? texts.prompt.noDraft : texts.prompt.noRef(ref)}>
        <p>{ref === "draft" ? texts.prompt.noDraftHint : ""}</p>
        <a class="button" href={href({ slug: route.value.slug, ref: "latest" })}>
          {texts.prompt.showLatest}
        </a>
      </Empty>
    );
  return <div class="empty" aria-busy="true" />;
}

function Skeleton({ slug }: { readonly slug: string }) {
  return (
    <div class="head" aria-busy="true">
      <div class="head-line">
        <h1>{slug}</h1>
      </div>
      <div class="views">
        {VIEWS.map((view) => (
          <span key={view}>{texts.view[view]}</span>
        ))}
      </div>
    </div>
  );
}

function Head() {
  const prompt = open.value;
  const now = shown.value;
  if (!prompt) return null;
  const { slug, view } = route.value;
  const folder = slug.slice(0, slug.lastIndexOf("/") + 1);
  const info = prompt.info.value;
  const hasDraft = prompt.draft.exists.value;
  const canMove = mayWrite.value && prompt.history.value.length > 0;
  return (
    <div class="head">
      <div class="head-line">
        <h1 title={slug}>
          <span class="soft">{folder}</span>
          {slug.slice(folder.length)}
        </h1>
        <RefSelect />
        <SaveState />
        <span class="grow" />
        {canMove && (
          <a
            class="button to-move"
            href={href({ slug, ref: String(now?.version?.version ?? ""), view: "move", params: moveParams() })}
          >
            {texts.move.open}
          </a>
        )}
        {mayWrite.value && (
          <Button kind="primary" disabled={!hasDraft} onClick={askCommit} title={texts.keys.commit}>
            {texts.commit.open}
          </Button>
        )}
        <div class="menu">
          <Icon
            id={MENU}
            name={texts.menu.open}
            sign="⋯"
            aria-expanded={isMenuOpen.value}
            aria-haspopup="menu"
            onClick={() => (isMenuOpen.value = !isMenuOpen.value)}
          />
          {isMenuOpen.value && <Menu />}
        </div>
      </div>
      {info && (info.name || info.description || Object.keys(info.labels ?? {}).length > 0) && (
        <p class="about">
          {info.name && <b>{info.name} </b>}
          {info.description}
          {Object.entries(info.labels ?? {}).map(([name, value]) => (
            <span key={name} class="chip quiet">
              {name}: {typeof value === "string" ? value : JSON.stringify(value)}
            </span>
          ))}
        </p>
      )}
      <nav class="views" aria-label={texts.prompt.views}>
        {VIEWS.map((name) => (
          <a key={name} href={href({ ...route.value, view: name })} aria-current={name === view ? "page" : undefined}>
            {texts.view[name]}
          </a>
        ))}
      </nav>
    </div>
  );
}

const moveParams = (): Record<string, string> => {
  const to = route.value.params["to"];
  return to ? { to } : {};
};

function SaveState() {
  const draft = open.value?.draft;
  if (!draft || !draft.exists.value) return <span class="state" />;
  const status = draft.raw.value !== undefined && draft.status.value === "saved" ? "kept" : draft.status.value;
  return (
    <span class={`state ${status}`} role="status">
      {texts.save[status]}
    </span>
  );
}

/** The selector of the shown content: my draft, another's, a tag, a version. */
function RefSelect() {
  const prompt = open.value;
  if (!prompt) return null;
  const { ref, params } = route.value;
  const other = params["author"];
  const resolved = prompt.resolve(ref);
  const value =
    other && !isOwn(other)
      ? `author ${other}`
      : ref ||
        (resolved === "draft"
          ? "draft"
          : prompt.tags.value.some(({ tag }) => tag === "production")
            ? "production"
            : "latest");
  const known = new Set([
    "draft",
    "latest",
    ...prompt.tags.value.map(({ tag }) => tag),
    ...prompt.history.value.map(({ version }) => String(version)),
  ]);
  const others = prompt.drafts.value.filter(({ author }) => author !== undefined && !isOwn(author));
  return (
    <select
      class="ref"
      aria-label={texts.prompt.shown}
      value={value}
      onChange={(event) => {
        const chosen = event.currentTarget.value;
        if (chosen.startsWith("author ")) change({ ref: "draft", author: chosen.slice(7) });
        else change({ ref: chosen, author: undefined });
      }}
    >
      {(prompt.draft.exists.value || value === "draft") && (
        <option value="draft">{texts.prompt.myDraft(prompt.draft.base.value)}</option>
      )}
      {others.length > 0 && (
        <optgroup label={texts.prompt.otherDrafts}>
          {others.map(({ author = "", updatedBy }) => (
            <option key={author} value={`author ${author}`}>
              {texts.prompt.draftOf(updatedBy ?? author)}
            </option>
          ))}
        </optgroup>
      )}
      {prompt.history.value.length > 0 && (
        <optgroup label={texts.prompt.tags}>
          {prompt.tags.value.map(({ tag, version }) => (
            <option key={tag} value={tag}>
              {tag} → {version}
            </option>
          ))}
          <option value="latest">
            {texts.prompt.latest} → {prompt.latest}
          </option>
        </optgroup>
      )}
      {prompt.history.value.length > 0 && (
        <optgroup label={texts.prompt.versions}>
          {prompt.history.value.map(({ version, commitMessage }) => (
            <option key={version} value={String(version)}>
              {version}
              {commitMessage ? ` – ${commitMessage.split("\n")[0]?.slice(0, 60)}` : ""}
            </option>
          ))}
        </optgroup>
      )}
      {!known.has(value) && !value.startsWith("author ") && <option value={value}>{value}</option>}
    </select>
  );
}

function Menu() {
  const prompt = open.value;
  const close = () => {
    isMenuOpen.value = false;
    document.getElementById(MENU)?.focus();
  };
  useEffect(() => {
    const leave = () => (isMenuOpen.value = false);
    window.addEventListener("hashchange", leave);
    return () => window.removeEventListener("hashchange", leave);
  }, []);
  if (!prompt) return null;
  const items = [
    ...promptActions(),
    { label: texts.menu.reload, run: () => void attempt(() => prompt.reload()) },
    { label: texts.menu.close, run: () => go({}) },
  ];
  return (
    <>
      <div class="shade clear" onClick={close} />
      <ul
        class="menu-items"
        role="menu"
        aria-label={texts.menu.open}
        ref={(element) => {
          if (element && !element.contains(document.activeElement)) element.querySelector("button")?.focus();
        }}
        onKeyDown={(event) => {
          const buttons = [...event.currentTarget.querySelectorAll("button")];
          const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step) buttons[(at + step + buttons.length) % buttons.length]?.focus();
          else if (event.key === "Escape") close();
          else if (event.key === "Tab") return close();
          else return;
          event.preventDefault();
        }}
      >
        {items.map(({ label, run }) => (
          <li key={label} role="none">
            <button type="button" role="menuitem" onClick={() => (close(), run())}>
              {label}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
