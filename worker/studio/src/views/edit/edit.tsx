/** The editor: parts of a document on the left, the preview on the right. */
import { useRef, useState } from "preact/hooks";

import { isEditable } from "../../document/content.ts";
import { Tabs } from "../../parts/parts.tsx";
import { change, route } from "../../route.ts";
import { evaluation } from "../../state/inputs.ts";
import { shown } from "../../state/prompt.ts";
import { texts } from "../../texts.ts";
import { Guard } from "../guard.tsx";
import { Preview } from "../preview/preview.tsx";
import { Examples } from "./examples.tsx";
import { InputsTable } from "./inputs.tsx";
import { JsonView } from "./json.tsx";
import { Messages } from "./messages.tsx";
import { Model } from "./model.tsx";
import { OutputsTable } from "./outputs.tsx";
import { Tools } from "./tools.tsx";
import { problemsOf } from "./problems.ts";

const PARTS = ["messages", "inputs", "outputs", "examples", "model", "tools", "json"] as const;
type EditPart = (typeof PARTS)[number];

export function Edit() {
  const now = shown.value;
  if (!now) return null;
  const asked = PARTS.find((part) => part === route.value.params["tab"]) ?? "messages";
  // A document that does not fit cards and forms is shown as JSON.
  const part: EditPart = isEditable(now.document) ? asked : "json";
  return (
    <Split
      label={texts.edit.label}
      left={
        <>
          <Tabs
            label={texts.edit.parts}
            panel="part"
            chosen={part}
            choose={(name) => change({ tab: name === "messages" ? undefined : name }, { replace: true })}
            tabs={PARTS.map((name) => ({ name, label: texts.edit[name], isBad: isBad(name) }))}
          />
          <div id="part" class={`part ${part}`} role="tabpanel" aria-label={texts.edit[part]}>
            <Guard>
              <PartView part={part} />
            </Guard>
          </div>
        </>
      }
      right={
        <Guard>
          <Preview />
        </Guard>
      }
    />
  );
}

function PartView({ part }: { readonly part: EditPart }) {
  switch (part) {
    case "messages":
      return <Messages />;
    case "inputs":
      return <InputsTable />;
    case "outputs":
      return <OutputsTable />;
    case "examples":
      return <Examples />;
    case "model":
      return <Model />;
    case "tools":
      return <Tools />;
    case "json":
      return <JsonView />;
  }
}

const ROOTS: Record<EditPart, readonly string[]> = {
  messages: ["messages", ""],
  inputs: ["inputs"],
  outputs: ["outputs"],
  examples: ["demonstrations", "promptingTechnique"],
  model: ["model", "provider", "parameters", "template"],
  tools: ["tools", "toolChoice", "responseFormat"],
  json: ["metadata"],
};

function isBad(part: EditPart): boolean {
  return problemsOf(evaluation.value).some(
    ({ severity, pointer, at }) =>
      severity === "error" && (at ? part === "messages" : ROOTS[part].includes(pointer.split("/")[1] ?? "")),
  );
}

/** Two panes with a divider that is dragged, or moved with the arrow keys. */
export function Split(props: { label: string; left: preact.ComponentChildren; right: preact.ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const [share, setShare] = useState(() => Number(localStorage.getItem("cuecard-split")) || 56);
  const set = (value: number) => {
    const next = Math.min(80, Math.max(25, value));
    setShare(next);
    localStorage.setItem("cuecard-split", String(next));
  };
  return (
    <div class="split" ref={box} style={{ "--left": `${share}%` }}>
      <section class="pane" aria-label={props.label}>
        {props.left}
      </section>
      <div
        class="divider"
        role="separator"
        aria-orientation="vertical"
        aria-label={texts.edit.divider}
        aria-valuenow={Math.round(share)}
        aria-valuemin={25}
        aria-valuemax={80}
        tabIndex={0}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
          if (step) set(share + step);
        }}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          const element = box.current;
          if (!element || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
          const { left, width } = element.getBoundingClientRect();
          set(((event.clientX - left) / width) * 100);
        }}
      />
      <section class="pane right" aria-label={texts.preview.label}>
        {props.right}
      </section>
    </div>
  );
}
