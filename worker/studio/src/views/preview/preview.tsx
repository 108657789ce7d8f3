/** The preview: messages as production sends them, the payload of a provider, and code for an app. */
import { Tabs } from "../../parts/parts.tsx";
import { change, route } from "../../route.ts";
import { texts } from "../../texts.ts";
import { CaseBar } from "./cases.tsx";
import { InputForm } from "./input-form.tsx";
import { PayloadView } from "./payload.tsx";
import { RenderedView } from "./rendered.tsx";
import { UseView } from "./use.tsx";

const PANES = ["messages", "payload", "use"] as const;
type Pane = (typeof PANES)[number];

export function Preview() {
  const pane = PANES.find((name) => name === route.value.params["pane"]) ?? "messages";
  return (
    <>
      <InputsBox />
      <Tabs
        label={texts.preview.panes}
        panel="pane"
        chosen={pane}
        choose={(name: Pane) => change({ pane: name === "messages" ? undefined : name }, { replace: true })}
        tabs={PANES.map((name) => ({ name, label: texts.preview[name] }))}
      />
      <div id="pane" role="tabpanel" aria-label={texts.preview[pane]} class={`part ${pane}`}>
        {pane === "messages" ? <RenderedView /> : pane === "payload" ? <PayloadView /> : <UseView />}
      </div>
    </>
  );
}

export function InputsBox() {
  return (
    <section class="inputs-box" aria-label={texts.values.label}>
      <CaseBar />
      <InputForm />
    </section>
  );
}
