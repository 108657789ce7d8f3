/** A new key in the format that the store parses: `cue_<organisation 12>_<key id 12>_<secret 32><checksum 6>`, all in
 * base 36. */
import { createHash, randomInt } from "node:crypto";

/** A random key, of a random organisation by default. */
export function generateKey(organization = random(12), id = random(12)): string {
  const body = `cue_${organization}_${id}_${random(32)}`;
  return body + checksum(body);
}

/** Whether this is a complete key. */
export function isKey(text: string): boolean {
  return /^cue_[a-z0-9]{12}_[a-z0-9]{12}_[a-z0-9]{38}$/.test(text) && checksum(text.slice(0, -6)) === text.slice(-6);
}

function random(length: number): string {
  return Array.from({ length }, () => randomInt(36).toString(36)).join("");
}

function checksum(body: string): string {
  let rest = createHash("sha256").update(body).digest().readBigUInt64BE();
  let digits = "";
  for (let i = 0; i < 6; i++) {
    digits += (rest % 36n).toString(36);
    rest /= 36n;
  }
  return digits;
}
