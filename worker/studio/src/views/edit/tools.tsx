/** Tools, tool choice, and the response format. */
import type { Json, JsonObject } from "cuecard";

import { withFields } from "../../document/content.ts";
import { JsonField } from "../../parts/json-field.tsx";
import { Button, Icon } from "../../parts/parts.tsx";
import { moved, place } from "../../parts/reorder.ts";
import { edit, shown } from "../../state/prompt.ts";
import { texts } from "../../texts.ts";

const NEW: JsonObject = {
  type: "function",
  function: {
    name: "look_up",
    description: "",
    parameters: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
  },
};

export function Tools() {
  const now = shown.value;
  if (!now) return null;
  const { document, mayEdit } = now;
  const tools = document.tools ?? [];
  const set = (make: (tools: readonly JsonObject[]) => readonly JsonObject[]) =>
    edit((before) => {
      const next = make(before.tools ?? []);
      return withFields(before, { tools: next.length > 0 ? next : undefined });
    });
  return (
    <div class="sheet">
      <section>
        <h2>{texts.tools.title}</h2>
        {tools.length === 0 && <p class="hint">{texts.tools.none}</p>}
        {tools.map((tool, index) => (
          <article
            class="card"
            key={index}
            aria-label={texts.tools.card(nameOf(tool) ?? String(index + 1))}
            {...place({
              of: "tool",
              index,
              last: tools.length - 1,
              isFixed: !mayEdit,
              move: (from, to) => set((all) => moved(all, from, to)),
            })}
          >
            <header>
              <code>{nameOf(tool) ?? texts.tools.unnamed}</code>
              <span class="grow" />
              {mayEdit && (
                <Icon
                  name={texts.tools.remove(nameOf(tool) ?? String(index + 1))}
                  sign="×"
                  onClick={() => set((all) => all.toSpliced(index, 1))}
                />
              )}
            </header>
            <JsonField
              label={texts.tools.json(index + 1)}
              rows={6}
              value={tool}
              disabled={!mayEdit}
              change={(value) =>
                typeof value === "object" && value !== null && set((all) => all.with(index, value as JsonObject))
              }
            />
          </article>
        ))}
        {mayEdit && (
          <div class="add">
            <Button onClick={() => set((all) => [...all, NEW])}>{texts.tools.add}</Button>
            {tools.length > 1 && <span class="hint">{texts.moveRows}</span>}
          </div>
        )}
      </section>
      <section>
        <h2>{texts.tools.choice}</h2>
        <JsonField
          label={texts.tools.choice}
          isLoose
          placeholder={texts.tools.choiceHint}
          value={document.toolChoice}
          disabled={!mayEdit}
          change={(value) => edit((before) => withFields(before, { toolChoice: value as Json | undefined }))}
        />
      </section>
      <section>
        <h2>{texts.tools.format}</h2>
        <p class="hint">{texts.tools.formatHint}</p>
        <JsonField
          label={texts.tools.format}
          rows={4}
          value={document.responseFormat}
          disabled={!mayEdit}
          change={(value) => edit((before) => withFields(before, { responseFormat: value as Json | undefined }))}
        />
      </section>
    </div>
  );
}

function nameOf(tool: JsonObject): string | undefined {
  const { name, function: inner } = tool as { name?: unknown; function?: { name?: unknown } };
  const found = inner?.name ?? name;
  return typeof found === "string" ? found : undefined;
}
