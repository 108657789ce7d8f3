/** Canonical JSON (RFC 8785) and its SHA-256, which make the hash of a prompt. */

/** Members sorted by UTF-16 units; numbers as JavaScript writes them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "bigint") return String(Number(value));
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = value as Readonly<Record<string, unknown>>;
  let text = "";
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member !== undefined) text += `${text && ","}${JSON.stringify(name)}:${canonical(member)}`;
  }
  return `{${text}}`;
}

/** The seal of a plan, as `crates/prompt/src/prompt/plan.rs` makes it. */
export function sealOf(text: string): string {
  const { imul } = Math;
  let [a, b] = [0x9e37_79b9, 0x85eb_ca6b];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = imul(a ^ unit, 0x9e37_79b1);
    b = imul(b ^ unit, 0x5f35_6495);
    b = (b << 13) | (b >>> 19);
  }
  return [a, b].map(hex).join("");
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

/** SHA-256 of a text's UTF-8, in hex. `crypto.subtle` would make whoever asks wait, and is not everywhere. */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const { length } = bytes;
  const padded = new Uint8Array(((length + 72) >> 6) << 6);
  padded.set(bytes);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(length / 0x2000_0000));
  view.setUint32(padded.length - 4, length << 3);
  const [start, constants] = tables();
  const state = start.slice();
  const words = new Int32Array(64);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4);
    for (let i = 16; i < 64; i++) {
      const [a, b] = [words[i - 15] as number, words[i - 2] as number];
      const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
      const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
      words[i] = (words[i - 16] as number) + low + (words[i - 7] as number) + high;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const high = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const one = (h + high + ((e & f) ^ (~e & g)) + (constants[i] as number) + (words[i] as number)) | 0;
      const low = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const two = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] as number) + word));
  }
  return Array.from(state, hex).join("");
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

let made: [Int32Array, Int32Array] | undefined;

/** The fractions of the square and cube roots of the first primes. */
function tables(): [Int32Array, Int32Array] {
  if (made !== undefined) return made;
  const fraction = (root: number) => ((root % 1) * 2 ** 32) | 0;
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  made = [
    Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
    Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
  ];
  return made;
}
