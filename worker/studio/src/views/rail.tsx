/** The project's prompts as a tree. Only the rows in sight are in the page, so thousands scroll as ten do. */
import { useEffect, useRef, useState } from "preact/hooks";

import { Button, Icon } from "../parts/parts.tsx";
import { go, href, route } from "../route.ts";
import * as list from "../state/list.ts";
import { open } from "../state/prompt.ts";
import { mayWrite } from "../state/session.ts";
import { texts } from "../texts.ts";
import { isNewOpen } from "./opened.ts";

const HEIGHT = 28;
/** Rows above and below those in sight. */
const SPARE = 12;

export function Rail({ isOpen }: { readonly isOpen: boolean }) {
  const query = list.filter.value;
  useEffect(() => {
    const timer = setTimeout(() => void list.search(query), 150);
    return () => clearTimeout(timer);
  }, [query]);
  const matching = list.matches(query);
  const rows = list.rows(matching, query !== "");
  return (
    <nav class={`rail ${isOpen ? "open" : ""}`} aria-label={texts.rail.label}>
      <div class="rail-head">
        <input
          id="filter"
          type="search"
          placeholder={texts.rail.filter}
          aria-label={texts.rail.filterLabel}
          autocomplete="off"
          value={query}
          onInput={(event) => (list.filter.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") {
              event.preventDefault();
              document.getElementById("tree")?.focus();
            }
          }}
        />
        {mayWrite.value && <Icon name={texts.newPrompt.open} sign="+" onClick={() => (isNewOpen.value = true)} />}
      </div>
      <p class="rail-count" aria-live="polite">
        {list.state.value === "failed"
          ? list.problem.value
          : list.searchProblem.value
            ? texts.rail.onlyNames(list.searchProblem.value)
            : texts.rail.count(
                matching.length,
                list.entries.value.length,
                list.state.value === "loading" || list.isSearching.value,
              )}
      </p>
      {list.state.value === "failed" && <Button onClick={() => void list.load()}>{texts.retry}</Button>}
      <Tree rows={rows} />
    </nav>
  );
}

function Tree({ rows }: { readonly rows: readonly list.ListRow[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const [at, setAt] = useState(-1);
  const { slug } = route.value;
  const current = rows.findIndex(({ path, kind }) => kind === "prompt" && path === slug);
  const active = at >= 0 && at < rows.length ? at : Math.max(0, current);

  const show = (index: number) => {
    const element = box.current;
    if (!element || index < 0) return;
    const top = index * HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + HEIGHT > element.scrollTop + element.clientHeight)
      element.scrollTop = top + HEIGHT - element.clientHeight;
  };
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => show(current), [slug, current >= 0]);

  const onKey = (event: KeyboardEvent) => {
    const row = rows[active];
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: active + 20,
      PageUp: active - 20,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      const next = Math.min(rows.length - 1, Math.max(0, to));
      setAt(next);
      show(next);
    } else if (event.key === "Enter" || event.key === " ") choose(row);
    else if (event.key === "ArrowRight" && row?.kind === "folder") list.toggle(row.path, true);
    else if (event.key === "ArrowLeft" && row?.kind === "folder") list.toggle(row.path, false);
    else return;
    event.preventDefault();
  };

  const first = Math.max(0, Math.floor(view.top / HEIGHT) - SPARE);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / HEIGHT) + SPARE);
  const isActiveDrawn = active >= first && active < last;
  return (
    <div
      class="tree-box"
      ref={box}
      onScroll={(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}
    >
      <Canvas height={rows.length * HEIGHT}>
        <div
          id="tree"
          class="tree"
          role="tree"
          aria-label={texts.rail.label}
          tabIndex={rows.length > 0 ? 0 : -1}
          aria-activedescendant={isActiveDrawn && rows.length > 0 ? `row-${active}` : undefined}
          onKeyDown={onKey}
        >
          {rows.slice(first, last).map((row, offset) => (
            <RowView
              key={`${row.kind} ${row.path}`}
              row={row}
              at={first + offset}
              count={rows.length}
              isActive={first + offset === active}
              isCurrent={first + offset === current}
            />
          ))}
        </div>
      </Canvas>
    </div>
  );
}

/** A box of the height of all rows. */
function Canvas({ height, children }: { readonly height: number; readonly children: preact.ComponentChildren }) {
  return <div style={{ height: `${height}px`, position: "relative" }}>{children}</div>;
}

function choose(row: list.ListRow | undefined): void {
  if (row?.kind === "folder") list.toggle(row.path, !row.isOpen);
  else if (row) go({ slug: row.path });
}

function RowView(props: { row: list.ListRow; at: number; count: number; isActive: boolean; isCurrent: boolean }) {
  const { row, at } = props;
  const style = { top: `${at * HEIGHT}px`, paddingLeft: `${8 + row.depth * 14}px` };
  const common = {
    id: `row-${at}`,
    role: "treeitem" as const,
    "aria-level": row.depth + 1,
    "aria-setsize": props.count,
    "aria-posinset": at + 1,
    "aria-selected": props.isCurrent,
    class: `row ${row.kind} ${props.isActive ? "active" : ""} ${props.isCurrent ? "current" : ""}`,
    style,
  };
  if (row.kind === "folder")
    return (
      <div {...common} aria-expanded={row.isOpen ?? false} onClick={() => choose(row)}>
        <span class="twist" aria-hidden="true">
          {row.isOpen ? "▾" : "▸"}
        </span>
        <span class="name">{row.label}</span>
        <span class="count">{row.count}</span>
      </div>
    );
  const { info, hasDraft = false } = row.entry ?? {};
  const production = info?.tags.find(({ tag }) => tag === "production");
  const others = (info?.tags ?? []).filter(({ tag }) => tag !== "production");
  const isDrafted = hasDraft || (props.isCurrent && open.value?.draft.exists.value);
  const hit = list.found.value.get(row.path);
  return (
    <a
      {...common}
      href={href({ slug: row.path })}
      tabIndex={-1}
      title={hit ?? [row.path, info?.name, info?.description].filter(Boolean).join("\n")}
    >
      <span class="name">{row.label}</span>
      {info?.scope === "organization" && (
        <span class="chip quiet" title={texts.scope.organization}>
          {texts.scope.sign}
        </span>
      )}
      {isDrafted && <span class="dot draft" role="img" aria-label={texts.rail.hasDraft} title={texts.rail.hasDraft} />}
      {others[0] && (
        <span class="chip tag" title={tagsOf(info?.tags ?? [])}>
          {others.length === 1 ? texts.rail.tag(others[0].tag, others[0].version) : texts.rail.moreTags(others.length)}
        </span>
      )}
      {production ? (
        <span class="chip quiet" title={tagsOf(info?.tags ?? [])}>
          {texts.rail.production(production.version)}
        </span>
      ) : (
        !info && <span class="chip quiet">{texts.rail.onlyDraft}</span>
      )}
    </a>
  );
}

const tagsOf = (tags: readonly { tag: string; version: number }[]): string =>
  tags.map(({ tag, version }) => `${tag} → ${version}`).join("\n");
