/** JSON whose integers keep their digits: what no double holds is a `bigint`, here and in what `JSON.stringify`
 * writes. */

const raw = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON;
Object.defineProperty(BigInt.prototype, "toJSON", {
  value(this: bigint) {
    return raw ? raw(String(this)) : Number(this);
  },
});

type Reviver = (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) => unknown;
const parse = JSON.parse as (text: string, reviver?: Reviver) => unknown;

/** @throws SyntaxError */
export function parseJson(text: string): unknown {
  // 2^53 has sixteen digits. A reviver costs many times what it takes without one.
  if (!/[0-9]{16}/.test(text)) return parse(text);
  return parse(text, (_, value, context) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?[0-9]+$/.test(context?.source ?? "")
      ? BigInt(context?.source ?? "")
      : value,
  );
}
