import { useState } from "preact/hooks";

import { ApiError } from "../../api/client.ts";
import { JsonField } from "../../parts/json-field.tsx";
import { Load, useLoad } from "../../parts/load.tsx";
import { Button, Empty, Field, Icon } from "../../parts/parts.tsx";
import { attempt, tell } from "../../state/notices.ts";
import { api } from "../../state/session.ts";
import { texts } from "../../texts.ts";

interface Connection {
  readonly name: string;
  readonly kind: string;
  readonly baseUrl?: string;
  readonly models?: readonly unknown[];
  readonly default?: boolean;
}

const KINDS = ["openai_responses", "openai_chat", "anthropic", "gemini", "workers_ai"] as const;

/** The model APIs that runs go to. A secret is written, and never shown again. */
export function Connections() {
  const [models, setModels] = useState<unknown>(undefined);
  const connections = useLoad(async () => {
    try {
      return (await api().get<{ connections: Connection[] }>("/v1/connections")).connections;
    } catch (error) {
      if (error instanceof ApiError && error.code === "route_not_found") return "missing" as const;
      throw error;
    }
  });
  const save = (form: HTMLFormElement) =>
    attempt(async () => {
      const data = new FormData(form);
      const text = (name: string) => String(data.get(name) ?? "").trim();
      const body = {
        kind: text("kind"),
        ...(text("baseUrl") && { baseUrl: text("baseUrl") }),
        ...(text("secret") && { secret: text("secret") }),
        ...(models !== undefined && { models }),
        ...(data.get("default") && { default: true }),
      };
      await api().change("PUT", `/v1/connections/${encodeURIComponent(text("name"))}`, { body });
      form.reset();
      setModels(undefined);
      connections.reload();
      tell(texts.connections.saved(text("name")));
    });
  const remove = (name: string) =>
    attempt(async () => {
      await api().change("DELETE", `/v1/connections/${encodeURIComponent(name)}`);
      connections.reload();
      tell(texts.connections.removed(name));
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
              {all.map(({ name, kind, baseUrl, default: isDefault }) => (
                <li key={name}>
                  <b>{name}</b> <code>{kind}</code> <span class="soft">{baseUrl}</span>
                  {isDefault && <span class="chip">{texts.connections.default}</span>}
                  <span class="grow" />
                  <Icon name={texts.connections.remove(name)} sign="×" onClick={() => void remove(name)} />
                </li>
              ))}
            </ul>
            <form
              class="card connection"
              aria-label={texts.connections.make}
              onSubmit={(event) => {
                event.preventDefault();
                void save(event.currentTarget);
              }}
            >
              <h2>{texts.connections.make}</h2>
              <div class="columns">
                <Field label={texts.connections.name}>
                  {(ids) => <input {...ids} name="name" required autocomplete="off" placeholder="openai" />}
                </Field>
                <Field label={texts.connections.kind}>
                  {(ids) => (
                    <select {...ids} name="kind">
                      {KINDS.map((kind) => (
                        <option key={kind}>{kind}</option>
                      ))}
                    </select>
                  )}
                </Field>
                <Field label={texts.connections.baseUrl}>
                  {(ids) => (
                    <input
                      {...ids}
                      name="baseUrl"
                      type="url"
                      required
                      autocomplete="off"
                      placeholder="https://api.openai.com/v1"
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
                      placeholder="UPSTREAM_OPENAI"
                    />
                  )}
                </Field>
              </div>
              <label class="check">
                <input type="checkbox" name="default" /> {texts.connections.makeDefault}
              </label>
              <JsonField
                label={texts.connections.models}
                rows={3}
                placeholder={texts.connections.modelsHint}
                value={models}
                change={setModels}
              />
              <div class="bar">
                <Button kind="primary" type="submit">
                  {texts.connections.save}
                </Button>
              </div>
            </form>
          </>
        )
      }
    </Load>
  );
}
