/** A text with highlighting, completion and marks. The editor itself comes in a bundle of its own: until it is there, a
 * plain text area takes the keys. */
import { useEffect, useRef, useState } from "preact/hooks";

import { inputs, values } from "../state/inputs.ts";
import type { EditorLanguage, Mark } from "./setup.ts";

type SetupModule = typeof import("./setup.ts");
type MadeView = ReturnType<SetupModule["makeView"]>;

let loaded: SetupModule | undefined;
const loading: { promise?: Promise<SetupModule> } = {};

/** Starts the download before the first editor is shown. */
export function warm(): Promise<SetupModule> {
  loading.promise ??= import("./setup.ts").then((setup) => {
    loaded = setup;
    return setup;
  });
  return loading.promise;
}

export interface CodeProps {
  readonly language: EditorLanguage;
  readonly text: string;
  readonly label: string;
  readonly hint?: string;
  readonly readOnly?: boolean;
  readonly marks?: readonly Mark[];
  /** A place to put the cursor at, once. */
  readonly place?: { readonly line: number; readonly column: number; readonly turn: number } | undefined;
  readonly changed: (text: string) => void;
}

export function Code(props: CodeProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<MadeView | undefined>(undefined);
  /** The editor's changes that have not come back yet: until then the incoming text is older than the editor's. */
  const said = useRef<string[]>([]);
  const latest = useRef(props);
  latest.current = props;
  const [setup, setSetup] = useState(loaded);

  useEffect(() => {
    if (!setup) void warm().then((there) => setSetup(() => there));
  }, [setup]);

  useEffect(() => {
    if (!setup || !host.current) return;
    const area = host.current.querySelector("textarea");
    const hadFocus = area !== null && document.activeElement === area;
    const [start, end] = [area?.selectionStart ?? 0, area?.selectionEnd ?? 0];
    area?.remove();
    const { text, readOnly = false, language, label, hint } = latest.current;
    const made = setup.makeView(host.current, text, readOnly, {
      language,
      label,
      hint,
      known: () => ({ inputs: inputs.peek(), values: values.peek() }),
      changed: (next) => {
        said.current.push(next);
        latest.current.changed(next);
      },
    });
    view.current = made;
    if (hadFocus) {
      made.dispatch({
        selection: { anchor: Math.min(start, made.state.doc.length), head: Math.min(end, made.state.doc.length) },
      });
      made.focus();
    }
    return () => {
      made.destroy();
      view.current = undefined;
    };
  }, [setup, props.language, props.label]);

  useEffect(() => {
    if (!view.current || !setup) return;
    const at = said.current.lastIndexOf(props.text);
    if (at === -1) {
      said.current = [];
      setup.setText(view.current, props.text);
    } else said.current.splice(0, at + 1);
  }, [props.text, setup]);
  useEffect(() => {
    if (view.current && setup) setup.setReadOnly(view.current, props.readOnly ?? false);
  }, [props.readOnly, setup]);
  const marks = JSON.stringify(props.marks ?? []);
  useEffect(() => {
    if (view.current && setup) setup.setMarks(view.current, latest.current.marks ?? []);
  }, [marks, setup]);
  useEffect(() => {
    if (view.current && setup && props.place) setup.goTo(view.current, props.place);
  }, [props.place?.turn, setup]);

  return (
    <div class={`code ${props.readOnly ? "read-only" : ""}`} ref={host}>
      {!setup && (
        <textarea
          aria-label={props.label}
          spellcheck={false}
          readOnly={props.readOnly ?? false}
          rows={Math.min(24, props.text.split("\n").length)}
          value={props.text}
          onInput={(event) => props.changed(event.currentTarget.value)}
        />
      )}
    </div>
  );
}
