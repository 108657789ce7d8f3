/** Slugs as file names, the same on Linux, macOS and Windows. */
import { no } from "../failure.ts";

export const SUFFIX = ".prompt.yaml";

/** Names that Windows reserves for devices, whatever follows after a dot. */
const DEVICES = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
const SLUG = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** The file of a slug, below the folder of prompts, with `/`.
 *
 * @throws Failure for a slug that cannot be a file everywhere
 */
export function fileOf(slug: string, suffix = SUFFIX): string {
  const reason = unfit(slug);
  if (reason !== undefined) throw no("slug_unfit", `\`${slug}\` cannot be a file: ${reason}`);
  return `${slug}${suffix}`;
}

/** The reason why a slug cannot be a file; `undefined` if it can. */
export function unfit(slug: string): string | undefined {
  if (!SLUG.test(slug) || Buffer.byteLength(slug) > 200)
    return "a slug is letters, digits, `.`, `_` and `-`, in parts joined by `/`, at most 200 bytes";
  for (const part of slug.split("/")) {
    if (DEVICES.test(part)) return `Windows keeps the name \`${part}\` for a device`;
    if (part.endsWith(".")) return "Windows drops a dot at the end of a name";
  }
  return undefined;
}

/** @throws Failure if two slugs would be one file on a disk that ignores letter case */
export function checkCase(slugs: Iterable<string>): void {
  const seen = new Map<string, string>();
  for (const slug of slugs) {
    const other = seen.get(slug.toLowerCase());
    if (other !== undefined && other !== slug)
      throw no("slug_unfit", `\`${other}\` and \`${slug}\` are one file on Windows and macOS: rename one of them`);
    seen.set(slug.toLowerCase(), slug);
  }
}
