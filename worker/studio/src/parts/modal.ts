/** The behaviour of every modal dialog: it takes the focus, closes when its page is left, and gives the focus back. */
import { signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** The number of open dialogs. */
export const modals = signal(0);

export function useModal(dialog: RefObject<HTMLDialogElement | null>, close: () => void): void {
  // Before the next key press, which is meant for it.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>("[data-focus]")?.focus();
    modals.value = modals.peek() + 1;
    return () => {
      modals.value = modals.peek() - 1;
      // While it is open, nothing outside takes the focus. Its closing is noticed here.
      element?.addEventListener("close", (event) => event.stopImmediatePropagation(), { capture: true });
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const latest = useRef(close);
  latest.current = close;
  // Back, Forward and links close it: its question belongs to the page it was asked on.
  useEffect(() => {
    const leave = () => latest.current();
    window.addEventListener("hashchange", leave);
    return () => window.removeEventListener("hashchange", leave);
  }, []);
}
