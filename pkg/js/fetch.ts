/** One GET request to the API, by the runtime's `fetch` or the user's. */
import { PromptError } from "./error.ts";

/** The parts of an answer that the package uses. */
export interface OriginAnswer {
  readonly status: number;
  readonly etag?: string | null | undefined;
  readonly revision?: string | null | undefined;
  readonly retryAfter?: string | null | undefined;
  readonly body: string;
}

/** Like the runtime's `fetch`; a service binding's `fetch` fits as well. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The longest body without another limit, in bytes: more than any prompt takes. */
const MAX_BODY = 8 * 1024 * 1024;
/** The longest answer of any other kind: a snapshot has documents of at most 32 MiB, which JSON may escape. */
export const MAX_ANSWER = 128 * 1024 * 1024;

/** Asks for `url`. A redirect is an answer like any other: the key goes nowhere else. */
export async function get(
  url: string,
  key: string,
  etag: string | undefined,
  signal: AbortSignal,
  fetch?: Fetch,
  most = MAX_BODY,
): Promise<OriginAnswer> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}`, accept: "application/json" };
  if (etag !== undefined) headers["if-none-match"] = etag;
  const init: RequestInit = { headers, redirect: "manual", signal };
  const response = await (fetch === undefined ? globalThis.fetch(url, init) : fetch(url, init));
  return {
    status: response.status,
    etag: response.headers.get("etag"),
    revision: response.headers.get("cuecard-revision"),
    retryAfter: response.headers.get("retry-after"),
    body: await text(response, most),
  };
}

/** A body as text; an endless one takes no more memory than `most` bytes.
 *
 * @throws PromptError `origin_bad_response` where it is longer
 */
export async function text(response: Response, most = MAX_BODY): Promise<string> {
  // The answer of a caller's own `fetch` may have no stream.
  const reader = response.body?.getReader?.();
  if (reader === undefined) return response.text();
  const decoder = new TextDecoder();
  let [body, length] = ["", 0];
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.byteLength;
    if (length > most) {
      reader.cancel().catch(() => {});
      throw new PromptError("origin_bad_response", `the answer is over ${most >> 20} MiB`, { status: 502 });
    }
    body += decoder.decode(next.value, { stream: true });
  }
  return body + decoder.decode();
}
