import type { Connection } from "cuecard/admin";
import { useState } from "preact/hooks";

import { ApiError } from "../../api/client.ts";
import { JsonField } from "../../parts/json-field.tsx";
import { Load, useLoad } from "../../parts/load.tsx";
import { Button, Empty, Field, Icon } from "../../parts/parts.tsx";
import { attempt, tell } from "../../state/notices.ts";
import { api } from "../../state/session.ts";
import { texts } from "../../texts.ts";

const KINDS = ["openai_responses", "openai_chat", "anthropic", "gemini", "workers_ai"] as const;
/** The Worker's own binding has no address and no secret. */
const hasAddress = (kind: string): boolean => kind !== "workers_ai";

const path = (name: string): string => `/v1/connections/${encodeURIComponent(name)}`;
const put = ({ name, ...body }: Connection) => api().change("PUT", path(name), { body });

/** The model APIs that runs go to. A secret is named, and never shown. */
export function Connections() {
  const [edited, setEdited] = useState<Connection>();
  const connections = useLoad(async () => {
    try {
      return (await api().get<{ connections: Connection[] }>("/v1/connections", "connections")).connections;
    } catch (error) {
      if (error instanceof ApiError && error.code === "route_not_found") return "missing" as const;
      throw error;
    }
  });
  const save = (connection: Connection) =>
    attempt(async () => {
      await put(connection);
      setEdited(undefined);
      connections.reload();
      tell(texts.connections.saved(connection.name));
      return true;
    });
  const remove = (connection: Connection) =>
    attempt(async () => {
      await api().change("DELETE", path(connection.name));
      connections.reload();
      const back = () => void save(connection);
      tell(texts.connections.removed(connection.name), { action: { label: texts.undo, run: back } });
    });
  return (
    <Load of={connections}>
      {(all) =>
        all === "missing" ? (
          <Empty title={texts.connections.missing} />
        ) : (
          <>
            {all.length === 0 && (
              <Empty title={texts.connections.none}>
                <p>{texts.connections.noneHint}</p>
              </Empty>
            )}
            <ul class="plain-list">
              {all.map((connection) => (
                <li key={connection.name}>
                  <b>{connection.name}</b> <code>{connection.kind}</code> <span class="soft">{connection.baseUrl}</span>
                  {connection.default && <span class="chip">{texts.connections.default}</span>}
                  <span class="grow" />
                  <Button
                    kind="ghost"
                    aria-label={texts.connections.editLabel(connection.name)}
                    onClick={() => setEdited(connection)}
                  >
                    {texts.connections.edit}
                  </Button>
                  <Icon
                    name={texts.connections.remove(connection.name)}
                    sign="×"
                    onClick={() => void remove(connection)}
                  />
                </li>
              ))}
            </ul>
            <ConnectionForm key={edited?.name ?? ""} edited={edited} save={save} cancel={() => setEdited(undefined)} />
          </>
        )
      }
    </Load>
  );
}

function ConnectionForm(props: {
  readonly edited: Connection | undefined;
  /** Whether it was saved. */
  readonly save: (connection: Connection) => Promise<boolean | undefined>;
  readonly cancel: () => void;
}) {
  const { edited } = props;
  const [kind, setKind] = useState<Connection["kind"]>(edited?.kind ?? KINDS[0]);
  const [models, setModels] = useState<unknown>(edited?.models);
  const submit = async (element: HTMLFormElement) => {
    const data = new FormData(element);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    const optional = (name: "baseUrl" | "secret" | "secretHeader") => (text(name) ? { [name]: text(name) } : {});
    const isSaved = await props.save({
      name: edited?.name ?? text("name"),
      kind,
      ...(hasAddress(kind) && { ...optional("baseUrl"), ...optional("secret"), ...optional("secretHeader") }),
      ...(models !== undefined && { models: models as NonNullable<Connection["models"]> }),
      ...(data.get("default") && { default: true }),
    });
    if (edited || !isSaved) return;
    element.reset();
    setModels(undefined);
  };
  const title = edited ? texts.connections.editLabel(edited.name) : texts.connections.make;
  return (
    <form
      class="card connection"
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <h2>{title}</h2>
      <div class="columns">
        {!edited && (
          <Field label={texts.connections.name}>
            {(ids) => <input {...ids} name="name" required autocomplete="off" placeholder={texts.example.connection} />}
          </Field>
        )}
        <Field label={texts.connections.kind} hint={hasAddress(kind) ? undefined : texts.connections.binding}>
          {(ids) => (
            <select
              {...ids}
              value={kind}
              onChange={(event) => setKind(event.currentTarget.value as Connection["kind"])}
            >
              {KINDS.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        {hasAddress(kind) && (
          <>
            <Field label={texts.connections.baseUrl}>
              {(ids) => (
                <input
                  {...ids}
                  name="baseUrl"
                  type="url"
                  required
                  autocomplete="off"
                  placeholder={texts.example.baseUrl}
                  defaultValue={edited?.baseUrl ?? ""}
                />
              )}
            </Field>
            <Field label={texts.connections.secret} hint={texts.connections.secretHint}>
              {(ids) => (
                <input
                  {...ids}
                  name="secret"
                  class="code-text"
                  pattern="UPSTREAM_[A-Z0-9_]+"
                  autocomplete="off"
                  placeholder={texts.example.secret}
                  defaultValue={edited?.secret ?? ""}
                />
              )}
            </Field>
            <Field label={texts.connections.secretHeader} hint={texts.connections.secretHeaderHint}>
              {(ids) => (
                <input
                  {...ids}
                  name="secretHeader"
                  class="code-text"
                  autocomplete="off"
                  defaultValue={edited?.secretHeader ?? ""}
                />
              )}
            </Field>
          </>
        )}
      </div>
      <label class="check">
        <input type="checkbox" name="default" defaultChecked={edited?.default ?? false} />{" "}
        {texts.connections.makeDefault}
      </label>
      <Field label={texts.connections.models} hint={texts.connections.modelsHint}>
        {() => (
          <JsonField
            label={texts.connections.models}
            rows={3}
            placeholder={texts.connections.modelsExample}
            value={models}
            change={setModels}
          />
        )}
      </Field>
      <div class="bar">
        <Button kind="primary" type="submit">
          {texts.connections.save}
        </Button>
        {edited && <Button onClick={props.cancel}>{texts.cancel}</Button>}
      </div>
    </form>
  );
}
