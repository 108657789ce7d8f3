/** The few-shot table: a grid that takes what a spreadsheet copies. Only the rows in sight are in the page. */
import type { Column, Demonstrations, Json, JsonObject } from "cuecard";
import { useState } from "preact/hooks";

import { withFields } from "../../document/content.ts";
import { parseTable } from "../../document/table.ts";
import { canonicalType, json, own, write } from "../../document/values.ts";
import { Button, Empty, Icon, LazyInput } from "../../parts/parts.tsx";
import { moved, place } from "../../parts/reorder.ts";
import { inputs } from "../../state/inputs.ts";
import { edit, shown } from "../../state/prompt.ts";
import { tellUndo } from "../../state/undo.ts";
import { texts } from "../../texts.ts";

const TECHNIQUES = ["few_shot", "in_context", "chain_of_thought"] as const;
const PAGE = 50;

const set = (make: (table: Demonstrations) => Demonstrations | undefined) =>
  edit((document) =>
    withFields(document, { demonstrations: make(document.demonstrations ?? { columns: [], rows: [] }) }),
  );

export function Examples() {
  const now = shown.value;
  const [page, setPage] = useState(0);
  if (!now) return null;
  const { document, mayEdit } = now;
  const table = document.demonstrations;
  return (
    <>
      <fieldset class="technique" disabled={!mayEdit}>
        <legend>{texts.examples.technique}</legend>
        {([undefined, ...TECHNIQUES] as const).map((technique) => (
          <label key={technique ?? ""}>
            <input
              type="radio"
              name="technique"
              checked={document.promptingTechnique === technique}
              onChange={() => edit((before) => withFields(before, { promptingTechnique: technique }))}
            />
            <span>
              <b>{texts.examples.techniques[technique ?? "none"].name}</b>
              <span class="hint">{texts.examples.techniques[technique ?? "none"].about}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {!table || table.columns.length === 0 ? (
        <Empty title={texts.examples.none}>
          <p>{texts.examples.noneHint}</p>
          {mayEdit && (
            <Button
              kind="primary"
              onClick={() => set(() => begin(document.outputs?.map(({ name }) => name) ?? ["output"]))}
            >
              {texts.examples.begin}
            </Button>
          )}
        </Empty>
      ) : (
        <Grid table={table} page={page} setPage={setPage} mayEdit={mayEdit} />
      )}
    </>
  );
}

function begin(outputs: readonly string[]): Demonstrations {
  const columns: Column[] = [
    ...inputs.value
      .filter(({ type }) => type !== "messages")
      .map(({ name, type }) => ({ id: name, type: type === "any" ? ("str" as const) : type })),
    ...outputs.map((id) => ({ id, type: "str" as const })),
  ];
  return { columns, rows: [{ id: "example_1" }] };
}

interface GridProps {
  readonly table: Demonstrations;
  readonly page: number;
  readonly setPage: (page: number) => void;
  readonly mayEdit: boolean;
}

function Grid({ table, page, setPage, mayEdit }: GridProps) {
  const { columns, rows } = table;
  const pages = Math.max(1, Math.ceil(rows.length / PAGE));
  const at = Math.min(page, pages - 1);
  const first = at * PAGE;
  return (
    <>
      <div
        class="table-box"
        tabIndex={0}
        role="region"
        aria-label={texts.edit.examples}
        onPaste={(event) => mayEdit && paste(event, table)}
      >
        <table class="form grid">
          <thead>
            <tr>
              <th scope="col">#</th>
              {columns.map((column, index) => (
                <th scope="col" key={index}>
                  <span class="column">
                    <LazyInput
                      class="code-text"
                      aria-label={texts.examples.column(index + 1)}
                      value={column.id}
                      disabled={!mayEdit}
                      {...(column.name && { title: column.name })}
                      commit={(text) => renameColumn(index, text)}
                    />
                    {mayEdit && (
                      <Icon
                        name={texts.examples.removeColumn(column.id)}
                        sign="×"
                        onClick={() => removeColumn(index)}
                      />
                    )}
                  </span>
                </th>
              ))}
              <th scope="col">
                <span class="hidden">{texts.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(first, first + PAGE).map((row, offset) => {
              const index = first + offset;
              return (
                <tr
                  key={index}
                  {...place({
                    of: "example",
                    index,
                    last: rows.length - 1,
                    isFixed: !mayEdit,
                    move: (from, to) => {
                      set((old) => ({ ...old, rows: moved(old.rows, from, to) }));
                      setPage(Math.floor(to / PAGE));
                    },
                  })}
                >
                  <th scope="row">{index + 1}</th>
                  {columns.map((column, place) => (
                    <td key={place}>
                      <Cell column={column} row={row} index={index} place={place} mayEdit={mayEdit} />
                    </td>
                  ))}
                  <td class="tight">
                    {mayEdit && (
                      <Icon name={texts.examples.removeRow(index + 1)} sign="×" onClick={() => removeRow(index, row)} />
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <div class="add">
        {mayEdit && (
          <>
            <Button
              onClick={() => {
                set((old) => ({ ...old, rows: [...old.rows, { id: freeId(old.rows) }] }));
                setPage(Math.floor(rows.length / PAGE));
              }}
            >
              {texts.examples.addRow}
            </Button>
            <Button
              kind="ghost"
              onClick={() =>
                set((old) => ({
                  ...old,
                  columns: [...old.columns, newColumn(old.columns)],
                }))
              }
            >
              {texts.examples.addColumn}
            </Button>
            <span class="hint">{texts.moveRows}</span>
          </>
        )}
        <span class="grow" />
        {pages > 1 && (
          <>
            <Icon name={texts.before} sign="‹" disabled={at === 0} onClick={() => setPage(at - 1)} />
            <span class="soft">{texts.examples.page(first + 1, Math.min(rows.length, first + PAGE), rows.length)}</span>
            <Icon name={texts.next} sign="›" disabled={at === pages - 1} onClick={() => setPage(at + 1)} />
          </>
        )}
      </div>
    </>
  );
}

function Cell(props: { column: Column; row: JsonObject; index: number; place: number; mayEdit: boolean }) {
  const { column, row, index } = props;
  const text = write({ name: column.id, type: column.type }, own(row, column.id));
  return (
    <textarea
      aria-label={texts.examples.cell(column.id, index + 1)}
      data-cell={`${index},${props.place}`}
      rows={Math.min(8, Math.max(1, Math.ceil(text.length / 40), text.split("\n").length))}
      disabled={!props.mayEdit}
      value={text}
      onKeyDown={(event) => goOn(event, index, props.place)}
      onInput={(event) => setCells(index, { [column.id]: parseCell(column, event.currentTarget.value) })}
    />
  );
}

/** Whether a text probably fits on one line of its cell. */
const SHORT = 30;

/** An arrow key at the edge of a cell's text moves to the next cell, as in a spreadsheet. */
function goOn(event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }, row: number, place: number): void {
  const { selectionStart, selectionEnd, value } = event.currentTarget;
  if (selectionStart !== selectionEnd || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
  const isLine = value.length < SHORT && !value.includes("\n");
  const isStart = selectionStart === 0;
  const isEnd = selectionEnd === value.length;
  const steps: Record<string, readonly [boolean, number, number]> = {
    ArrowUp: [isStart || isLine, -1, 0],
    ArrowDown: [isEnd || isLine, 1, 0],
    ArrowLeft: [isStart, 0, -1],
    ArrowRight: [isEnd, 0, 1],
  };
  const [may, down, right] = steps[event.key] ?? [false, 0, 0];
  const next = may && document.querySelector<HTMLElement>(`[data-cell="${row + down},${place + right}"]`);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function parseCell(column: Column, text: string): Json | undefined {
  if (text === "") return undefined;
  const type = canonicalType(column.type);
  return type === "str" || type === "image" ? text : (json(text) as Json);
}

const setCells = (index: number, cells: Record<string, Json | undefined>) =>
  set((old) => ({ ...old, rows: old.rows.map((row, at) => (at === index ? merge(row, cells) : row)) }));

const merge = (row: JsonObject, cells: Record<string, Json | undefined>): JsonObject =>
  Object.fromEntries(Object.entries({ ...row, ...cells }).filter(([, value]) => value !== undefined)) as JsonObject;

/** Cells of a spreadsheet go into the cells from the one with the cursor on; rows are added as needed. */
function paste(event: ClipboardEvent, table: Demonstrations): void {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const at = (event.target as HTMLElement).getAttribute("data-cell")?.split(",").map(Number);
  const cells = parseTable(text);
  if (!at) return;
  const [only = ""] = cells[0] ?? [];
  if (cells.length < 2 && (cells[0]?.length ?? 0) < 2) {
    if (only === text) return;
    // One cell of a spreadsheet, with a line end or quotes of its own around it: only its text goes in.
    event.preventDefault();
    document.execCommand("insertText", false, only);
    return;
  }
  event.preventDefault();
  const [top = 0, left = 0] = at;
  const before = table;
  set((old) => {
    const rows = [...old.rows];
    const columns = [...old.columns];
    const width = cells.reduce((most, line) => Math.max(most, line.findLastIndex((cell) => cell !== "") + 1), 0);
    while (columns.length < left + width) columns.push(newColumn(columns));
    for (const [down, line] of cells.entries()) {
      const given = line.flatMap((cell, right) => {
        const column = columns[left + right];
        return column ? [[column.id, parseCell(column, cell)] as const] : [];
      });
      rows[top + down] = merge(rows[top + down] ?? { id: freeId(rows) }, Object.fromEntries(given));
    }
    return { ...old, columns, rows };
  });
  tellUndo(texts.examples.pasted(cells.length), () => set(() => before));
}

function removeRow(index: number, row: JsonObject): void {
  set((old) => ({ ...old, rows: old.rows.toSpliced(index, 1) }));
  tellUndo(texts.examples.removed(index + 1), () =>
    set((old) => ({ ...old, rows: old.rows.toSpliced(index, 0, row) })),
  );
}

function removeColumn(index: number): void {
  const before = shown.value?.document.demonstrations;
  set((old) => {
    const columns = old.columns.toSpliced(index, 1);
    return columns.length === 0 ? undefined : { ...old, columns };
  });
  tellUndo(texts.examples.removedColumn, () => set(() => before));
}

function renameColumn(index: number, to: string): void {
  set((old) => {
    const from = old.columns[index]?.id;
    const columns = old.columns.map((column, at) => (at === index ? { ...column, id: to } : column));
    const rows = old.rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key === from ? to : key, value])),
    );
    return { columns, rows };
  });
}

function newColumn(columns: readonly Column[]): Column {
  const ids = new Set(columns.map(({ id }) => id));
  for (let number = columns.length + 1; ; number++)
    if (!ids.has(`column_${number}`)) return { id: `column_${number}`, type: "str" };
}

function freeId(rows: readonly JsonObject[]): string {
  const ids = new Set(rows.map(({ id }) => id));
  for (let number = rows.length + 1; ; number++) if (!ids.has(`example_${number}`)) return `example_${number}`;
}
