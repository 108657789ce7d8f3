// Calls the HTTP API of a Worker with a key.

/** @param {{ url: string, key: string }} worker */
export function client({ url, key }) {
  /** Sends one request with `body` as JSON. Returns status, headers and the JSON of the answer. */
  return async function call(method, path, body, headers = {}) {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(key && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: text ? JSON.parse(text) : undefined };
  };
}

/** A document with one user message. */
export const says = (content, more = {}) => ({ messages: [{ role: "user", content }], ...more });

/** All items of a paged answer. */
export async function all(call, path, name, limit = 100) {
  const items = [];
  for (let cursor; ; ) {
    const page = await call("GET", `${path}?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    if (page.status !== 200) throw new Error(`${path}: ${page.status} ${page.text}`);
    items.push(...page.json[name]);
    cursor = page.json.nextCursor;
    if (!cursor) return items;
  }
}
