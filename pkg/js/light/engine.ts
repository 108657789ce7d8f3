/**
 * The engine as `../whole.ts` has it, of the full entry, which is imported when it is first needed. `build.mjs` puts
 * this in its place in `cuecard/client`.
 */
import type * as full from "../whole.ts";
import { PromptError } from "../error.ts";

export type Engine = typeof full;

/** The import of the full entry, and its place from here. */
export interface EngineSource {
  readonly load: () => Promise<{ readonly __engine: Engine }>;
  readonly file: string;
}

let source: EngineSource | undefined;
let engine: Engine | undefined;
let loading: Promise<void> | undefined;

/** Plans of fetched prompts are used: this entry has no engine loaded. */
export const isLight: boolean = true;

/** Sets the place of the full entry; each light entry of the package does so once. */
export function provideLater(from: EngineSource): void {
  source = from;
}

/** Resolves when the engine is loaded. */
export function loaded(): Promise<void> {
  if (engine !== undefined) return Promise.resolve();
  loading ??= load().finally(() => (loading = undefined));
  return loading;
}

async function load(): Promise<void> {
  try {
    if (source === undefined) throw new Error("no engine was provided");
    engine = (await source.load()).__engine;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PromptError("internal", `the engine cannot be loaded: ${why}`, { cause });
  }
}

let tried = false;

/** The engine, if it is there or can be had at once: Node, Deno and Bun load modules without waiting. */
function atHand(): Engine | undefined {
  if (engine !== undefined || tried) return engine;
  tried = true;
  if (source !== undefined) engine = required<{ readonly __engine: Engine }>(source.file)?.__engine;
  return engine;
}

/** A file of the package, loaded without waiting; `undefined` in a bundle, and in a runtime that is older than `require`
 * of modules. */
export function required<Exports>(file: string): Exports | undefined {
  const { process } = globalThis as { readonly process?: Partial<NodeProcess> };
  try {
    return process?.getBuiltinModule?.("node:module").createRequire?.(import.meta.url)(file) as Exports | undefined;
  } catch {
    return undefined;
  }
}

interface NodeProcess {
  getBuiltinModule(name: string): { createRequire?(from: string): (file: string) => unknown };
}

/** Starts loading the engine where that takes time. */
export function prepare(): void {
  const { process } = globalThis as { readonly process?: Partial<NodeProcess> };
  if (engine === undefined && process?.getBuiltinModule === undefined) loaded().catch(() => {});
}

function needed(): Engine {
  const found = atHand();
  return found ?? pending();
}

/** The error of what is not loaded yet. */
export function pending(): never {
  loaded().catch(() => {});
  throw new PromptError("engine_pending", "the engine is still being loaded: wait for `ready()`", { status: 503 });
}

export function call<T>(run: Parameters<typeof full.call<T>>[0]): T {
  return needed().call(run);
}

export function pass(input: Uint8Array): number {
  return needed().pass(input);
}

export function output(): Uint8Array {
  return needed().output();
}

/** The engine, if it is loaded. */
export function present(): Engine | undefined {
  return engine;
}

/** Whether the engine was called before: it may be loaded, and yet have no wasm, as in a bundle. */
export function isRunning(): boolean {
  return engine?.isRunning() ?? false;
}

/** No number where there is no engine: equal to none. */
export function generation(): number {
  return engine?.generation() ?? Number.NaN;
}

/** Without the engine no text is passed to it. */
export const passText = undefined;

export const renderInWasm: typeof full.renderInWasm = (...args) => needed().renderInWasm(...args);
export const renderPacked: typeof full.renderPacked = (...args) => needed().renderPacked(...args);
export const payload: typeof full.payload = (...args) => needed().payload(...args);
export const takeSnapshot: typeof full.takeSnapshot = (...args) => needed().takeSnapshot(...args);
export const inputsFrom: typeof full.inputsFrom = (schema) => needed().inputsFrom(schema);
