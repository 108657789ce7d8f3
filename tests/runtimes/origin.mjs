// A small origin that answers like Cuecard's Worker, and fails in every way of a real one.
import { createServer } from "node:http";
import { __engine } from "../../pkg/dist/index.js";

/** A version in the format of the API. */
export function version(slug, number, { revision = number, tag, content = `v${number} {{ name }}` } = {}) {
  const document = { messages: [{ role: "user", content }], inputs: [{ name: "name", type: "str" }] };
  const plan = __engine.ship(document);
  return {
    slug,
    version: number,
    id: `${slug}-${number}`,
    hash: "0".repeat(64),
    createdAt: "2026-01-02T03:04:05.678Z",
    ...document,
    resolved: { ...(tag && { tag }), revision, ...(plan && { plan }) },
  };
}

const problem = (status, code) => ({
  status,
  type: "application/problem+json",
  body: JSON.stringify({
    type: `urn:cuecard:error:${code}`,
    title: "It did not work",
    status,
    code,
    detail: "as asked",
  }),
});

/** Faults: the server's behaviour in place of an answer. */
export const failures = {
  "connection refused": { refuse: true },
  "connection reset": { reset: true },
  "no answer in time": { hang: true },
  "body stops half-way": { truncate: true },
  500: problem(500, "internal"),
  "502 without a body": { status: 502, body: "" },
  503: problem(503, "origin_unavailable"),
  429: problem(429, "of_a_proxy"),
  "200 of garbage": { status: 200, body: "<html>" },
  "200 of other JSON": { status: 200, body: "{}" },
  "200 of another tag": { status: 200, body: JSON.stringify(version("greet", 1, { tag: "staging" })) },
  "200 without an end": { endless: true },
  "200 of another prompt": { status: 200, body: JSON.stringify(version("other", 1)) },
  "200 that is not valid": { status: 200, body: JSON.stringify({ ...version("greet", 1), messages: "surprise" }) },
  302: { status: 302, headers: { location: "/elsewhere" }, body: "" },
  "404 of a proxy": { status: 404, body: "not here" },
  "401 key_invalid": problem(401, "key_invalid"),
  "403 role_required": problem(403, "role_required"),
};

export const deleted = problem(404, "prompt_not_found");

const NOTHING = Buffer.alloc(1 << 16, " ");

/** Starts an origin on a free port. `state.answer` is its answer; `state.asked` collects the requests. */
export async function start() {
  const state = { answer: null, asked: [], delay: 0 };
  const server = createServer(async (request, response) => {
    const { answer } = state;
    state.asked.push({ url: request.url, etag: request.headers["if-none-match"], key: request.headers.authorization });
    if (state.delay > 0) await new Promise((resolve) => setTimeout(resolve, state.delay));
    if (answer.reset) return request.socket.destroy();
    if (answer.hang) return;
    if (answer.endless) {
      const more = () => {
        while (!response.destroyed && response.write(NOTHING));
      };
      response.writeHead(200, { "content-type": "application/json" });
      response.on("drain", more);
      return more();
    }
    if (answer.truncate) {
      response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
      response.write('{"slug":');
      return setTimeout(() => request.socket.destroy(), 10);
    }
    const made = typeof answer === "function" ? answer(request) : answer;
    if (made.slug === undefined) {
      response.writeHead(made.status, { "content-type": made.type ?? "application/json", ...made.headers });
      return response.end(made.body);
    }
    const etag = `"${made.hash}-${made.resolved.revision}-${made.version}"`;
    const headers = { etag, "cuecard-revision": String(made.resolved.revision) };
    if (request.headers["if-none-match"] === etag) return response.writeHead(304, headers).end();
    response.writeHead(200, { ...headers, "content-type": "application/json" }).end(JSON.stringify(made));
  });
  server.keepAliveTimeout = 1;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url, state, close };
}
