/** The compiler and renderer, in a Web Worker: typing never waits for them. */
import type { Document, JsonObject } from "cuecard";

import type { Evaluation, Origins, PayloadPreview, EngineRequest, PayloadApi } from "./protocol.ts";

interface PendingRequest {
  readonly request: EngineRequest;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

let worker: Worker | undefined;
/** A worker loses messages that arrive while its module loads, so the first requests wait until it is ready. */
let isReady = false;
let count = 0;
const waiting = new Map<number, PendingRequest>();

export const evaluate = (document: Document, inputs?: JsonObject): Promise<Evaluation> =>
  ask({ kind: "evaluate", document, ...(inputs && { inputs }) }) as Promise<Evaluation>;

export const origins = (document: Document, inputs: JsonObject): Promise<Origins> =>
  ask({ kind: "origins", document, inputs }) as Promise<Origins>;

export const payload = (document: Document, inputs: JsonObject, target: PayloadApi): Promise<PayloadPreview> =>
  ask({ kind: "payload", document, inputs, target }) as Promise<PayloadPreview>;

/** Starts the download before the first request. */
export function warm(): void {
  worker ??= start();
}

function ask(request: EngineRequest): Promise<unknown> {
  warm();
  const id = ++count;
  return new Promise((resolve, reject) => {
    waiting.set(id, { request, resolve, reject });
    if (isReady) worker?.postMessage({ id, request });
  });
}

type EngineAnswer =
  | { readonly ready: true }
  | { readonly id: number; readonly answer?: unknown; readonly error?: string };

function start(): Worker {
  const made = new Worker(scriptUrl("/assets/engine.js") as string, { type: "module", name: "engine" });
  made.addEventListener("message", ({ data }: MessageEvent<EngineAnswer>) => {
    if ("ready" in data) {
      isReady = true;
      for (const [id, { request }] of waiting) made.postMessage({ id, request });
      return;
    }
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error === undefined) asked?.resolve(data.answer);
    else asked?.reject(new Error(data.error));
  });
  // The worker could not start, or died: pending requests fail, and the next one starts another.
  made.addEventListener("error", (event) => {
    worker = undefined;
    isReady = false;
    for (const asked of waiting.values()) asked.reject(new Error(event.message || "engine"));
    waiting.clear();
  });
  return made;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): unknown;
  };
}

/** The page's policy on trusted types allows a script URL only here. */
function scriptUrl(url: string): unknown {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= types?.createPolicy("studio", { createScriptURL: (given) => given });
  return policy ? policy.createScriptURL(url) : url;
}
let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;
