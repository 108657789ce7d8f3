// The Cache API's backend for workerd on one machine: memory of this process, least recently written out first.
// workerd asks over HTTP: GET (match), PUT with a whole serialised response as body (put), PURGE (delete).
const LIMIT_BYTES = 128 * 1024 * 1024;
/** The overhead of an entry beside its body: its key, its headers, and V8's objects for them. */
const OVERHEAD = 8 * 1024;
const entries = new Map();
let bytes = 0;

export default {
  async fetch(request, env) {
    if (env.INSTEAD === "fail") return new Response(null, { status: 500 });
    if (env.INSTEAD === "foreign" && request.method === "GET") return foreign();
    const key = `${request.headers.get("cf-cache-namespace") ?? ""} ${request.url}`;
    switch (request.method) {
      case "GET":
        return match(key, request);
      case "PUT":
        return put(key, parse(await request.arrayBuffer()));
      case "PURGE":
        return new Response(null, { status: remove(key) ? 200 : 404 });
      default:
        return new Response(null, { status: 405 });
    }
  },
};

/** An entry in the format of another release, which this one must not accept. */
function foreign() {
  const headers = {
    "cf-cache-status": "HIT",
    "content-type": "application/cuecard2",
    "x-cuecard-revision": "one",
    "x-cuecard-checked": "today",
  };
  return new Response("\0{not ours", { headers });
}

function match(key, request) {
  const entry = entries.get(key);
  if (entry && entry.expires <= Date.now()) remove(key);
  if (!entries.has(key)) return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
  const headers = new Headers(entry.headers);
  headers.set("cf-cache-status", "HIT");
  headers.set("age", String(Math.floor((Date.now() - entry.stored) / 1000)));
  const etag = headers.get("etag");
  const unchanged = etag && request.headers.get("if-none-match") === etag;
  return new Response(unchanged ? null : entry.body, { status: unchanged ? 304 : entry.status, headers });
}

function put(key, { status, headers, body }) {
  const seconds = lifetime(headers);
  // 413 is how a backend declines to store an entry; the Worker does not see it as an error.
  if (seconds <= 0 || headers.has("set-cookie")) return new Response(null, { status: 413 });
  remove(key);
  const now = Date.now();
  entries.set(key, { status, headers: [...headers], body, stored: now, expires: now + seconds * 1000 });
  bytes += body.byteLength + OVERHEAD;
  for (const oldest of entries.keys()) {
    if (bytes <= LIMIT_BYTES) break;
    remove(oldest);
  }
  return new Response(null, { status: 204 });
}

function remove(key) {
  const entry = entries.get(key);
  if (entry) bytes -= entry.body.byteLength + OVERHEAD;
  return entries.delete(key);
}

function lifetime(headers) {
  const control = (headers.get("cache-control") ?? "").toLowerCase();
  if (/\b(no-store|no-cache|private)\b/.test(control)) return 0;
  const age = /\bs-maxage=(\d+)/.exec(control) ?? /\bmax-age=(\d+)/.exec(control);
  if (age) return Number(age[1]);
  const expires = Date.parse(headers.get("expires") ?? "");
  return Number.isNaN(expires) ? 0 : (expires - Date.now()) / 1000;
}

/** An HTTP/1.1 response as bytes. */
function parse(buffer) {
  const message = new Uint8Array(buffer);
  const end = message.findIndex((byte, i) => byte === 13 && message[i + 1] === 10 && message[i + 2] === 13);
  const [statusLine, ...fields] = new TextDecoder("latin1").decode(message.subarray(0, end)).split("\r\n");
  const headers = new Headers(
    fields.map((field) => [field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1).trim()]),
  );
  return { status: Number(statusLine.split(" ")[1]), headers, body: buffer.slice(end + 4) };
}
