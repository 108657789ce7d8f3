import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

import { texts } from "../texts.ts";
import { NextKey } from "./next-key.tsx";
import { Notices } from "./notices.tsx";
import { useModal } from "./modal.ts";
import { Icon } from "./parts.tsx";

/** A modal dialog: Esc closes it, Enter in a field does what its first submit button says. A key that stops working is
 * asked for in it. */
export function Dialog(props: {
  readonly title: string;
  readonly wide?: boolean;
  readonly close: () => void;
  readonly submit?: (form: HTMLFormElement) => void;
  readonly actions?: ComponentChildren;
  /** Why the last submit failed. */
  readonly problem?: string;
  readonly children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useModal(dialog, props.close);
  return (
    <dialog
      ref={dialog}
      class={props.wide ? "wide" : ""}
      aria-labelledby={title}
      onClose={props.close}
      onCancel={props.close}
      onMouseDown={(event) => event.target === event.currentTarget && props.close()}
    >
      <NextKey />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // Enter does nothing that the button, which may be disabled, would not do.
          const button = event.currentTarget.querySelector<HTMLButtonElement>("button[type=submit]");
          const invalid = event.currentTarget.querySelector<HTMLElement>("[aria-invalid=true]");
          if (invalid) invalid.focus();
          else if (!button?.disabled) props.submit?.(event.currentTarget);
        }}
      >
        <header>
          <h2 id={title}>{props.title}</h2>
          <Icon name={texts.close} sign="×" onClick={props.close} />
        </header>
        <div class="body">{props.children}</div>
        {props.actions && (
          <footer>
            {props.actions}
            {props.problem && (
              <p class="problem" role="alert">
                {props.problem}
              </p>
            )}
          </footer>
        )}
      </form>
      <Notices />
    </dialog>
  );
}
