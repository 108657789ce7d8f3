/** What every modal dialog does: it opens with the focus in it, ends with the place that it is of, and gives the focus
 * back. */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

export function useModal(dialog: RefObject<HTMLDialogElement | null>, close: () => void): void {
  // Before the next key, which is meant for it.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>("[data-focus]")?.focus();
    return () => {
      // As long as it is open, nothing outside of it takes the focus. That it closes is known here.
      element?.addEventListener("close", (event) => event.stopImmediatePropagation(), { capture: true });
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const latest = useRef(close);
  latest.current = close;
  // Back, Forward and links go elsewhere: what is asked here is of where it was asked.
  useEffect(() => {
    const leave = () => latest.current();
    window.addEventListener("hashchange", leave);
    return () => window.removeEventListener("hashchange", leave);
  }, []);
}
