/** Decodes a text with one character per byte. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const { Buffer } = globalThis as { readonly Buffer?: LatinDecoder };
  if (Buffer !== undefined) return Buffer.from(text, "latin1");
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

interface LatinDecoder {
  from(text: string, encoding: "latin1"): Uint8Array<ArrayBuffer>;
}
