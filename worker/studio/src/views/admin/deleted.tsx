import * as store from "../../api/store.ts";
import { Load, useLoad } from "../../parts/load.tsx";
import { Button, Empty, Time } from "../../parts/parts.tsx";
import { go } from "../../route.ts";
import * as list from "../../state/list.ts";
import { attempt, tell } from "../../state/notices.ts";
import { api } from "../../state/session.ts";
import { texts } from "../../texts.ts";

/** Deleted prompts, which can be restored with everything intact. */
export function Deleted() {
  const prompts = useLoad(() => store.deleted(api()));
  const restore = (slug: string) =>
    attempt(async () => {
      await store.restore(api(), slug);
      await list.load();
      go({ slug });
      tell(texts.remove.restored(slug));
    });
  return (
    <Load of={prompts}>
      {(all) => {
        const gone = all.filter(({ deletedAt }) => deletedAt);
        if (gone.length === 0) return <Empty title={texts.deleted.none} />;
        return (
          <ul class="plain-list">
            {gone.map(({ slug, deletedAt }) => (
              <li key={slug}>
                <code>{slug}</code> <span class="soft">{deletedAt && <Time at={deletedAt} />}</span>
                <span class="grow" />
                <Button onClick={() => void restore(slug)}>{texts.remove.restore}</Button>
              </li>
            ))}
          </ul>
        );
      }}
    </Load>
  );
}
