/** Moves items of a list with Alt and an arrow key, and the focus with them. */

export interface ListPlace {
  /** The kind of item, in one word. */
  readonly of: string;
  readonly index: number;
  readonly last: number;
  readonly isFixed?: boolean;
  readonly move: (from: number, to: number) => void;
}

/** Attributes of the element that moves: a row, or a card. */
export function place({ of, index, last, isFixed = false, move }: ListPlace) {
  return {
    "data-place": `${of} ${index}`,
    onKeyDown: (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by || !event.altKey || isFixed) return;
      event.preventDefault();
      event.stopPropagation();
      const to = index + by;
      if (to < 0 || to > last) return;
      const at = fields(event.currentTarget).indexOf(event.target as Element);
      move(index, to);
      requestAnimationFrame(() => {
        const there = document.querySelector(`[data-place="${of} ${to}"]`);
        if (there) (fields(there)[at] as HTMLElement | undefined)?.focus();
      });
    },
  };
}

const fields = (element: Element): Element[] => [
  ...element.querySelectorAll("input, textarea, select, button, [contenteditable]"),
];

export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  return items.toSpliced(from, 1).toSpliced(to, 0, ...items.slice(from, from + 1));
}
