// A small origin for tests: another Cuecard as an edge sees it, which can misbehave on demand.
//
//   const origin = await Origin.start();
//   origin.put("support/reply", "Hello", 7);        // content and the project's revision
//   origin.fault = "hang";                          // from now on, for prompts
//   origin.requests                                 // all requests, in order
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

import { freePort } from "../ports.mjs";

let bomb;
/** A template that compiles and exceeds the budget of every render. */
export const BOMB = "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}";

/** The faults by name: functions of the request, the response and the good answer. */
export const FAULTS = {
  hang: () => {},
  "slow first byte": (_, response, good) => later(response, 30_000, () => send(response, good)),
  drip(_, response, { status, headers, body }) {
    response.writeHead(status, headers);
    let at = 0;
    const timer = setInterval(
      () => (at < body.length ? response.write(body.subarray(at, ++at)) : response.end()),
      1_000,
    );
    response.on("close", () => clearInterval(timer));
  },
  ...Object.fromEntries([201, 202, 204, 205, 206, 300, 305, 451].map((code) => [`status ${code}`, status(code)])),
  "status 500": status(500),
  "status 502": status(502),
  "status 503": status(503, { "retry-after": "1" }),
  "status 504": status(504),
  "status 429": status(429, { "retry-after": "1" }),
  "status 418": status(418),
  "429 of ours": (_, response) => send(response, problem(429, "rate_limited")),
  "500 of ours": (_, response) => send(response, problem(500, "internal")),
  "reset before answering": (_, response) => response.socket.resetAndDestroy(),
  "reset mid-body"(_, response, { headers, body }) {
    response.writeHead(200, { ...headers, "content-length": body.length });
    response.write(body.subarray(0, body.length >> 1), () => response.socket.resetAndDestroy());
  },
  "truncated with length"(_, response, { headers, body }) {
    response.writeHead(200, { ...headers, "content-length": body.length });
    response.write(body.subarray(0, body.length >> 1), () => response.socket.end());
  },
  "truncated chunks"(_, response, { headers, body }) {
    response.writeHead(200, headers);
    response.write(body.subarray(0, body.length >> 1), () => response.socket.end());
  },
  html: (_, response, good) =>
    send(response, {
      ...good,
      headers: { ...good.headers, "content-type": "text/html" },
      body: "<html>Welcome!</html>",
    }),
  "wrong content type": (_, response, good) =>
    send(response, { ...good, headers: { ...good.headers, "content-type": "text/plain" } }),
  "garbage JSON": (_, response, good) => send(response, { ...good, body: '{"messages": [' }),
  "wrong schema": (_, response, good) => change(response, good, (body) => (body.messages = "hello")),
  "wrong digest": (_, response, good) => change(response, good, (body) => (body.messages[0].content += " and more")),
  "another organisation": (_, response, good) => change(response, good, (body) => (body.organization = "other0other0")),
  "a role of another time": (_, response, good) => change(response, good, (body) => (body.role = "emperor")),
  "another prompt": (_, response, good) => change(response, good, (body) => (body.slug = "another")),
  "no revision": (_, response, { status, headers: { "cuecard-revision": _gone, ...headers }, body }) =>
    send(response, { status, headers, body }),
  poison: (_, response, good) =>
    change(response, good, (body) => {
      body.messages = [{ role: "user", content: "{% if %}" }];
      body.hash = hash(body.messages);
    }),
  "over budget": (_, response, good) =>
    change(response, good, (body) => {
      body.messages = [{ role: "user", content: BOMB }];
      body.hash = hash(body.messages);
    }),
  "404 of a proxy": (_, response) =>
    send(response, { status: 404, headers: { "content-type": "text/html" }, body: "<h1>Not Found</h1>" }),
  "404 in JSON": (_, response) =>
    send(response, { status: 404, headers: { "content-type": "application/json" }, body: '{"error":"not found"}' }),
  "401 of a proxy": (_, response) =>
    send(response, { status: 401, headers: { "content-type": "text/html" }, body: "<h1>Log in</h1>" }),
  "403 of a proxy": (_, response) =>
    send(response, { status: 403, headers: { "content-type": "text/html" }, body: "<h1>Forbidden</h1>" }),
  "duplicate members": (_, response, good) => raw(response, good, (body) => `{"slug":"other",${body.slice(1)}`),
  "a deeply nested answer": (_, response, good) =>
    raw(response, good, (body) => `{"metadata":${"[".repeat(5_000)}${"]".repeat(5_000)},${body.slice(1)}`),
  "a long entity tag": (_, response, good) =>
    send(response, { ...good, headers: { ...good.headers, etag: `"${"e".repeat(4_000)}"` } }),
  "a revision beyond all": (_, response, good) =>
    send(response, { ...good, headers: { ...good.headers, "cuecard-revision": "18446744073709551615" } }),
  "304 always": (_, response, good) =>
    send(response, { status: 304, headers: { ...good.headers, etag: '"of-another-copy"' } }),
  huge(_, response, { headers }) {
    response.writeHead(200, headers);
    let left = 100;
    const chunk = Buffer.alloc(1 << 20, " ");
    const more = () => (left-- > 0 && !response.destroyed ? response.write(chunk, more) : response.end());
    more();
  },
  "gzip bomb": (_, response, good) =>
    send(response, {
      ...good,
      headers: { ...good.headers, "content-encoding": "gzip" },
      body: (bomb ??= gzipSync(Buffer.alloc(16 << 20, " "))),
    }),
};

/** Sends the good answer with its text changed. */
const raw = (response, good, change) => send(response, { ...good, body: Buffer.from(change(good.body.toString())) });

export class Origin {
  /** The fault of every request for a prompt, a list or a write; `undefined`: none. A function chooses one per
   * request. */
  fault;
  /** Like `fault`, for questions about a key. */
  keyFault;
  /** Whether the origin answers `/v1/revisions`. */
  standings = false;
  /** Like `fault`, for `/v1/revisions`. */
  standingsFault;
  /** `{ method, path, headers }` of every request. */
  requests = [];
  /** Additional headers of every good answer. */
  headers = {};
  /** Milliseconds before every good answer about a prompt. */
  delay = 0;
  /** Milliseconds before every good answer about a key. */
  keyDelay = 0;
  /** Keys that the origin refuses. */
  revoked = new Set();
  /** Whether answers repeat the names of their requests, as those of earlier releases do not. */
  names = true;
  /** Milliseconds before every refusal. */
  refusalDelay = 0;
  /** The project's last revision at which a name changed its meaning. */
  bindings = 0;
  /** Whether every answer carries `bindings`, rather than only the answer about a key. */
  tells = true;
  allowedOrigins = [];
  role = "read";
  /** Whether the content of every prompt is the organisation of its reader. */
  tenants = false;
  #prompts = new Map();
  #revision = 0;

  static async start(port) {
    const origin = new Origin();
    await origin.listen(port ?? (await freePort()));
    return origin;
  }

  /** Starts the server, or restarts it on its previous port. */
  async listen(port = this.port) {
    this.server = createServer((request, response) => this.#answer(request, response));
    await new Promise((resolve, reject) => this.server.once("error", reject).listen(port, "127.0.0.1", resolve));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
  }

  /** Stops the server, so that the next connection is refused. */
  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Sets a prompt's content (`null`: deleted) at a revision of the project, by default the next one. */
  put(slug, content, revision = this.#revision + 1) {
    this.#revision = revision;
    const version = (this.#prompts.get(slug)?.version ?? 0) + 1;
    this.#prompts.set(slug, { content, version, revision });
  }

  set revision(revision) {
    this.#revision = revision;
  }

  count(path) {
    return this.requests.filter((request) => request.path.startsWith(path)).length;
  }

  #answer(request, response) {
    const url = new URL(request.url, "http://origin");
    this.requests.push({ method: request.method, path: url.pathname, headers: request.headers });
    const name = request.headers["cuecard-exchange"];
    if (name && this.names) response.setHeader("cuecard-exchange", name);
    const key = request.headers.authorization?.slice("Bearer ".length) ?? "";
    if (this.revoked.has(key))
      return later(response, this.refusalDelay, () => send(response, problem(401, "key_invalid")));
    if (url.pathname === "/v1/keys/self")
      return this.#meet(this.keyFault, request, response, this.#self(key), this.keyDelay);
    if (url.pathname === "/v1/revisions")
      return this.#meet(this.standingsFault, request, response, this.#standings(request.headers["if-none-match"]));
    if (request.method !== "GET" || url.pathname === "/v1/prompts")
      return this.#meet(this.fault, request, response, this.#other(key));
    const slug = decodeURIComponent(url.pathname.slice("/v1/prompts/".length));
    const good = this.#resolve(slug, url.searchParams, request.headers["if-none-match"], key);
    const fault = typeof this.fault === "function" ? this.fault(slug, request) : this.fault;
    if (fault) return FAULTS[fault](request, response, this.#resolve(slug, url.searchParams));
    answer(response, good, this.delay);
  }

  #meet(of, request, response, good, delay = 0) {
    const fault = typeof of === "function" ? of(request) : of;
    return fault ? FAULTS[fault](request, response, good) : answer(response, good, delay);
  }

  /** The answer to a list or a write. */
  #other(key) {
    const headers = { "content-type": "application/json", "cuecard-revision": String(this.#revision) };
    const prompts = this.tenants ? [{ slug: key.split("_")[1] }] : [];
    return { status: 200, headers, body: Buffer.from(JSON.stringify({ prompts })) };
  }

  #self(key) {
    const [, organization, id] = key.split("_");
    const { role, allowedOrigins } = this;
    const body = JSON.stringify({
      organization,
      project: "default",
      key: id,
      role,
      allowedOrigins,
      revision: this.#revision,
      bindings: String(this.bindings),
      ...(this.standings && { number: 1, keysRevision: "0" }),
    });
    return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(body) };
  }

  #standings(known) {
    if (!this.standings) return problem(404, "route_not_found");
    const newest = String(this.#revision);
    const headers = { "content-type": "application/json", etag: `"${newest}"`, "cuecard-revision": newest };
    if (known === headers.etag) return { status: 304, headers };
    const projects = [{ number: 1, revision: newest, bindings: String(this.bindings), keysRevision: "0" }];
    return { status: 200, headers, body: Buffer.from(JSON.stringify({ newest, projects })) };
  }

  #resolve(slug, query, known, key) {
    const found = this.#prompts.get(slug);
    const stamp = {
      "cuecard-revision": String(this.#revision),
      ...(this.tells && { "cuecard-bindings": String(this.bindings) }),
    };
    if (!found || found.content === null) {
      const missing = problem(404, "prompt_not_found");
      return { ...missing, headers: { ...missing.headers, ...stamp } };
    }
    const { version, revision } = found;
    const content = this.tenants ? key.split("_")[1] : found.content;
    const messages = [{ role: "user", content }];
    const resolved = query.has("version") ? { revision } : { tag: query.get("tag"), revision };
    const body = {
      slug,
      version,
      id: `version_${version}`,
      hash: hash(messages),
      createdAt: "2026-01-01T00:00:00.000Z",
      messages,
      resolved,
    };
    const etag = `"${body.hash}-${revision}"`;
    const headers = {
      "content-type": "application/json",
      "cache-control": "private, no-cache",
      etag,
      ...stamp,
      ...this.headers,
    };
    if (known === etag) return { status: 304, headers };
    return { status: 200, headers, body: Buffer.from(JSON.stringify(body)) };
  }
}

/** SHA-256 over the canonical JSON of a document that has only messages. */
function hash(messages) {
  const sorted = messages.map(({ content, role }) => ({ content, role }));
  return createHash("sha256")
    .update(JSON.stringify({ messages: sorted }))
    .digest("hex");
}

function problem(status, code) {
  const body = JSON.stringify({ type: `urn:cuecard:error:${code}`, title: code, status, code, detail: code });
  return { status, headers: { "content-type": "application/problem+json" }, body };
}

function status(status, headers = {}) {
  return (_, response) =>
    send(response, { status, headers: { "content-type": "text/html", ...headers }, body: "<h1>Oops</h1>" });
}

function change(response, good, edit) {
  const body = JSON.parse(good.body);
  edit(body);
  send(response, { ...good, body: JSON.stringify(body) });
}

function answer(response, good, delay) {
  if (delay) later(response, delay, () => send(response, good));
  else send(response, good);
}

function later(response, milliseconds, act) {
  const timer = setTimeout(act, milliseconds);
  response.on("close", () => clearTimeout(timer));
}

function send(response, { status, headers, body }) {
  response.writeHead(status, headers);
  response.end(body);
}
