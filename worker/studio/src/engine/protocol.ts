/** What the page and its Web Worker say to each other. */
import type { At, Document, Input, Issue, JsonObject, Rendered } from "cuecard";

/** An error of the compiler or of a render. */
export interface EngineProblem {
  readonly code: string;
  readonly message: string;
  readonly issues: readonly Issue[];
  readonly at?: At;
}

/** What the engine makes of a document and of inputs for it. */
export interface Evaluation {
  /** Set where the document compiles. */
  readonly inputs?: readonly Input[];
  readonly warnings?: readonly Issue[];
  /** Set where the document does not compile. */
  readonly error?: EngineProblem;
  /** Set where inputs came and fit. */
  readonly rendered?: Rendered;
  /** Set where inputs came and do not fit, or the render failed. */
  readonly refused?: EngineProblem;
}

export interface PayloadPreview {
  readonly body?: JsonObject;
  readonly losses?: readonly Issue[];
  readonly error?: EngineProblem;
}

export type EngineRequest =
  | { readonly kind: "evaluate"; readonly document: Document; readonly inputs?: JsonObject }
  | { readonly kind: "origins"; readonly document: Document; readonly inputs: JsonObject }
  | { readonly kind: "payload"; readonly document: Document; readonly inputs: JsonObject; readonly target: PayloadApi };

/** The APIs, each as HTTP has it. */
export type PayloadApi = "openai_chat" | "openai_responses" | "anthropic" | "gemini_rest";

/** A stretch of a rendered text; `input` is missing where the template wrote it. */
export interface Stretch {
  readonly text: string;
  readonly input?: string;
}

export interface Origins {
  /** Per message, per text of it. */
  readonly messages: readonly (readonly (readonly Stretch[])[])[];
  /** Inputs that the text depends on in a way that cannot be followed byte by byte. */
  readonly computed: readonly string[];
}
