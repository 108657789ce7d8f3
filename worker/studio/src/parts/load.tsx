/** Data that a view loads from the server: pending, loaded, or refused. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { describe } from "../state/notices.ts";
import { texts } from "../texts.ts";
import { Button } from "./parts.tsx";

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly problem: string;
  readonly reload: () => void;
}

export function useLoad<T>(load: () => Promise<T>, on: readonly unknown[] = []): Loaded<T> {
  const [state, setState] = useState<{ value?: T; problem: string }>({ problem: "" });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isLate = false;
    load().then(
      (value) => !isLate && setState({ value, problem: "" }),
      (error: unknown) => {
        if (!isLate) setState({ problem: describe(error) });
      },
    );
    return () => {
      isLate = true;
    };
  }, [turn, ...on]);
  return { value: state.value, problem: state.problem, reload: () => setTurn((before) => before + 1) };
}

export function Load<T>({
  of,
  children,
}: {
  readonly of: Loaded<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  if (of.problem)
    return (
      <div class="banner bad" role="alert">
        <span>{of.problem}</span>
        <Button onClick={of.reload}>{texts.retry}</Button>
      </div>
    );
  if (of.value === undefined) return <div class="empty" aria-busy="true" />;
  return <>{children(of.value)}</>;
}
