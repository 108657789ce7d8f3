import type { ComponentChildren } from "preact";

import { texts } from "../texts.ts";

/** What index.html has from the start, for as long as nobody knows which key there is. */
export function Frame({ children }: { readonly children?: ComponentChildren }) {
  return (
    <>
      <header class="top">
        <span class="brand">{texts.product}</span>
      </header>
      {children ?? (
        <>
          <div class="rail" />
          <main aria-busy="true" />
        </>
      )}
    </>
  );
}
