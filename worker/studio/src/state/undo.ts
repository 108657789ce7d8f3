/** A change to the open prompt that is told with a way back. The way back is there as long as that prompt is. */
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
