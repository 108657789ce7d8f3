/**
 * Prompts as versioned, typed, tagged templates: compiled and rendered by the same Rust code everywhere.
 *
 * @packageDocumentation
 */
export { PromptError } from "./error.ts";
export { Prompt, compile } from "./prompt.ts";
export type { PromptErrorInit } from "./error.ts";
export type { InputsOf } from "./infer.ts";
export type * from "./types.ts";
