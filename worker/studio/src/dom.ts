/** The element with this id, of this kind; a page without it is broken, and says so. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return element;
}

type Children = (Node | string)[];

/** A new element: text goes in as text nodes only, so nothing that a prompt holds can become markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: Children
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Lets a textarea grow with its text, between 2 and 24 lines. */
export function fit(area: HTMLTextAreaElement): void {
  area.rows = Math.min(24, Math.max(2, area.value.split("\n").length + 1));
}
