/** The instance of the module that writes payloads: made at first use, and anew after it trapped. */
import { PromptError, fromProblem } from "../error.ts";
import { payloadsModule } from "./source.ts";

/** The exports of `src/payloads.rs` and `src/buffer.rs`. */
interface PayloadWriter {
  readonly memory: WebAssembly.Memory;
  reserve(length: number): number;
  output(): number;
  output_length(): number;
  payload(api: number, length: number): number;
}

/** The module's only import fills a table of JavaScript values, of which it has none. */
const imports = { "./payloads_bg.js": { __wbindgen_init_externref_table() {} } };
const decoder = new TextDecoder();
let writer: PayloadWriter | null = null;

/** Writes a rendered prompt, as the flat form that `walk` makes, for the model API with this number.
 *
 * @throws PromptError what Rust says of the prompt
 */
export function write(api: number, rendered: Uint8Array): unknown {
  writer ??= start();
  let isWritten: number;
  let text: string;
  try {
    const at = writer.reserve(rendered.length);
    new Uint8Array(writer.memory.buffer).set(rendered, at);
    isWritten = writer.payload(api, rendered.length);
    text = decoder.decode(new Uint8Array(writer.memory.buffer, writer.output(), writer.output_length()));
  } catch (cause) {
    writer = null;
    throw new PromptError("internal", "the writer of payloads stopped", { cause });
  }
  const answer: unknown = JSON.parse(text);
  if (isWritten === 0) throw fromProblem(answer);
  return answer;
}

function start(): PayloadWriter {
  try {
    return new WebAssembly.Instance(payloadsModule(), imports).exports as unknown as PayloadWriter;
  } catch (cause) {
    if (cause instanceof PromptError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PromptError("internal", `WebAssembly cannot be compiled here: ${why}`, { cause });
  }
}
