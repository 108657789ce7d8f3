import type { ComponentChildren } from "preact";
import { useEffect, useErrorBoundary } from "preact/hooks";

import { Button, Empty, pretty } from "../parts/parts.tsx";
import { change, route } from "../route.ts";
import { shown } from "../state/prompt.ts";
import { texts } from "../texts.ts";

/** Confines the failure of a view: the rest of the page, and the typed text, stay. */
export function Guard(props: { readonly isPage?: boolean; readonly children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary();
  const place = route.value;
  useEffect(() => {
    if (error !== undefined) reset();
  }, [place]);
  if (error === undefined) return <>{props.children}</>;
  const content = shown.peek()?.document;
  const isJson = route.peek().params["tab"] === "json";
  return (
    <Empty isPage={props.isPage ?? false} title={texts.guard.title}>
      <p>{texts.guard.about}</p>
      <p class="problem">{error instanceof Error ? error.message : String(error)}</p>
      <span class="buttons">
        <Button onClick={reset}>{texts.retry}</Button>
        {content && !isJson && (
          <Button kind="primary" onClick={() => change({ view: "edit", tab: "json" })}>
            {texts.guard.json}
          </Button>
        )}
      </span>
      {content && isJson && <pre class="text json">{pretty(content)}</pre>}
    </Empty>
  );
}
