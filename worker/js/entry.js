// What Cloudflare calls. All of the Worker is Rust; here is only what has to outlive a Rust trap, and the short way to a
// hit. A panic or a stack overflow ends the wasm instance, and with it every call that it was working on: their promises
// would never settle. So those calls are refused at once, and the next one finds a new instance, in the same isolate.
import { DurableObject } from "cloudflare:workers";
import * as wasm from "cuecard-worker";

import { observed } from "./observe.js";
import { Readers } from "./readers.js";

const state = wasm.__worker_init_state();
/** How to refuse each call under way. */
const underWay = new Set();
const readers = new Readers(wasm, state);

class Trapped extends Error {}

function isTrap(error) {
  return error instanceof Trapped || error instanceof WebAssembly.RuntimeError;
}

function trapped(error) {
  console.error("trap:", error?.message);
  for (const refuse of underWay) refuse(new Trapped("the Worker's code has trapped"));
  renew();
}

/** Makes a new instance if this one has ended, before anyone uses what the old one made. */
function renew() {
  readers.clear();
  wasm.__worker_init_state();
}

// Rust runs in microtasks, to which a trap is an uncaught error.
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

/** One that traps is tried again itself, so others meet two traps of its. */
const ATTEMPTS = 3;

/** Who changes nothing and was not the cause succeeds when tried again. Writes are the caller's to repeat. */
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

function internal() {
  const title = "Something went wrong on our side";
  const problem = { type: "urn:cuecard:error:internal", title, status: 500, code: "internal" };
  return Response.json(problem, { status: 500, headers: { "content-type": "application/problem+json" } });
}

const attemptsOf = ({ method }) => (method === "GET" || method === "HEAD" ? ATTEMPTS : 1);

/** The short way: a response, or `undefined` where only the full way can tell. Who traps here is known to be the cause. */
function hit(method, url, headers, env, body) {
  try {
    const reader = readers.of(method, url, headers, env);
    if (!reader) return;
    if (!body) return reader.resolve(headers, headers.get("if-none-match"));
    return isPlainJson(headers) ? reader.render(headers, body) : undefined;
  } catch (error) {
    trapped(error);
    return internal();
  }
}

/** As nearly every client writes it. */
const JSON_TYPES = new Set(["application/json", "application/json; charset=utf-8", "application/json;charset=utf-8"]);

function isPlainJson(headers) {
  return JSON_TYPES.has(headers.get("content-type")) && !headers.has("content-encoding");
}

const MAX_BODY_BYTES = 1 << 20;

/** Whether this is a request to render whose body may be read as a whole. */
function renders(url, headers) {
  const length = headers.get("content-length");
  return length !== null && Number(length) <= MAX_BODY_BYTES && /\/render(\?|$)/.test(url);
}

/** How long a caller may take to send a body, as the full way has it. */
const BODY_DEADLINE = 10_000;

/** What comes of a promise, or nothing where that takes too long. */
function inTime(promise) {
  let timer;
  const over = new Promise((resolve) => (timer = setTimeout(resolve, BODY_DEADLINE)));
  return Promise.race([promise, over]).finally(() => clearTimeout(timer));
}

function late() {
  const title = "The body does not have the expected shape";
  const detail = "the body did not arrive within 10 seconds";
  const problem = { type: "urn:cuecard:error:body_invalid", title, status: 422, code: "body_invalid", detail };
  return Response.json(problem, { status: 422, headers: { "content-type": "application/problem+json" } });
}

/** The body has to be there before the short way is tried. */
async function render(request, url, headers, env, ctx) {
  // To the platform, `bytes()` is this and another promise.
  const received = await inTime(request.arrayBuffer());
  if (!received) return late();
  const body = new Uint8Array(received);
  const fullWay = () => enter(() => wasm.fetch(new Request(request, { body }), env, ctx));
  const shortWay = () => hit("POST", url, headers, env, body);
  return (
    shortWay() ??
    answer(ATTEMPTS, async (attempt) => {
      if (attempt === 1) return fullWay();
      // After a read of the prompt there is a short way, where it shows whether this one was the cause.
      await enter(() => wasm.fetch(readOf(request), env, ctx));
      return shortWay() ?? fullWay();
    })
  );
}

/** The request for the prompt that `request` renders. */
function readOf({ url, headers }) {
  const read = new Request(url.replace(/\/render(?=\?|$)/, ""), { headers });
  for (const name of ["content-length", "content-type"]) read.headers.delete(name);
  return read;
}

function serve(request, env, ctx) {
  const { method, url, headers } = request;
  if (method === "POST" && renders(url, headers)) return render(request, url, headers, env, ctx);
  const response = method === "GET" ? hit(method, url, headers, env) : undefined;
  return response ?? answer(attemptsOf(request), () => enter(() => wasm.fetch(request, env, ctx)));
}

export default { fetch: observed(serve) };

/** A Durable Object. Its Rust half is made anew after a trap: all that it knows is in storage. */
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
