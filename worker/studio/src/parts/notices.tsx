/** The current notices. An open dialog shows them, as the page behind it is inert. */
import { dismiss, notices } from "../state/notices.ts";
import { texts } from "../texts.ts";
import { Button, Icon } from "./parts.tsx";

export function Notices() {
  const current = notices.value.filter(({ isCurrent }) => isCurrent?.() ?? true);
  return (
    <div class="notices" role="status" aria-live="polite">
      {current.map(({ id, text, kind, action }) => (
        <div key={id} class={`notice ${kind}`}>
          <span>{text}</span>
          {action && (
            <Button
              onClick={() => {
                action.run();
                dismiss(id);
              }}
            >
              {action.label}
            </Button>
          )}
          <Icon name={texts.dismiss} sign="×" onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
