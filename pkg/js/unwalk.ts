/** Reads the output of a walk back into values (`wire.ts` has the form); an integer that no double holds stays a
 * `bigint`. */
import type { Json } from "./types.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function unwalk(bytes: Uint8Array): Json {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const length = () => {
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const text = () => {
    const size = length();
    at += size;
    return decoder.decode(bytes.subarray(at - size, at));
  };
  const value = (): Json => {
    const tag = bytes[at++];
    if (tag === 0) return null;
    if (tag === 1 || tag === 2) return tag === 2;
    if (tag === 3 || tag === 4) {
      at += 8;
      return tag === 3 ? integer(view.getBigInt64(at - 8, true)) : view.getFloat64(at - 8, true);
    }
    if (tag === 5) return text();
    const size = length();
    if (tag === 6) return Array.from({ length: size }, value);
    const entries = Array.from({ length: size }, () => [text(), value()] as const);
    return Object.fromEntries(entries);
  };
  return value();
}

function integer(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : (value as unknown as number);
}
