/**
 * `cuecard/payloads`: what `rendered.to(…)` needs in a browser. Import it once, for what it does. Elsewhere
 * `cuecard` has it already, and this is empty.
 *
 * @packageDocumentation
 */
import { providePayloads } from "../payload/source.ts";
import { decode } from "./decode.ts";
import text from "#payloads-text";

providePayloads(() => new WebAssembly.Module(decode(text)));
