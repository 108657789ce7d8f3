/** The values that the open prompt is rendered with: a case's, or those in the form. */
import { computed, effect, signal, untracked } from "@preact/signals";
import type { Document, Input, JsonObject } from "cuecard";

import * as engine from "../engine/engine.ts";
import type { Evaluation } from "../engine/protocol.ts";
import { isEditable, same } from "../document/content.ts";
import { samples } from "../document/values.ts";
import { route } from "../route.ts";
import { dropCase, type EditedCase, keepCase, keepInputs, keptCase, keptInputs } from "./backup.ts";
import { open, shown } from "./prompt.ts";

/** By slug and case: values changed since the page was loaded. */
const edited = signal<ReadonlyMap<string, EditedCase>>(new Map());
const place = computed(() => `${route.value.slug}?${route.value.params["case"] ?? ""}`);

/** The chosen case, as it is stored. */
export const chosenCase = computed(() =>
  open.value?.cases.value.find(({ name }) => name === route.value.params["case"]),
);

/** The unsaved values of the chosen case, also from before a reload. */
const editedHere = computed(() => edited.value.get(place.value) ?? (chosenCase.value && keptCase(place.value)));

/** The case's revision at the first edit. */
export const caseRevision = computed(() => editedHere.value?.revision ?? chosenCase.value?.revision);

/** The engine's last result for the shown document, also while the next is pending. */
export const evaluation = signal<Evaluation | undefined>(undefined);
/** Whether `evaluation` is of an earlier keystroke. */
export const isBehind = signal(false);
/** The last successful render of the same prompt. */
export const lastRendered = signal<{ readonly slug: string; readonly evaluation: Evaluation } | undefined>(undefined);
export const engineProblem = signal("");

let lastInputs: readonly Input[] = [];
/** The inputs, declared or inferred; the same list as long as it says the same, as the values are made from it. */
export const inputs = computed<readonly Input[]>(() => {
  const declared = shown.value?.document.inputs;
  // A template with an error infers nothing: the form stays as it was.
  const fallback = isEditable(shown.value?.document) && declared ? declared : evaluation.value?.error ? lastInputs : [];
  const next = evaluation.value?.inputs ?? fallback;
  if (!same(next, lastInputs)) lastInputs = next;
  return lastInputs;
});

/** The values, with samples for inputs that have none. */
export const values = computed<JsonObject>(() => {
  const now = shown.value;
  const own = editedHere.value?.values ?? chosenCase.value?.inputs;
  if (own && chosenCase.value) return own;
  return { ...(now ? samples(now.document, inputs.value) : {}), ...only(own ?? keptInputs(route.value.slug) ?? {}) };
});

/** Values of the prompt's inputs; values typed for others are kept, but not sent. */
function only(given: Record<string, unknown>): JsonObject {
  const names = new Set(inputs.value.map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => names.has(name) && value !== undefined),
  ) as JsonObject;
}

export const isCaseChanged = computed(() => {
  const own = editedHere.value?.values;
  return own !== undefined && chosenCase.value !== undefined && !same(own, chosenCase.value.inputs);
});

export function setValues(next: JsonObject): void {
  const chosen = chosenCase.value;
  if (chosen && same(next, chosen.inputs)) return forgetChanges();
  const revision = caseRevision.value;
  const here: EditedCase = { values: next, ...(revision !== undefined && { revision }) };
  edited.value = new Map(edited.value).set(place.value, here);
  if (chosen) keepCase(place.value, here);
  else keepInputs(route.value.slug, { ...keptInputs(route.value.slug), ...next });
}

export function setValue(name: string, value: unknown): void {
  const { [name]: _, ...others } = values.value;
  if (value !== undefined) return setValues({ ...others, [name]: value } as JsonObject);
  // Left out on purpose: no sample may replace it.
  const kept = { ...keptInputs(route.value.slug) };
  delete kept[name];
  setValues(others);
  if (!chosenCase.value) keepInputs(route.value.slug, kept);
}

/** Discards the unsaved changes of a case. */
export function forgetChanges(): void {
  const left = new Map(edited.value);
  left.delete(place.value);
  dropCase(place.value);
  edited.value = left;
}

const LONG = 10_000;
const PAUSE = 200;
/** The preview follows even continuous typing. */
const LONGEST = 2_000;

const sizeOf = (document: Document | undefined): number =>
  isEditable(document) ? document.messages.reduce((sum, { content }) => sum + content.length, 0) : 0;

/** Evaluates the shown document on every change; while the engine works, only the latest change waits. */
export function follow(): void {
  let isBusy = false;
  let isWaiting = false;
  let changed = 0;
  const pause = async () => {
    const began = performance.now();
    for (let left = PAUSE; left > 0 && performance.now() - began < LONGEST; left = changed + PAUSE - performance.now())
      await new Promise((done) => setTimeout(done, left));
  };
  let slug = "";
  const run = async () => {
    isBusy = true;
    do {
      // Drawing a long preview takes longer than a keystroke may: it waits for a pause; short ones follow at once.
      if (sizeOf(shown.peek()?.document) > LONG) await pause();
      isWaiting = false;
      const now = shown.peek();
      if (!now) break;
      const of = route.peek().slug;
      try {
        const answer = await engine.evaluate(now.document, values.peek());
        engineProblem.value = "";
        if (route.peek().slug === of) {
          evaluation.value = answer;
          if (answer.rendered) lastRendered.value = { slug: of, evaluation: answer };
        }
      } catch (error) {
        engineProblem.value = String(error);
      }
    } while (isWaiting);
    isBusy = false;
    isBehind.value = false;
  };
  effect(() => {
    void shown.value?.document;
    void values.value;
    untracked(() => {
      if (route.value.slug !== slug) {
        slug = route.value.slug;
        evaluation.value = undefined;
      }
      isBehind.value = true;
      changed = performance.now();
      if (isBusy) isWaiting = true;
      else void run();
    });
  });
}
