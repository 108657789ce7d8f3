// A model API for tests that fails on request: the model's name selects the fault. `requests` keeps every request.
import { createServer } from "node:http";
import { setTimeout as later } from "node:timers/promises";

/** Sleeps without keeping the process alive. */
const sleep = (ms) => later(ms, undefined, { ref: false });

/** A complete answer in the format of a path. */
function whole(path) {
  const usage = { prompt_tokens: 12, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 4 } };
  if (path.endsWith("/chat/completions"))
    return { choices: [{ message: { role: "assistant", content: "Hello Ada" }, finish_reason: "stop" }], usage };
  throw new Error(`no answer for ${path}`);
}

const event = (data) => `data: ${JSON.stringify(data)}\n\n`;
const piece = (content, finish_reason = null) => event({ choices: [{ index: 0, delta: { content }, finish_reason }] });
const USAGE = event({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 5 } });
const DONE = "data: [DONE]\n\n";

/** Starts the API on a free port. */
export async function startUpstream() {
  const requests = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text || "{}");
    const seen = { path: request.url, headers: request.headers, body, closed: false, pieces: 0 };
    requests.push(seen);
    response.on("close", () => (seen.closed = !response.writableFinished));
    const answer = FAULTS[body.model] ?? well;
    await answer({ request, response, body, seen }).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `http://127.0.0.1:${server.address().port}/v1`;
  return {
    url,
    requests,
    last: () => requests.at(-1),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function well({ request, response, body }) {
  if (!body.stream) return json(response, 200, whole(request.url));
  events(response);
  for (const text of ["Hel", "lo ", "Ada"]) response.write(piece(text));
  response.write(piece("", "stop"));
  if (body.stream_options?.include_usage) response.write(USAGE);
  response.end(DONE);
}

function json(response, status, body, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

function events(response) {
  response.writeHead(200, { "content-type": "text/event-stream" });
}

const refuse = (status, headers) => (call) =>
  begin(call, (call) => json(call.response, status, error(status), headers));
const error = (status) => ({ error: { message: `no, says the model (${status})`, type: "x" } });

/** Runs `fail` for a call. */
const begin = async (call, fail) => fail(call);

async function half({ response }) {
  events(response);
  response.write(piece("Hel"));
  await sleep(50);
}

/** The faults by the model's name. */
const FAULTS = {
  400: refuse(400),
  401: async ({ request, response }) =>
    json(response, 401, { error: { message: `wrong key: ${request.headers.authorization}` } }),
  404: refuse(404),
  429: refuse(429, { "retry-after": "7" }),
  500: refuse(500),
  503: refuse(503),
  redirect: async ({ response }) => response.writeHead(307, { location: "https://example.com/" }).end(),
  reset: async ({ response }) => response.destroy(),
  silence: () => sleep(60_000),
  "not-json": async ({ response }) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Hi</h1>"),
  "error-in-200": async ({ response }) => json(response, 200, { error: { message: "overloaded" } }),
  "cut-json": async ({ response }) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"choices":');
    await sleep(50);
    response.destroy();
  },
  huge: async ({ response, body }) => {
    response.writeHead(200, { "content-type": body.stream ? "text/event-stream" : "application/json" });
    const chunk = Buffer.alloc(1 << 20, "x");
    if (body.stream) response.write("data: ");
    for (let i = 0; i < 100 && !response.destroyed; i++)
      if (!response.write(chunk))
        await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
    response.end(body.stream ? "\n\n" : undefined);
  },
  "mid-reset": async (call) => {
    await half(call);
    call.response.destroy();
  },
  "mid-silence": async (call) => {
    await half(call);
    await sleep(60_000);
  },
  "mid-half-event": async (call) => {
    await half(call);
    call.response.end('data: {"choices":[{"del');
  },
  "mid-not-json": async (call) => {
    await half(call);
    call.response.write("data: <h1>Hi</h1>\n\n");
    call.response.end();
  },
  "mid-error": async (call) => {
    await half(call);
    call.response.write(event({ error: { message: "overloaded, says the model" } }));
    call.response.end(DONE);
  },
  "no-usage": async ({ request, response, body }) => {
    if (body.stream_options) return json(response, 400, { error: { message: "unknown field: stream_options" } });
    return well({ request, response, body });
  },
  slow: async ({ response, body, seen }) => {
    if (!body.stream) await sleep(1_500);
    else events(response);
    for (let i = 0; i < 40 && body.stream && !response.destroyed; i++) {
      response.write(piece(`${i} `));
      seen.pieces += 1;
      await sleep(100);
    }
    if (!body.stream) return json(response, 200, whole("/v1/chat/completions"));
    response.write(piece("", "stop"));
    response.end(DONE);
  },
  "json-good": async ({ response }) => said(response, '{"n": 3}'),
  "json-bad": async ({ response }) => said(response, '{"n": "three"}'),
  "json-none": async ({ response }) => said(response, "Sure! Here it is."),
  tools: async ({ response }) => {
    const call = { id: "call_1", type: "function", function: { name: "look", arguments: '{"q":"Ada"}' } };
    const message = { role: "assistant", content: null, tool_calls: [call] };
    json(response, 200, { choices: [{ message, finish_reason: "tool_calls" }] });
  },
};

const said = (response, content) =>
  json(response, 200, { choices: [{ message: { role: "assistant", content }, finish_reason: "stop" }] });
