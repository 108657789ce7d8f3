/** Keeps the keyboard's place in the page: when the focused element is removed or disabled, a neighbour gets the
 * focus. */

/** A place in the page that can be found again when the element is gone. */
interface FocusPlace {
  readonly element: HTMLElement;
  /** The element and its ancestors, inside out. */
  readonly path: readonly PathStep[];
}

interface PathStep {
  readonly element: Element;
  /** Its index among its siblings. */
  readonly index: number;
  /** The index of the focused element among the focusable ones in it. */
  readonly inner: number;
}

const FOCUSABLE =
  ":is(a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]):not(:disabled, [tabindex='-1'])";
/** Parts of the page that come and go: the focus returns from them to the page. */
const ASIDE = "dialog, .notices, [role=menu]";
const REGION = "main, nav, header, body, .split";

export function keepFocus(): void {
  let last: FocusPlace | undefined;
  /** The last place outside of dialogs, notices and menus. */
  let outside: FocusPlace | undefined;
  let isDue = false;

  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLElement) || target === document.body) return;
    last = placeOf(target);
    if (!target.closest(ASIDE)) outside = last;
  });
  // A click beside everything is a person's choice.
  document.addEventListener("focusout", ({ target }) => {
    requestAnimationFrame(() => {
      if (last?.element === target && isUsable(last.element) && isLost() && document.hasFocus()) last = undefined;
    });
  });

  const restore = () => {
    isDue = false;
    if (!last || !isLost() || isUsable(last.element)) return;
    const from = last.path.some(({ element }) => element.matches(ASIDE)) ? (outside ?? last) : last;
    if (isUsable(from.element)) return from.element.focus();
    // A button that is disabled while it works gets the focus back afterwards.
    if (from.element.isConnected) {
      const waiting = from;
      holder(from.element).focus({ preventScroll: true });
      last = waiting;
      return;
    }
    (neighbour(from) ?? holder(undefined)).focus();
  };
  new MutationObserver(() => {
    if (!last) return;
    const isBack = isUsable(last.element) && document.activeElement !== last.element && isHolding(last.element);
    if (isBack) return last.element.focus({ preventScroll: true });
    if (isDue || isUsable(last.element)) return;
    isDue = true;
    requestAnimationFrame(() => requestAnimationFrame(restore));
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["disabled"] });
}

const isLost = (): boolean => document.activeElement === null || document.activeElement === document.body;

const isUsable = (element: HTMLElement): boolean =>
  element.isConnected && !element.matches(":disabled") && element.checkVisibility();

/** The stand-in that has the focus while the element cannot. */
const holder = (element: Element | undefined): HTMLElement =>
  element?.closest("dialog") ?? document.getElementById("main") ?? document.body;

const isHolding = (element: HTMLElement): boolean => document.activeElement === holder(element);

function placeOf(element: HTMLElement): FocusPlace {
  const path: PathStep[] = [];
  for (let at: Element | null = element; at && !at.matches(REGION); at = at.parentElement)
    path.push({
      element: at,
      index: at.parentElement ? [...at.parentElement.children].indexOf(at) : 0,
      inner: focusable(at).indexOf(element),
    });
  return { element, path };
}

/** The element that took the place of the lost one: the same control of the next row, if it was one of a row; else the
 * one before. */
function neighbour({ path }: FocusPlace): HTMLElement | undefined {
  for (const [at, { element: parent }] of path.entries()) {
    const lost = path[at - 1];
    if (!parent.isConnected || !lost) continue;
    const children = [...parent.children];
    const successor = focusable(children[lost.index]);
    const before = children.slice(0, lost.index).flatMap(focusable);
    const after = children.slice(lost.index).flatMap(focusable);
    const next = [successor[lost.inner], before.at(-1), after[0]].find((found) => found && isUsable(found));
    if (next) return next;
  }
  return undefined;
}

const focusable = (element: Element | undefined): HTMLElement[] =>
  element === undefined
    ? []
    : [...(element.matches(FOCUSABLE) ? [element] : []), ...element.querySelectorAll(FOCUSABLE)].filter(
        (found): found is HTMLElement => found instanceof HTMLElement,
      );
