/** The Worker of Cuecard, built, and workerd to run it in. */
export { generateKey } from "./key.ts";
export { UsageError } from "./errors.ts";
export { run } from "./running.ts";
export { serve } from "./serve.ts";
export { folder, prepare, workerd } from "./workerd.ts";
export type { ServeOptions } from "./options.ts";
export type { Running } from "./running.ts";
export type { Served } from "./serve.ts";
export type { ProgramCall, WorkerOptions } from "./workerd.ts";
