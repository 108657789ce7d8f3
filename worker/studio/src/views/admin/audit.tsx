import { useState } from "preact/hooks";

import type { LogEntry } from "cuecard/admin";
import { Load, useLoad } from "../../parts/load.tsx";
import { Button, Time } from "../../parts/parts.tsx";
import { href } from "../../route.ts";
import { api, self } from "../../state/session.ts";
import { texts } from "../../texts.ts";

const PAGE = 100;

/** Who did what, newest first. The API goes on from a revision, so the page goes back by as many revisions as it
 * shows. */
export function Audit() {
  const [until, setUntil] = useState<number>();
  const events = useLoad(async () => {
    const last = until ?? (await api().get<{ revision: number }>("/v1/keys/self")).revision;
    const after = Math.max(0, last - PAGE);
    const found = await api().get<{ events: LogEntry[] }>(`/v1/events?after=${after}&limit=${PAGE}`, "events");
    return { last, after, events: found.events.filter(({ revision }) => revision <= last).toReversed() };
  }, [until, self.value]);
  return (
    <Load of={events}>
      {({ last, after, events: all }) => (
        <>
          <div class="table-box" tabIndex={0} role="region" aria-label={texts.admin.audit}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{texts.audit.revision}</th>
                  <th scope="col">{texts.audit.when}</th>
                  <th scope="col">{texts.audit.who}</th>
                  <th scope="col">{texts.audit.what}</th>
                  <th scope="col">{texts.audit.prompt}</th>
                  <th scope="col">{texts.audit.detail}</th>
                </tr>
              </thead>
              <tbody>
                {all.map((event) => (
                  <tr key={event.revision}>
                    <td>{event.revision}</td>
                    <td>
                      <Time at={event.at} />
                    </td>
                    <td>{event.actor ?? event.key}</td>
                    <td>
                      <code>{event.action}</code>
                    </td>
                    <td>{event.slug && <a href={href({ slug: event.slug })}>{event.slug}</a>}</td>
                    <td>
                      <code class="detail">
                        {Object.keys(event.detail).length > 0 ? JSON.stringify(event.detail) : ""}
                      </code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {all.length === 0 && <p class="hint">{texts.audit.none}</p>}
          <div class="bar">
            <Button disabled={until === undefined} onClick={() => setUntil(undefined)}>
              {texts.audit.newest}
            </Button>
            <Button disabled={after === 0} onClick={() => setUntil(last - PAGE)}>
              {texts.audit.older}
            </Button>
          </div>
        </>
      )}
    </Load>
  );
}
