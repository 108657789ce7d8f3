/** The messages between the page and its Web Worker. */
import type { At, Document, Input, Issue, JsonObject, Rendered } from "cuecard";

/** An error of the compiler or of a render. */
export interface EngineProblem {
  readonly code: string;
  readonly message: string;
  readonly issues: readonly Issue[];
  readonly at?: At;
}

/** The engine's result for a document and its inputs. */
export interface Evaluation {
  /** Set where the document compiles. */
  readonly inputs?: readonly Input[];
  readonly warnings?: readonly Issue[];
  /** Set where the document does not compile. */
  readonly error?: EngineProblem;
  /** Set if inputs were given and fit. */
  readonly rendered?: Rendered;
  /** Set if inputs were given and do not fit, or the render failed. */
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

/** A span of a rendered text; `input` is missing if the template wrote it. */
export interface Stretch {
  readonly text: string;
  readonly input?: string;
}

export interface Origins {
  /** Per message, per text of it. */
  readonly messages: readonly (readonly (readonly Stretch[])[])[];
  /** Inputs that the text depends on in a way that cannot be traced byte by byte. */
  readonly computed: readonly string[];
}
