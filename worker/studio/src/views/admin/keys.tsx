import { useState } from "preact/hooks";

import type { KeyInfo, KeyRole, ProjectInfo } from "cuecard/admin";
import type { KeyLimits } from "../../api/types.ts";
import { Load, useLoad } from "../../parts/load.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Button, copy, Field, Time } from "../../parts/parts.tsx";
import { attempt, tell } from "../../state/notices.ts";
import { api, self } from "../../state/session.ts";
import { texts } from "../../texts.ts";

const ROLES = ["read", "run", "write", "admin"] as const satisfies readonly KeyRole[];

/** The keys of a project: made, shown once, revoked. */
export function Keys() {
  const [project, setProject] = useState(self.value?.project ?? "");
  const [made, setMade] = useState<string>();
  const [revoking, setRevoking] = useState<KeyInfo>();
  const [limiting, setLimiting] = useState<KeyInfo>();
  const projects = useLoad(() => api().get<{ projects: ProjectInfo[] }>("/v1/projects", "projects"));
  const keys = useLoad(() => api().all<KeyInfo>(`/v1/keys?project=${encodeURIComponent(project)}`, "keys"), [project]);
  const make = (form: HTMLFormElement) =>
    attempt(async () => {
      const data = new FormData(form);
      const name = String(data.get("name") ?? "").trim();
      const limits = limitsOf(data);
      const day = String(data.get("expires") ?? "");
      const body = {
        project,
        role: String(data.get("role")),
        ...(name && { name }),
        ...(day && { expiresAt: new Date(`${day}T23:59:59Z`).toISOString() }),
        ...(Object.keys(limits).length > 0 && { limits }),
      };
      const { key, id } = await api().change<KeyInfo & { key?: string }>("POST", "/v1/keys", { body });
      setMade(key);
      keys.reload();
      // The server shows its text only once, whether the answer arrives or not.
      if (key === undefined) tell(texts.keyList.lost(name || id), { kind: "failed" });
      else form.reset();
    });
  return (
    <>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          void make(event.currentTarget);
        }}
      >
        <Field label={texts.keyList.project}>
          {(ids) => (
            <select {...ids} value={project} onChange={(event) => setProject(event.currentTarget.value)}>
              {(
                projects.value?.projects.filter(({ deletedAt }) => !deletedAt).map(({ slug }) => slug) ?? [project]
              ).map((slug) => (
                <option key={slug}>{slug}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label={texts.keyList.name}>
          {(ids) => (
            <input {...ids} name="name" maxLength={200} autocomplete="off" placeholder={texts.keyList.nameHint} />
          )}
        </Field>
        <Field label={texts.keyList.role}>
          {(ids) => (
            <select {...ids} name="role">
              {ROLES.map((role) => (
                <option key={role} value={role}>
                  {role} – {texts.role[role]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={texts.keyList.expires}>
          {(ids) => <input {...ids} name="expires" type="date" min={new Date().toISOString().slice(0, 10)} />}
        </Field>
        <LimitFields limits={{}} />
        <Button kind="primary" type="submit">
          {texts.keyList.make}
        </Button>
      </form>
      {made && (
        <div class="banner" role="status">
          <span>
            {texts.keyList.once} <code class="secret">{made}</code>
          </span>
          <span class="buttons">
            <Button onClick={() => void copy(made).then((done) => tell(done ? texts.copied : texts.notCopied))}>
              {texts.copy}
            </Button>
            <Button kind="ghost" onClick={() => setMade(undefined)}>
              {texts.dismiss}
            </Button>
          </span>
        </div>
      )}
      <Load of={keys}>
        {(all) => (
          <div class="table-box" tabIndex={0} role="region" aria-label={texts.admin.keys}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{texts.keyList.name}</th>
                  <th scope="col">{texts.keyList.role}</th>
                  <th scope="col">{texts.keyList.id}</th>
                  <th scope="col">{texts.keyList.limits}</th>
                  <th scope="col">{texts.keyList.made}</th>
                  <th scope="col">{texts.keyList.state}</th>
                </tr>
              </thead>
              <tbody>
                {all.map((key) => (
                  <tr key={key.id} class={key.revokedAt ? "off" : ""}>
                    <td>{key.name ?? <span class="soft">–</span>}</td>
                    <td>{key.role}</td>
                    <td>
                      <code>{key.id}</code>
                    </td>
                    <td>
                      {key.revokedAt ? (
                        texts.keyList.limitsAre(key.limits)
                      ) : (
                        <Button kind="ghost" onClick={() => setLimiting(key)}>
                          {texts.keyList.limitsAre(key.limits)}
                          <span class="hidden"> {texts.keyList.limitsOf(key.name ?? key.id)}</span>
                        </Button>
                      )}
                    </td>
                    <td>
                      <Time at={key.createdAt} /> <span class="soft">{key.createdBy}</span>
                    </td>
                    <td>
                      {key.revokedAt ? (
                        <>
                          {texts.keyList.revoked} <Time at={key.revokedAt} />
                        </>
                      ) : key.id === self.value?.key ? (
                        <span class="chip quiet">{texts.keyList.own}</span>
                      ) : key.expiresAt && new Date(key.expiresAt).getTime() < Date.now() ? (
                        <>
                          {texts.keyList.expired} <Time at={key.expiresAt} />
                        </>
                      ) : (
                        <Button
                          kind="ghost"
                          aria-label={texts.keyList.revokeLabel(key.name ?? key.id)}
                          onClick={() => setRevoking(key)}
                        >
                          {texts.keyList.revoke}
                        </Button>
                      )}
                      {key.expiresAt && !key.revokedAt && new Date(key.expiresAt).getTime() >= Date.now() && (
                        <span class="soft"> {texts.keyList.until(new Date(key.expiresAt))}</span>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Load>
      {limiting && (
        <Dialog
          title={texts.keyList.limitsOf(limiting.name ?? limiting.id)}
          close={() => setLimiting(undefined)}
          submit={(form) =>
            void attempt(async () => {
              const limits = limitsOf(new FormData(form));
              await api().change("PATCH", `/v1/keys/${limiting.id}`, { body: { limits } });
              setLimiting(undefined);
              keys.reload();
              tell(texts.saved);
            })
          }
          actions={
            <>
              <Button kind="primary" type="submit">
                {texts.save.ok}
              </Button>
              <Button onClick={() => setLimiting(undefined)}>{texts.cancel}</Button>
            </>
          }
        >
          <p class="hint">{texts.keyList.limitsAbout}</p>
          <div class="columns">
            <LimitFields limits={limiting.limits ?? {}} />
          </div>
        </Dialog>
      )}
      {revoking && (
        <Dialog
          title={texts.keyList.revokeTitle(revoking.name ?? revoking.id)}
          close={() => setRevoking(undefined)}
          submit={() =>
            void attempt(async () => {
              await api().change("DELETE", `/v1/keys/${revoking.id}`);
              setRevoking(undefined);
              keys.reload();
              tell(texts.keyList.isRevoked(revoking.name ?? revoking.id));
            })
          }
          actions={
            <>
              <Button kind="danger" type="submit" data-focus>
                {texts.keyList.revoke}
              </Button>
              <Button onClick={() => setRevoking(undefined)}>{texts.cancel}</Button>
            </>
          }
        >
          <p>{texts.keyList.revokeAbout}</p>
        </Dialog>
      )}
    </>
  );
}

const LIMITS = ["runsPerMinute", "tokensPerDay"] as const satisfies readonly (keyof KeyLimits)[];

function LimitFields({ limits }: { readonly limits: KeyLimits }) {
  return (
    <>
      {LIMITS.map((name) => (
        <Field key={name} label={texts.keyList[name]}>
          {(ids) => (
            <input
              {...ids}
              name={name}
              type="number"
              min={1}
              step={1}
              placeholder={texts.keyList.noLimit}
              defaultValue={limits[name] === undefined ? "" : String(limits[name])}
            />
          )}
        </Field>
      ))}
    </>
  );
}

function limitsOf(form: FormData): KeyLimits {
  const given = LIMITS.map((name) => [name, Number(form.get(name) ?? "")] as const);
  return Object.fromEntries(given.filter(([, limit]) => limit > 0));
}
