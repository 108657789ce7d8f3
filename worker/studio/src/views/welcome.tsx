import { Button, Empty } from "../parts/parts.tsx";
import { entries, load, problem, state } from "../state/list.ts";
import { mayWrite } from "../state/session.ts";
import { texts } from "../texts.ts";
import { isNewOpen, isPaletteOpen } from "./opened.ts";

/** No prompt is open: what to do first. */
export function Welcome() {
  if (state.value === "loading") return <div class="empty" aria-busy="true" />;
  if (state.value === "failed" && entries.value.length === 0)
    return (
      <Empty isPage title={texts.welcome.failed}>
        <p class="problem">{problem.value}</p>
        <Button onClick={() => void load()}>{texts.retry}</Button>
      </Empty>
    );
  if (entries.value.length > 0)
    return (
      <Empty isPage title={texts.welcome.choose}>
        <p>{texts.welcome.chooseHint}</p>
        <Button onClick={() => (isPaletteOpen.value = true)}>
          {texts.palette.open} <kbd>{texts.keys.palette}</kbd>
        </Button>
      </Empty>
    );
  return (
    <Empty isPage title={texts.welcome.none}>
      <p>{texts.welcome.noneHint}</p>
      {mayWrite.value && (
        <Button kind="primary" onClick={() => (isNewOpen.value = true)}>
          {texts.newPrompt.open}
        </Button>
      )}
    </Empty>
  );
}
