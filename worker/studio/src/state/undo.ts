/** A change to the open prompt with a notice that can undo it, as long as the prompt is open. */
import { texts } from "../texts.ts";
import { tell } from "./notices.ts";
import { open } from "./prompt.ts";

export function tellUndo(text: string, undo: (() => void) | undefined): void {
  const of = open.peek();
  tell(text, {
    ...(undo && { action: { label: texts.undo, run: undo } }),
    isCurrent: () => open.value === of,
  });
}
