/** Renders in the wasm, and turns its output (`src/output.rs`) into messages. */
import { local } from "./clock.ts";
import { call, output, pass } from "./engine.ts";
import { forgetNames, keepNames, type KeptNames, keptNames } from "./names.ts";
import { pack } from "./packed.ts";
import type { RenderOptions, RenderedMessage, Role } from "./types.ts";

/** The most work that a render can be allowed. */
const MAX_WORK = 10_000_000;
const JSON_FOLLOWS = 0xffff_ffff;
const ROLES: readonly Role[] = ["system", "developer", "user", "assistant", "tool"];
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The messages of the prompt with this number, where the inputs (those of `names`, where only these are read) can be
 * packed and fit; inputs of fewer than `least` bytes are left to a walk. `kept`: the names that were listed before. */
export function renderPacked(
  handle: number,
  inputs: unknown,
  names: readonly string[] | undefined,
  { now, work }: RenderOptions = {},
  least = 0,
  kept: KeptNames | undefined = keptNames(),
): RenderedMessage[] | undefined {
  const before = keepNames(kept);
  const packed = pack(inputs, names);
  forgetNames(before);
  if (packed === undefined || packed.length < least) return undefined;
  const { words, length } = packed;
  return call((wasm) => {
    return wasm.render_packed(handle, words, length, local(now), units(work)) ? read(output()) : undefined;
  });
}

/** The messages of the prompt with this number; the inputs as a walk wrote them. */
export function renderInWasm(handle: number, inputs: Uint8Array, { now, work }: RenderOptions = {}): RenderedMessage[] {
  return call((wasm) => {
    wasm.render(handle, pass(inputs), local(now), units(work));
    return read(output());
  });
}

/** The work that a render can be allowed, as the wasm takes it: 0 says "as much as usual". */
function units(work: number | undefined): number {
  return work === undefined ? 0 : work >= 1 ? Math.min(work, MAX_WORK) : 1;
}

function read(bytes: Uint8Array): RenderedMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (count === JSON_FOLLOWS) return JSON.parse(decoder.decode(bytes.subarray(4))) as RenderedMessage[];
  const text = decoder.decode(bytes.subarray(4 + count * 8));
  const messages: RenderedMessage[] = [];
  for (let i = 0, start = 0; i < count; i++) {
    const role = ROLES[view.getUint32(4 + i * 8, true)] ?? "user";
    const end = start + view.getUint32(8 + i * 8, true);
    messages.push({ role, content: text.slice(start, end) });
    start = end;
  }
  return messages;
}
