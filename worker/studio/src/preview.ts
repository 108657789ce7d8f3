import type { Rendered } from "cuecard";

import { h } from "./dom.js";

const encoder = new TextEncoder();

/** Shows rendered messages as the bytes that they are: text only, nothing interpreted. */
export function showRendered(root: HTMLElement, size: HTMLElement, rendered: Rendered): void {
  let bytes = 0;
  const cards = rendered.messages.map(({ role, name, content }) => {
    const parts =
      typeof content === "string"
        ? [content]
        : content.map((part) => (part.type === "text" ? part.text : `[image] ${part.image}`));
    bytes += parts.reduce((sum, part) => sum + encoder.encode(part).length, 0);
    return h(
      "article",
      { className: "card" },
      h("div", { className: "role" }, name ? `${role} (${name})` : role),
      ...parts.map((part) => h("pre", {}, part)),
    );
  });
  const { messages: _, ...settings } = rendered;
  if (Object.keys(settings).length) {
    cards.push(
      h(
        "article",
        { className: "card" },
        h("div", { className: "hint" }, "goes with it"),
        h("pre", {}, JSON.stringify(settings, null, 2)),
      ),
    );
  }
  root.classList.remove("stale");
  root.replaceChildren(...cards);
  size.textContent = `${bytes.toLocaleString("en")} bytes`;
}
