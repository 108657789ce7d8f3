/** Notices: one line, sometimes with an undo. */
import { signal } from "@preact/signals";

import { ApiError } from "../api/client.ts";
import { texts } from "../texts.ts";

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: "done" | "failed";
  readonly action?: { readonly label: string; readonly run: () => void };
  /** Whether its subject is still open; without it, the notice stays everywhere. */
  readonly isCurrent?: () => boolean;
}

export const notices = signal<readonly Notice[]>([]);
let count = 0;

export function tell(text: string, more: Partial<Omit<Notice, "id" | "text">> = {}): void {
  const notice: Notice = { id: ++count, text, kind: "done", ...more };
  const others = notices.value.filter((other) => other.text !== text);
  notices.value = [...others.slice(-2), notice];
  setTimeout(() => dismiss(notice.id), notice.action || notice.kind === "failed" ? 12_000 : 5_000);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** An error in its own words, with its code. */
export function describe(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const issues = error.issues.slice(0, 3).map(({ pointer, message }) => ` ${pointer ? `${pointer}: ` : ""}${message}`);
  const place = error.at ? ` (line ${error.at.line}, column ${error.at.column})` : "";
  const again = error.retryAfter ? ` ${texts.error.retryAfter(error.retryAfter)}` : "";
  return error.status === 0
    ? error.message
    : `${error.message}${place}.${issues.join(";")} (${error.code})${again}`.replace("..", ".");
}

/** Runs a person's action; a failure becomes a notice. */
export async function attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    tell(describe(error), { kind: "failed" });
    return undefined;
  }
}
