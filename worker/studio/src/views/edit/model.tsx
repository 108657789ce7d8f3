/** The model, its parameters and the template's options, as a form. */
import type { Document, Json, JsonObject, TemplateOptions } from "cuecard";

import { withFields } from "../../document/content.ts";
import { JsonField } from "../../parts/json-field.tsx";
import { Button, Field, Icon } from "../../parts/parts.tsx";
import { json } from "../../document/values.ts";
import { edit, shown } from "../../state/prompt.ts";
import { texts } from "../../texts.ts";

interface Parameter {
  readonly name: string;
  readonly kind: "number" | "integer" | "json";
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
}

const PARAMETERS: readonly Parameter[] = [
  { name: "temperature", kind: "number", min: 0, max: 2, step: 0.1 },
  { name: "maxTokens", kind: "integer", min: 1 },
  { name: "topP", kind: "number", min: 0, max: 1, step: 0.05 },
  { name: "frequencyPenalty", kind: "number", min: -2, max: 2, step: 0.1 },
  { name: "presencePenalty", kind: "number", min: -2, max: 2, step: 0.1 },
  { name: "seed", kind: "integer" },
  { name: "stop", kind: "json" },
];

export function Model() {
  const now = shown.value;
  if (!now) return null;
  const { document, mayEdit } = now;
  const parameters = document.parameters ?? {};
  const known = new Set(PARAMETERS.map(({ name }) => name));
  const standard = standards(document);
  const others = Object.entries(parameters).filter(([name]) => !known.has(name));
  return (
    <div class="sheet">
      <section>
        <h2>{texts.model.title}</h2>
        <div class="columns">
          <Text name="model" document={document} mayEdit={mayEdit} placeholder={texts.example.model} />
          <Text name="provider" document={document} mayEdit={mayEdit} placeholder={texts.example.provider} />
        </div>
      </section>
      <section>
        <h2>{texts.model.parameters}</h2>
        <div class="columns">
          {PARAMETERS.map((parameter) => (
            <ParameterField
              key={parameter.name}
              parameter={parameter}
              value={parameters[parameter.name]}
              mayEdit={mayEdit}
            />
          ))}
        </div>
        {others.map(([name, value]) => (
          <div class="pair" key={name}>
            <code>{name}</code>
            <JsonField
              label={name}
              value={value}
              disabled={!mayEdit}
              change={(next) => setParameter(name, next as Json | undefined)}
            />
            {mayEdit && <Icon name={texts.model.remove(name)} sign="×" onClick={() => setParameter(name, undefined)} />}
          </div>
        ))}
        {mayEdit && <NewParameter />}
      </section>
      <section>
        <h2>{texts.model.template}</h2>
        <div class="columns">
          <Field label={texts.model.language} hint={texts.model.languageHint}>
            {(ids) => (
              <select
                {...ids}
                disabled={!mayEdit}
                value={option(document, "language") === "text" ? "text" : "jinja2"}
                onChange={(event) => setOption("language", event.currentTarget.value === "text" ? "text" : undefined)}
              >
                <option value="jinja2">{texts.model.jinja2}</option>
                <option value="text">{texts.model.plain}</option>
              </select>
            )}
          </Field>
          <Field label={texts.model.dialect} hint={texts.model.dialectHint}>
            {(ids) => (
              <select
                {...ids}
                disabled={!mayEdit}
                value={option(document, "dialect") === "huggingface" ? "huggingface" : "jinja2"}
                onChange={(event) =>
                  setOption("dialect", event.currentTarget.value === "huggingface" ? "huggingface" : undefined)
                }
              >
                <option value="jinja2">{texts.model.jinja2}</option>
                <option value="huggingface">{texts.model.huggingface}</option>
              </select>
            )}
          </Field>
          <Field label={texts.model.undefined} hint={texts.model.undefinedHint}>
            {(ids) => (
              <select
                {...ids}
                disabled={!mayEdit}
                value={document.template?.undefined ?? standard.undefined}
                onChange={({ currentTarget: { value } }) =>
                  setOption("undefined", value === standard.undefined ? undefined : value)
                }
              >
                <option value="strict">{texts.model.strict}</option>
                <option value="lenient">{texts.model.lenient}</option>
              </select>
            )}
          </Field>
        </div>
        {(["trimBlocks", "lstripBlocks", "keepTrailingNewline"] as const).map((name) => (
          <label class="check" key={name}>
            <input
              type="checkbox"
              disabled={!mayEdit}
              checked={document.template?.[name] ?? standard[name]}
              onChange={({ currentTarget: { checked } }) =>
                setOption(name, checked === standard[name] ? undefined : checked)
              }
            />{" "}
            <span>
              {texts.model[name].name} <span class="hint">{texts.model[name].about}</span>
            </span>
          </label>
        ))}
      </section>
    </div>
  );
}

/** The default of a missing setting, which depends on the dialect. */
function standards(document: Document) {
  const isChat = option(document, "dialect") === "huggingface";
  return {
    undefined: isChat ? "lenient" : "strict",
    trimBlocks: isChat,
    lstripBlocks: isChat,
    keepTrailingNewline: false,
  };
}

function Text(props: { name: "model" | "provider"; document: Document; mayEdit: boolean; placeholder: string }) {
  return (
    <Field label={texts.model[props.name]}>
      {(ids) => (
        <input
          {...ids}
          class="code-text"
          autocomplete="off"
          placeholder={props.placeholder}
          disabled={!props.mayEdit}
          value={props.document[props.name] ?? ""}
          onInput={(event) =>
            edit((before) => withFields(before, { [props.name]: event.currentTarget.value || undefined }))
          }
        />
      )}
    </Field>
  );
}

function ParameterField({
  parameter,
  value,
  mayEdit,
}: {
  parameter: Parameter;
  value: Json | undefined;
  mayEdit: boolean;
}) {
  const { name, kind, min, max } = parameter;
  const range = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  return (
    <Field label={<code>{name}</code>} hint={texts.model.about[name]}>
      {(ids) =>
        kind === "json" || (value !== undefined && !isNumber(value)) ? (
          <JsonField
            label={name}
            isLoose
            value={value}
            disabled={!mayEdit}
            change={(next) => setParameter(name, next as Json | undefined)}
          />
        ) : (
          <input
            {...ids}
            type="number"
            step={kind === "integer" ? 1 : "any"}
            {...range}
            disabled={!mayEdit}
            value={isNumber(value) ? String(value) : ""}
            placeholder={texts.model.unset}
            onInput={(event) => {
              const { value: text, valueAsNumber } = event.currentTarget;
              if (text === "") setParameter(name, undefined);
              else if (!Number.isNaN(valueAsNumber))
                setParameter(name, isLong(text) ? (json(text) as Json) : valueAsNumber);
            }}
          />
        )
      }
    </Field>
  );
}

/** Whether it is an integer that a double does not hold. */
function isLong(text: string): boolean {
  return /^-?[0-9]+$/.test(text) && !Number.isSafeInteger(Number(text));
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

function NewParameter() {
  return (
    <form
      class="pair"
      onSubmit={(event) => {
        event.preventDefault();
        const input = event.currentTarget.elements.namedItem("name");
        if (!(input instanceof HTMLInputElement) || !input.value) return;
        setParameter(input.value, true);
        input.value = "";
      }}
    >
      <input
        name="name"
        class="code-text"
        aria-label={texts.model.other}
        placeholder={texts.model.other}
        autocomplete="off"
      />
      <Button type="submit">{texts.model.add}</Button>
    </form>
  );
}

function setParameter(name: string, value: Json | undefined): void {
  edit((before) => {
    const { [name]: _, ...others } = before.parameters ?? {};
    const next = (value === undefined ? others : { ...before.parameters, [name]: value }) as JsonObject;
    return withFields(before, { parameters: Object.keys(next).length > 0 ? next : undefined });
  });
}

const option = (document: Document, name: string): unknown =>
  (document.template as Record<string, unknown> | undefined)?.[name];

function setOption(name: string, value: string | boolean | undefined): void {
  edit((before) => {
    const merged = Object.entries({ ...before.template, [name]: value }).filter(([, kept]) => kept !== undefined);
    return withFields(before, {
      template: merged.length > 0 ? (Object.fromEntries(merged) as TemplateOptions) : undefined,
    });
  });
}
