/** Declared outputs. */
import type { JsonObject, Output } from "cuecard";

import { withFields } from "../../document/content.ts";
import { JsonField } from "../../parts/json-field.tsx";
import { Button, Empty, Icon } from "../../parts/parts.tsx";
import { moved, place } from "../../parts/reorder.ts";
import { edit, shown } from "../../state/prompt.ts";
import { texts } from "../../texts.ts";

const TYPES = ["str", "float", "bool", "json_schema"] as const;

const set = (make: (outputs: readonly Output[]) => readonly Output[]) =>
  edit((document) => {
    const next = make(document.outputs ?? []);
    return withFields(document, { outputs: next.length > 0 ? next : undefined });
  });

export function OutputsTable() {
  const now = shown.value;
  if (!now) return null;
  const { mayEdit } = now;
  const outputs = now.document.outputs ?? [];
  const add = () =>
    set((all) => [...all, { name: all.length === 0 ? "answer" : `output_${all.length + 1}`, type: "str" }]);
  if (outputs.length === 0)
    return (
      <Empty title={texts.outputs.none}>
        <p>{texts.outputs.noneHint}</p>
        {mayEdit && (
          <Button kind="primary" onClick={add}>
            {texts.outputs.add}
          </Button>
        )}
      </Empty>
    );
  const put = (index: number, output: Output) => set((all) => all.with(index, output));
  return (
    <>
      {outputs.map((output, index) => (
        <article
          class="card"
          key={index}
          aria-label={texts.outputs.card(output.name)}
          {...place({
            of: "output",
            index,
            last: outputs.length - 1,
            isFixed: !mayEdit,
            move: (from, to) => set((all) => moved(all, from, to)),
          })}
        >
          <header>
            <input
              class="code-text"
              aria-label={texts.outputs.name(index + 1)}
              value={output.name}
              disabled={!mayEdit}
              onInput={(event) => put(index, { ...output, name: event.currentTarget.value })}
            />
            <select
              aria-label={texts.outputs.type(index + 1)}
              value={output.type}
              disabled={!mayEdit}
              onChange={(event) => {
                const type = TYPES.find((name) => name === event.currentTarget.value) ?? "str";
                const { schema = { type: "object", properties: {} }, ...plain } = output;
                put(index, type === "json_schema" ? { ...plain, type, schema } : { ...plain, type });
              }}
            >
              {TYPES.map((type) => (
                <option key={type}>{type}</option>
              ))}
            </select>
            <span class="grow" />
            {mayEdit && (
              <Icon
                name={texts.outputs.remove(output.name)}
                sign="×"
                onClick={() => set((all) => all.toSpliced(index, 1))}
              />
            )}
          </header>
          {output.type === "json_schema" && (
            <JsonField
              label={texts.outputs.schema(index + 1)}
              rows={6}
              value={output.schema}
              disabled={!mayEdit}
              change={(schema) =>
                put(index, { ...output, ...(schema !== undefined && { schema: schema as JsonObject }) })
              }
            />
          )}
        </article>
      ))}
      {mayEdit && (
        <div class="add">
          <Button onClick={add}>{texts.outputs.add}</Button>
          {outputs.length > 1 && <span class="hint">{texts.moveRows}</span>}
        </div>
      )}
    </>
  );
}
