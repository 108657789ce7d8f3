import type { ComponentChildren } from "preact";

import { texts } from "../texts.ts";

/** The frame of index.html, shown until the key is known. */
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
