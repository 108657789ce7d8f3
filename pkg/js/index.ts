/**
 * Prompts as versioned, typed, tagged templates: compiled and rendered by the same Rust code everywhere.
 *
 * @packageDocumentation
 */
export { Cuecard } from "./client.ts";
export { PromptError } from "./error.ts";
export { FetchedPrompt, Prompt, compile, ready } from "./prompt.ts";
export { Rendered } from "./rendered.ts";
export { attributes } from "./telemetry.ts";
export type * from "./bodies.ts";
export type { CuecardEvent, CuecardOptions, GetOptions } from "./client.ts";
export type * from "./history.ts";
export type { Payload, PayloadOptions, Payloads } from "./payload.ts";
export type { Identity } from "./rendered.ts";
export type { InputOf, StandardSchema, Standard, StandardIssue } from "./standard.ts";
export type { AttributeOptions } from "./telemetry.ts";
export type { PromptErrorInit } from "./error.ts";
export type { Fetch } from "./fetch.ts";
export type { InputsOf } from "./infer.ts";
export type { Run, RunOptions, RunStream, Streamed, Usage, Whole } from "./run.ts";
export type * from "./types.ts";
