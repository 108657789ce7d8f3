// Problem documents (RFC 9457) for answers of this layer. Codes and titles are those of crates/prompt/src/error.rs.

/** A response; `detail` may be left out. */
export function problem(status, code, title, detail, headers = {}) {
  const body = { type: `urn:cuecard:error:${code}`, title, status, code, ...(detail !== undefined && { detail }) };
  return Response.json(body, { status, headers: { "content-type": "application/problem+json", ...headers } });
}
