/** A history in as many requests as the server asks for: what it says is too much is halved. */
import type { History, TakenHistory } from "./api.ts";

/** The largest body that the server takes, less what is around the versions. */
const MAX_BYTES = 1_000_000;
const MAX_VERSIONS = 500;
/** What the server answers to more than one request may cost. */
const TOO_MUCH = ["limit_exceeded", "body_too_large"];

type Numbered = Pick<History["versions"][number], "version">;
type PartOf<V> = Omit<History, "versions"> & { readonly versions: readonly V[] };
type Tags = NonNullable<History["tags"]>;

/**
 * Sends versions in one request, or in several that each add. Tags go with the last one; a trial of several tells of a
 * tag where its version is.
 */
export async function importInParts<V extends Numbered>(
  history: PartOf<V>,
  send: (part: PartOf<V>, index: number) => Promise<TakenHistory>,
): Promise<TakenHistory> {
  const { versions, tags = {}, ...rest } = history;
  const waiting = inParts(versions);
  const answers: TakenHistory[] = [];
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const isLast = waiting.length === 0;
    const isWhole = part.length === versions.length;
    const pointers = isWhole ? tags : history.dryRun ? tagsOf(part, tags) : isLast ? tags : {};
    try {
      answers.push(await send({ ...rest, versions: part, tags: pointers }, answers.length));
    } catch (error) {
      if (part.length < 2 || !TOO_MUCH.includes((error as { code?: string }).code ?? "")) throw error;
      const middle = Math.ceil(part.length / 2);
      waiting.unshift(part.slice(0, middle), part.slice(middle));
    }
  }
  const [only] = answers;
  if (only !== undefined && answers.length === 1) return only;
  return {
    added: answers.flatMap(({ added }) => added),
    kept: answers.flatMap(({ kept }) => kept),
    removed: answers.flatMap(({ removed }) => removed),
    tags: answers.flatMap(({ tags }) => tags),
    versions: answers.flatMap(({ versions }) => versions),
  };
}

function inParts<V>(versions: readonly V[]): (readonly V[])[] {
  const encoder = new TextEncoder();
  const parts: V[][] = [[]];
  let bytes = 0;
  for (const version of versions) {
    const size = encoder.encode(JSON.stringify(version)).length;
    const part = parts.at(-1) ?? [];
    if (part.length > 0 && (bytes + size > MAX_BYTES || part.length === MAX_VERSIONS)) {
      parts.push([version]);
      bytes = size;
    } else {
      part.push(version);
      bytes += size;
    }
  }
  return parts;
}

function tagsOf(part: readonly Numbered[], tags: Tags): Tags {
  const isHere = (to: unknown) => part.some(({ version }) => version === to);
  return Object.fromEntries(Object.entries(tags).filter(([, to]) => isHere(to)));
}
