// The entry points that Cloudflare calls. The Worker is Rust; this file has only what must outlive a Rust trap, and the
// synchronous path of a hit. A panic or a stack overflow ends the wasm instance and every call in it: their promises
// would never settle. So those calls are rejected at once, and the next call gets a new instance, in the same isolate.
import { DurableObject } from "cloudflare:workers";
import * as wasm from "cuecard-worker";

import { Asked } from "./asked.js";
import { Deadlines } from "./deadlines.js";
import { observed } from "./observe.js";
import { problem } from "./problem.js";
import { Rates } from "./rates.js";
import { Readers } from "./readers.js";
import { run, runsOf, startsRun } from "./runs.js";

const state = wasm.__worker_init_state();
/** The `reject` of each call under way. */
const underWay = new Set();
const readers = new Readers(wasm, state);
const rates = new Rates();

class Trapped extends Error {}

function isTrap(error) {
  return error instanceof Trapped || error instanceof WebAssembly.RuntimeError;
}

function trapped(error) {
  console.error("trap:", error?.message);
  for (const refuse of underWay) refuse(new Trapped("the Worker's code has trapped"));
  renew();
}

/** Makes a new instance if this one has ended, and drops the objects that the old one made. */
function renew() {
  readers.clear();
  wasm.__worker_init_state();
}

// Rust runs in microtasks, where a trap is an uncaught error.
addEventListener("error", ({ error }) => trapped(error));

/** Makes one call into wasm. */
async function enter(call) {
  let refuse;
  const trapped = new Promise((_, reject) => (refuse = reject));
  underWay.add(refuse);
  try {
    return await Promise.race([call(), trapped]);
  } catch (error) {
    renew();
    throw error;
  } finally {
    underWay.delete(refuse);
  }
}

/**
 * The request that caused the trap is retried too, so a concurrent request can meet two of its traps; the third attempt
 * gets through.
 */
const ATTEMPTS = 3;

/** Safe requests that did not cause the trap succeed on retry. Writes are never retried here. */
async function answer(attempts, call) {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      return await call(attempt);
    } catch (error) {
      if (!isTrap(error)) throw error;
    }
  }
  return internal();
}

const internal = () => problem(500, "internal", "Something went wrong on our side");

const attemptsOf = ({ method }) => (method === "GET" || method === "HEAD" ? ATTEMPTS : 1);

/** The synchronous path: a response, or `undefined` for anything but a plain hit. A trap here is this request's own. */
function hit(asked, env, body) {
  const { headers } = asked;
  try {
    const reader = readers.of(asked, env);
    if (!reader) return;
    if (!body) return reader.resolve(headers, headers.get("if-none-match"));
    return isPlainJson(headers) ? reader.render(headers, body) : undefined;
  } catch (error) {
    trapped(error);
    return internal();
  }
}

/** The spellings that nearly every client uses. */
const JSON_TYPES = new Set(["application/json", "application/json; charset=utf-8", "application/json;charset=utf-8"]);

function isPlainJson(headers) {
  return JSON_TYPES.has(headers.get("content-type")) && !headers.has("content-encoding");
}

const MAX_BODY_BYTES = 1 << 20;

/** Whether a request has a length, and one that may be read whole. */
function isShort(headers) {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= MAX_BODY_BYTES;
}

/** How long a client may take to send a body; the asynchronous path has the same limit. */
const BODY_DEADLINE = 10_000;

const bodies = new Deadlines(BODY_DEADLINE);

function late() {
  const title = "The body does not have the expected shape";
  return problem(422, "body_invalid", title, "the body did not arrive within 10 seconds");
}

/** The body is read before the synchronous path is tried. */
async function render(asked, request, env, ctx) {
  // To the platform, `bytes()` is this and another promise.
  const received = await bodies.inTime(request.arrayBuffer(), ctx);
  const body = received && new Uint8Array(received);
  const rendered = body && hit(asked, env, body);
  const response = rendered ?? (body ? await renderLater(asked, request, body, env, ctx) : late());
  rates.note(asked, env, response);
  // No hit is another edge's: those pass.
  return rendered ?? named(response, asked.headers.get(EXCHANGE));
}

/** Renders where the synchronous path has no answer. */
function renderLater(asked, request, body, env, ctx) {
  const slowPath = () => enter(() => wasm.fetch(new Request(request, { body }), env, ctx));
  return answer(ATTEMPTS, async (attempt) => {
    if (attempt === 1) return slowPath();
    // After a read of the prompt the synchronous path answers, and shows whether this request caused the trap.
    await enter(() => wasm.fetch(readOf(request), env, ctx));
    return hit(asked, env, body) ?? slowPath();
  });
}

/** The request for the prompt that `request` renders. */
function readOf({ url, headers }) {
  const read = new Request(url.replace(/\/render(?=\?|$)/, ""), { headers });
  for (const name of ["content-length", "content-type"]) read.headers.delete(name);
  return read;
}

function serve(request, env, ctx) {
  const asked = new Asked(request, env);
  return (asked.method === "GET" ? hit(asked, env) : undefined) ?? limited(asked, request, env, ctx);
}

/** Anything but a plain hit of a read, within its caller's limits. */
function limited(asked, request, env, ctx) {
  const refusal = rates.refuse(asked, env);
  const admitted = asked.isRender && isShort(asked.headers) ? render : handle;
  // A rendered hit has one promise of its own: each costs as much as the read of a header.
  if (refusal === undefined) return admitted(asked, request, env, ctx);
  return unlessRefused(refusal, admitted, asked, request, env, ctx);
}

async function unlessRefused(refusal, admitted, asked, request, env, ctx) {
  const refused = await refusal;
  return refused ? finish(refused, asked, request, ctx) : admitted(asked, request, env, ctx);
}

async function handle(asked, request, env, ctx) {
  const response = await (startsRun(asked) ? run(request, ctx) : handled(request, env, ctx));
  rates.note(asked, env, response);
  return finish(response, asked, request, ctx);
}

function handled(request, env, ctx) {
  return answer(attemptsOf(request), () => enter(() => wasm.fetch(request, env, ctx)));
}

async function finish(response, asked, request, ctx) {
  await unread(asked, request, ctx);
  return named(response, asked.headers.get(EXCHANGE));
}

/** An edge gives each request to its origin a name, and takes no answer for its own that repeats another. */
const EXCHANGE = "cuecard-exchange";

function named(response, name) {
  if (name === null || !/^[0-9a-f]{16}$/.test(name)) return response;
  const answer = new Response(response.body, response);
  answer.headers.set(EXCHANGE, name);
  return answer;
}

/** Reads a body that the answer did not need: closing a connection with an unread body may lose the answer. */
async function unread({ headers }, request, ctx) {
  // Making a stream of the body would cost more than everything else here.
  if (request.bodyUsed || request.body === null || !isShort(headers)) return;
  await bodies.inTime(request.arrayBuffer(), ctx).catch(() => {});
}

export default { fetch: observed(serve) };

export const Runs = runsOf(async (request, env, ctx) => {
  const response = await handled(request, env, ctx);
  await unread(new Asked(request, env), request, ctx);
  return response;
});

/** A Durable Object. After a trap its Rust half is made anew: all of its state is in storage. */
class Stored extends DurableObject {
  #class;
  #rust;
  #instance;

  constructor(ctx, env, name) {
    super(ctx, env);
    this.#class = name;
  }

  fetch(request) {
    return answer(attemptsOf(request), () => enter(() => this.#live().fetch(request)));
  }

  alarm() {
    return enter(() => this.#live().alarm());
  }

  #live() {
    if (this.#instance !== state.instanceId) {
      this.#rust = new wasm[this.#class](this.ctx, this.env);
      this.#instance = state.instanceId;
    }
    return this.#rust;
  }
}

/** One organisation's store. */
export class Organization extends Stored {
  constructor(ctx, env) {
    super(ctx, env, "Organization");
  }
}

/** The executions of one project. */
export class Executions extends Stored {
  constructor(ctx, env) {
    super(ctx, env, "Executions");
  }
}
