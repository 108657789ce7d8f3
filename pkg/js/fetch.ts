/** One GET of the API: through the runtime's `fetch`, or one that the user brings. */

/** What of an answer matters to us. */
export interface Answer {
  readonly status: number;
  readonly etag?: string | null | undefined;
  readonly revision?: string | null | undefined;
  readonly retryAfter?: string | null | undefined;
  readonly body: string;
}

/** As the runtime's `fetch`; a service binding's `fetch` fits as well. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Asks for `url`. A redirect is an answer like any other: the key goes nowhere else. */
export async function get(
  url: string,
  key: string,
  etag: string | undefined,
  signal: AbortSignal,
  fetch?: Fetch,
): Promise<Answer> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}`, accept: "application/json" };
  if (etag !== undefined) headers["if-none-match"] = etag;
  const init: RequestInit = { headers, redirect: "manual", signal };
  const response = await (fetch === undefined ? globalThis.fetch(url, init) : fetch(url, init));
  return {
    status: response.status,
    etag: response.headers.get("etag"),
    revision: response.headers.get("cuecard-revision"),
    retryAfter: response.headers.get("retry-after"),
    body: await response.text(),
  };
}
