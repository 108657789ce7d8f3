/** What the wasm puts out when it has rendered (`src/output.rs`). */
import type { Rendered, RenderedMessage, Role } from "./types.ts";

const JSON_FOLLOWS = 0xffff_ffff;
const ROLES: readonly Role[] = ["system", "developer", "user", "assistant", "tool"];
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The rendered prompt; without `rest`, all of it is in the bytes. */
export function read(bytes: Uint8Array, rest: Rest | null): Rendered {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (count === JSON_FOLLOWS || rest === null) return JSON.parse(decoder.decode(bytes.subarray(4))) as Rendered;
  const text = decoder.decode(bytes.subarray(4 + count * 8));
  const messages: RenderedMessage[] = [];
  for (let i = 0, start = 0; i < count; i++) {
    const role = ROLES[view.getUint32(4 + i * 8, true)] ?? "user";
    const end = start + view.getUint32(8 + i * 8, true);
    messages.push({ role, content: text.slice(start, end) });
    start = end;
  }
  return rest.with(messages);
}

/** What is in every render of a prompt beside its messages. Each gets a copy: callers may change what they are given. */
export class Rest {
  readonly #json: string | null;

  constructor({ messages: _, ...rest }: Rendered) {
    this.#json = Object.keys(rest).length === 0 ? null : JSON.stringify(rest);
  }

  with(messages: RenderedMessage[]): Rendered {
    if (this.#json === null) return { messages };
    return { messages, ...(JSON.parse(this.#json) as Omit<Rendered, "messages">) };
  }
}
