import { useEffect, useRef } from "preact/hooks";

import type { ProjectInfo } from "cuecard/admin";
import { RECORDINGS, type RecordingRule } from "../../api/types.ts";
import { Load, useLoad } from "../../parts/load.tsx";
import { Button, Field, LazyInput, Time } from "../../parts/parts.tsx";
import { attempt, tell } from "../../state/notices.ts";
import { api, self } from "../../state/session.ts";
import { texts } from "../../texts.ts";

/** The projects of the organisation, and the web pages that may use their keys. */
export function Projects() {
  const projects = useLoad(() => api().get<{ projects: ProjectInfo[] }>("/v1/projects", "projects"));
  const act = (action: () => Promise<unknown>, done: string) =>
    void attempt(async () => {
      await action();
      projects.reload();
      tell(done);
    });
  // What was asked for last, as the list may not have come back yet when the other half is changed, or the same one
  // again.
  const asked = useRef(new Map<string, ProjectInfo["recording"]>());
  const last = useRef<Promise<unknown> | undefined>(undefined);
  useEffect(() => {
    if (!last.current) asked.current.clear();
  }, [projects.value]);
  const ruleOf = ({ slug, recording }: ProjectInfo) => asked.current.get(slug) ?? recording;
  /** Changes arrive in the order in which they were made. */
  const record = (project: ProjectInfo, change: Partial<RecordingRule>) =>
    act(async () => {
      const { slug } = project;
      const rule = { ...ruleOf(project), ...change };
      asked.current.set(slug, rule);
      const before = last.current;
      const mine = (async () => {
        await before?.catch(() => undefined);
        await api().change("PATCH", path(slug), { body: { recording: rule } });
      })();
      last.current = mine;
      try {
        await mine;
      } catch (error) {
        if (asked.current.get(slug) === rule) asked.current.delete(slug);
        projects.reload();
        throw error;
      } finally {
        if (last.current === mine) last.current = undefined;
      }
    }, texts.saved);
  const path = (slug: string) => `/v1/projects/${encodeURIComponent(slug)}`;
  return (
    <>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const data = new FormData(form);
          const [slug, name] = ["slug", "name"].map((field) => String(data.get(field) ?? "").trim());
          act(
            async () => {
              await api().change("POST", "/v1/projects", { body: { slug, ...(name && { name }) } });
              form.reset();
            },
            texts.projects.made(slug ?? ""),
          );
        }}
      >
        <Field label={texts.projects.slug}>
          {(ids) => <input {...ids} name="slug" required autocomplete="off" placeholder={texts.example.project} />}
        </Field>
        <Field label={texts.projects.name}>
          {(ids) => <input {...ids} name="name" maxLength={200} autocomplete="off" />}
        </Field>
        <Button kind="primary" type="submit">
          {texts.projects.make}
        </Button>
      </form>
      <Load of={projects}>
        {({ projects: all }) => (
          <div class="table-box" tabIndex={0} role="region" aria-label={texts.admin.projects}>
            <table class="form">
              <thead>
                <tr>
                  <th scope="col">{texts.projects.slug}</th>
                  <th scope="col">{texts.projects.name}</th>
                  <th scope="col">{texts.projects.origins}</th>
                  <th scope="col">{texts.projects.recording}</th>
                  <th scope="col">{texts.projects.days}</th>
                  <th scope="col">{texts.keyList.made}</th>
                  <th scope="col">
                    <span class="hidden">{texts.actions}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {all.map((project) => (
                  <tr key={project.slug} class={project.deletedAt ? "off" : ""}>
                    <td>
                      <code>{project.slug}</code>
                    </td>
                    <td>
                      <LazyInput
                        aria-label={texts.projects.nameOf(project.slug)}
                        value={project.name ?? ""}
                        disabled={Boolean(project.deletedAt)}
                        commit={(text) => {
                          const name = text.trim() || null;
                          act(() => api().change("PATCH", path(project.slug), { body: { name } }), texts.saved);
                        }}
                      />
                    </td>
                    <td>
                      <LazyInput
                        aria-label={texts.projects.originsOf(project.slug)}
                        value={project.allowedOrigins.join(", ")}
                        placeholder={texts.example.origin}
                        disabled={Boolean(project.deletedAt)}
                        commit={(text) => {
                          const allowedOrigins = text.split(/[\s,]+/).filter(Boolean);
                          act(
                            () => api().change("PATCH", path(project.slug), { body: { allowedOrigins } }),
                            texts.saved,
                          );
                        }}
                      />
                    </td>
                    <td>
                      <select
                        aria-label={texts.projects.recordingOf(project.slug)}
                        value={ruleOf(project).mode}
                        disabled={Boolean(project.deletedAt)}
                        onChange={(event) => {
                          const mode = event.currentTarget.value as RecordingRule["mode"];
                          record(project, { mode });
                        }}
                      >
                        {RECORDINGS.map((mode) => (
                          <option key={mode} value={mode}>
                            {texts.projects.modes[mode]}
                          </option>
                        ))}
                      </select>
                    </td>
                    <td class="days">
                      <LazyInput
                        aria-label={texts.projects.daysOf(project.slug)}
                        value={String(ruleOf(project).days)}
                        pattern="[0-9]+"
                        disabled={Boolean(project.deletedAt) || ruleOf(project).mode === "off"}
                        commit={(text) => record(project, { days: Number(text) })}
                      />
                    </td>
                    <td>
                      <Time at={project.createdAt} />
                    </td>
                    <td class="tight">
                      {project.deletedAt ? (
                        <Button
                          kind="ghost"
                          onClick={() =>
                            act(
                              () => api().change("POST", `${path(project.slug)}/restore`),
                              texts.projects.restored(project.slug),
                            )
                          }
                        >
                          {texts.remove.restore}
                        </Button>
                      ) : (
                        project.slug !== self.value?.project && (
                          <Button
                            kind="ghost"
                            onClick={() =>
                              act(
                                () => api().change("DELETE", path(project.slug)),
                                texts.projects.deleted(project.slug),
                              )
                            }
                          >
                            {texts.projects.remove}
                          </Button>
                        )
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Load>
    </>
  );
}
