/** Declared inputs as a table. */
import type { Input, Json, JsonObject } from "cuecard";

import { withFields } from "../../document/content.ts";
import { canonicalType, INPUT_TYPES } from "../../document/values.ts";
import { Button, Empty, Icon, LazyInput } from "../../parts/parts.tsx";
import { JsonField } from "../../parts/json-field.tsx";
import { moved, place } from "../../parts/reorder.ts";
import { inputs as inferred } from "../../state/inputs.ts";
import { edit, shown } from "../../state/prompt.ts";
import { tellUndo } from "../../state/undo.ts";
import { texts } from "../../texts.ts";

const set = (make: (inputs: readonly Input[]) => readonly Input[]) =>
  edit((document) => {
    const next = make(document.inputs ?? []);
    return withFields(document, { inputs: next.length > 0 ? next : undefined });
  });

/** An input with a field changed; `undefined` removes it. */
function put(index: number, fields: { [K in keyof Input]?: Input[K] | undefined }): void {
  set((inputs) =>
    inputs.map((input, at) => {
      if (at !== index) return input;
      const merged = Object.entries({ ...input, ...fields }).filter(([, value]) => value !== undefined);
      return Object.fromEntries(merged) as unknown as Input;
    }),
  );
}

export function InputsTable() {
  const now = shown.value;
  if (!now) return null;
  const declared = now.document.inputs;
  const { mayEdit } = now;
  if (!declared || declared.length === 0)
    return (
      <Empty title={inferred.value.length > 0 ? texts.inputs.inferred(inferred.value.length) : texts.inputs.none}>
        <p>{texts.inputs.inferredHint}</p>
        {inferred.value.length > 0 && (
          <p class="names">
            {inferred.value.map(({ name }) => (
              <code key={name}>{name}</code>
            ))}
          </p>
        )}
        {mayEdit && (
          <Button
            kind="primary"
            onClick={() =>
              set(() => (inferred.value.length > 0 ? inferred.value.map(asDeclared) : [{ name: "name", type: "str" }]))
            }
          >
            {inferred.value.length > 0 ? texts.inputs.declareAll : texts.inputs.add}
          </Button>
        )}
      </Empty>
    );
  return (
    <>
      <div class="table-box" tabIndex={0} role="region" aria-label={texts.edit.inputs}>
        <table class="form">
          <thead>
            <tr>
              <th scope="col">{texts.inputs.name}</th>
              <th scope="col">{texts.inputs.type}</th>
              <th scope="col">{texts.inputs.required}</th>
              <th scope="col">{texts.inputs.default}</th>
              <th scope="col">{texts.inputs.enum}</th>
              <th scope="col">
                <span class="hidden">{texts.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {declared.map((input, index) => (
              <Row key={index} input={input} index={index} last={declared.length - 1} mayEdit={mayEdit} />
            ))}
          </tbody>
        </table>
      </div>
      {mayEdit && (
        <div class="add">
          <Button onClick={() => set((inputs) => [...inputs, { name: freeName(inputs), type: "str" }])}>
            {texts.inputs.add}
          </Button>
          <span class="hint">{texts.moveRows}</span>
        </div>
      )}
    </>
  );
}

interface RowProps {
  readonly input: Input;
  readonly index: number;
  readonly last: number;
  readonly mayEdit: boolean;
}

function Row({ input, index, last, mayEdit }: RowProps) {
  const placed = (name: string) =>
    place({
      of: name,
      index,
      last,
      isFixed: !mayEdit,
      move: (from, to) => set((inputs) => moved(inputs, from, to)),
    });
  const of = (label: string) => texts.inputs.of(label, input.name);
  const type = canonicalType(input.type);
  const takesSchema = type === "dict" || type === "list";
  const known: readonly string[] = INPUT_TYPES;
  return (
    <>
      <tr {...placed("input")}>
        <td>
          <LazyInput
            class="code-text"
            aria-label={of(texts.inputs.name)}
            value={input.name}
            disabled={!mayEdit}
            commit={(text) => rename(index, input.name, text)}
          />
        </td>
        <td>
          <select
            aria-label={of(texts.inputs.type)}
            value={type}
            disabled={!mayEdit}
            onChange={(event) => put(index, { type: event.currentTarget.value as Input["type"] })}
          >
            {[...known, ...(known.includes(type) ? [] : [type])].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </td>
        <td class="center">
          <input
            type="checkbox"
            aria-label={of(texts.inputs.required)}
            checked={input.required !== false && input.default === undefined}
            disabled={!mayEdit || input.default !== undefined}
            onChange={(event) => put(index, { required: event.currentTarget.checked ? undefined : false })}
          />
        </td>
        <td>
          <JsonField
            label={of(texts.inputs.default)}
            isLoose={type === "str" || type === "image"}
            value={input.default}
            disabled={!mayEdit}
            change={(value) => put(index, { default: value as Json | undefined })}
          />
        </td>
        <td>
          <LazyInput
            aria-label={of(texts.inputs.enum)}
            placeholder={texts.inputs.enumHint}
            value={(input.enum ?? []).map(String).join(", ")}
            disabled={!mayEdit}
            commit={(text) => put(index, { enum: choices(text, type) })}
          />
        </td>
        <td class="tight">
          {mayEdit && <Icon name={texts.inputs.remove(input.name)} sign="×" onClick={() => remove(index, input)} />}
        </td>
      </tr>
      <tr class="more-row" {...placed("input-more")}>
        <td colSpan={6}>
          <div class="more">
            <input
              aria-label={of(texts.inputs.description)}
              placeholder={texts.inputs.description}
              value={input.description ?? ""}
              disabled={!mayEdit}
              onInput={(event) => put(index, { description: event.currentTarget.value || undefined })}
            />
            {(takesSchema || input.schema !== undefined) && (
              <JsonField
                label={of(texts.inputs.schema)}
                placeholder={texts.inputs.schemaHint}
                rows={2}
                value={input.schema}
                disabled={!mayEdit}
                change={(value) => put(index, { schema: value as JsonObject | undefined })}
              />
            )}
          </div>
        </td>
      </tr>
    </>
  );
}

const asDeclared = (input: Input): Input => ({
  ...input,
  type: input.type === "any" ? "str" : input.type,
});

function choices(text: string, type: string): Json[] | undefined {
  const items = text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
  if (items.length === 0) return undefined;
  return type === "int" || type === "float" ? items.map(Number) : items;
}

function freeName(inputs: readonly Input[]): string {
  const names = new Set(inputs.map(({ name }) => name));
  for (let number = inputs.length + 1; ; number++) if (!names.has(`input_${number}`)) return `input_${number}`;
}

function remove(index: number, input: Input): void {
  set((inputs) => inputs.toSpliced(index, 1));
  tellUndo(texts.inputs.removed(input.name), () => set((inputs) => inputs.toSpliced(index, 0, input)));
}

/** A new name everywhere: in the table, in the templates' expressions and tags, and in the examples. */
function rename(index: number, from: string, to: string): void {
  if (to === from || !/^[A-Za-z_]\w*$/.test(to)) return put(index, { name: to });
  edit((document) => {
    const inside = (text: string) =>
      text.replace(/\{[{%][\s\S]*?[}%]\}/g, (code) =>
        // Not an attribute, not a keyword argument, not in quotes.
        code.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![.\w])[A-Za-z_]\w*(?!\w)(?!\s*=[^=])/g, (word) =>
          word === from ? to : word,
        ),
      );
    const messages = document.messages.map((message) => ({
      ...message,
      content:
        typeof message.content === "string"
          ? inside(message.content)
          : message.content.map((part) =>
              part.type === "text" ? { ...part, text: inside(part.text) } : { ...part, image: inside(part.image) },
            ),
    }));
    const table = document.demonstrations;
    const demonstrations = table && {
      columns: table.columns.map((column) => (column.id === from ? { ...column, id: to } : column)),
      rows: table.rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([key, value]) => [key === from ? to : key, value])),
      ),
    };
    const inputs = (document.inputs ?? []).map((input, at) => (at === index ? { ...input, name: to } : input));
    return withFields(document, { messages, inputs, demonstrations });
  });
}
