/**
 * Prompts as versioned, typed, tagged templates: compiled and rendered by the same Rust code everywhere.
 *
 * @packageDocumentation
 */
export { Cuecard } from "./client.ts";
export { PromptError } from "./error.ts";
export { FetchedPrompt, Prompt, compile } from "./prompt.ts";
export type { CuecardOptions, GetOptions } from "./client.ts";
export type { PromptErrorInit } from "./error.ts";
export type { Fetch } from "./fetch.ts";
export type { InputsOf } from "./infer.ts";
export type * from "./types.ts";
