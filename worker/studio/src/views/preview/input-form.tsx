/** A field for each input, with the issues of its value. */
import type { Input, Issue } from "cuecard";
import { useEffect, useState } from "preact/hooks";

import { same } from "../../document/content.ts";
import { canonicalType, isOptional, own, read, write } from "../../document/values.ts";
import { Field, Icon } from "../../parts/parts.tsx";
import { evaluation, inputs, setValue, values } from "../../state/inputs.ts";
import { texts } from "../../texts.ts";

export function InputForm() {
  const all = inputs.value;
  const issues = evaluation.value?.refused?.issues ?? [];
  const names = new Set(all.map(({ name }) => name));
  const extra = Object.keys(values.value).filter((name) => !names.has(name));
  if (all.length === 0 && extra.length === 0)
    return evaluation.value?.inputs ? <p class="hint none">{texts.values.none}</p> : null;
  return (
    <div class="input-form">
      {all.map((input) => (
        <InputField
          key={`${input.name} ${input.type}`}
          input={input}
          issues={issues.filter(({ pointer }) => isAt(pointer, input.name))}
        />
      ))}
      {extra.map((name) => (
        <div key={name} class="extra">
          <span>
            <code>{name}</code> <span class="problem">{texts.values.extra}</span>
          </span>
          <Icon name={texts.values.removeExtra(name)} sign="×" onClick={() => setValue(name, undefined)} />
        </div>
      ))}
    </div>
  );
}

function isAt(pointer: string, name: string): boolean {
  const own = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return pointer === own || pointer.startsWith(`${own}/`);
}

function InputField({ input, issues }: { readonly input: Input; readonly issues: readonly Issue[] }) {
  const value = own(values.value, input.name);
  const [text, setText] = useState(() => write(input, value));
  // A value from elsewhere, such as another case's; while typing, the text and the value say the same.
  useEffect(() => {
    if (!same(read(input, text), value)) setText(write(input, value));
  }, [value]);
  const change = (next: string) => {
    setText(next);
    setValue(input.name, read(input, next));
  };
  const type = canonicalType(input.type);
  return (
    <Field
      label={
        <>
          <b>{input.name}</b> <span class="soft">{isOptional(input) ? texts.values.optional(type) : type}</span>
        </>
      }
      hint={input.description}
      problem={
        issues.length > 0 &&
        issues.map(({ pointer, message }, at) => <span key={at}>{`${below(pointer)}${message} `}</span>)
      }
    >
      {(ids) => <Control ids={ids} input={input} type={type} text={text} change={change} />}
    </Field>
  );
}

/** The part of a pointer below the input itself. */
function below(pointer: string): string {
  const rest = pointer.split("/").slice(2).join("/");
  return rest ? `${rest}: ` : "";
}

function Control(props: { ids: object; input: Input; type: string; text: string; change: (text: string) => void }) {
  const { ids, input, type, text, change } = props;
  const choices = type === "bool" ? ["true", "false"] : input.enum?.map((value) => write(input, value));
  if (choices)
    return (
      <select {...ids} value={text} onChange={(event) => change(event.currentTarget.value)}>
        <option value="">–</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
        {text && !choices.includes(text) && <option value={text}>{text}</option>}
      </select>
    );
  const placeholder =
    input.default === undefined
      ? String(own(texts.values.hints, type) ?? "")
      : texts.values.default(write(input, input.default));
  if (type === "int" || type === "float")
    return (
      <input
        {...ids}
        inputMode="decimal"
        autocomplete="off"
        placeholder={placeholder}
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
      />
    );
  return (
    <textarea
      {...ids}
      class={type === "str" ? "" : "code-text"}
      spellcheck={false}
      placeholder={placeholder}
      rows={Math.min(10, Math.max(1, text.split("\n").length, Math.ceil(text.length / 70)))}
      value={text}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}
