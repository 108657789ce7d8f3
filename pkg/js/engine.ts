/**
 * The wasm instance: made at first use, thrown away when it traps, and made anew by the next call.
 */
import * as glue from "../glue/cuecard.js";
import { PromptError, fromProblem } from "./error.ts";

let load: (() => WebAssembly.Module) | null = null;
let module: WebAssembly.Module | null = null;
let memory: WebAssembly.Memory | null = null;
let bytes = new Uint8Array(0);

/** Whether plans of fetched prompts are used, as the engine is not loaded: in `light/engine.ts`, which has the same
 * exports. */
export const isLight: boolean = false;

let lost = 0;

/** Grows when an instance is lost: numbers of an earlier one mean nothing to this one. */
export function generation(): number {
  return lost;
}

/** Whether there is an instance, which the first call makes. */
export function isRunning(): boolean {
  return memory !== null;
}

/** Resolves when the engine is loaded. */
export function loaded(): Promise<void> {
  return Promise.resolve();
}

/** Starts loading the engine where that takes time. */
export function prepare(): void {
  // it is loaded
}

/** Sets the source of the wasm; each entry of the package does so once. */
export function provide(from: () => WebAssembly.Module): void {
  load = from;
}

/** Calls into the wasm. Its exceptions become `PromptError`s. */
export function call<T>(run: (wasm: typeof glue) => T): T {
  try {
    if (memory === null) start();
    return run(glue);
  } catch (error) {
    if (error instanceof PromptError) throw error;
    if (error instanceof Error) {
      // A trap: the state of the instance is unknown, so the instance is dropped.
      lose();
      throw new PromptError("internal", "the engine stopped and was restarted", { cause: error });
    }
    throw fromProblem(error);
  }
}

/** The wasm's input buffer, with room for `length` bytes. */
export function reserve(length: number): Uint8Array {
  return call(() => {
    const at = glue.reserve(length);
    return view().subarray(at, at + length);
  });
}

/** Copies `input` into the wasm's input buffer and returns its length. */
export function pass(input: Uint8Array): number {
  const at = glue.reserve(input.length);
  view().set(input, at);
  return input.length;
}

const { Buffer } = globalThis as { readonly Buffer?: TextWriter };

/** Puts the UTF-16 of a text where the wasm reads its input, and gives its length in bytes; `undefined` where the
 * platform cannot copy a text as it is, as that would take longer than it gains. */
export const passText =
  Buffer &&
  ((text: string): number => {
    const length = text.length * 2;
    const at = glue.reserve(length);
    return Buffer.from(view().buffer, at, length).write(text, "utf16le");
  });

interface TextWriter {
  from(buffer: ArrayBufferLike, at: number, length: number): { write(text: string, encoding: "utf16le"): number };
}

/** The wasm's output; valid until the next call. */
export function output(): Uint8Array {
  const at = glue.output();
  return view().subarray(at, at + glue.output_length());
}

function view(): Uint8Array {
  if (memory === null) throw new PromptError("internal", "the engine is not running");
  if (bytes.buffer !== memory.buffer) bytes = new Uint8Array(memory.buffer);
  return bytes;
}

function start(): void {
  if (module === null) {
    if (load === null) throw new PromptError("internal", "no wasm was provided");
    try {
      module = load();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new PromptError("internal", `WebAssembly cannot be compiled here: ${why}`, { cause: error });
    }
  }
  memory = glue.start(module).memory;
}

function lose(): void {
  lost++;
  memory = null;
}
