// What Cloudflare calls. All of the Worker is Rust; here is only what has to outlive a Rust trap. A panic or a stack
// overflow ends the wasm instance, and with it every call that it was working on: their promises would never settle.
// So those calls are refused at once, and the next one finds a new instance, in the same isolate.
import { DurableObject } from "cloudflare:workers";
import * as wasm from "cuecard-worker";

const state = wasm.__worker_init_state();
/** How to refuse each call under way. */
const underWay = new Set();

class Trapped extends Error {}

function isTrap(error) {
  return error instanceof Trapped || error instanceof WebAssembly.RuntimeError;
}

// Rust runs in microtasks, to which a trap is an uncaught error.
addEventListener("error", ({ error }) => {
  console.error("trap:", error?.message);
  for (const refuse of underWay) refuse(new Trapped("the Worker's code has trapped"));
});

/** Makes one call into wasm. */
async function enter(call) {
  let refuse;
  const trapped = new Promise((_, reject) => (refuse = reject));
  underWay.add(refuse);
  try {
    return await Promise.race([call(), trapped]);
  } finally {
    underWay.delete(refuse);
  }
}

/** A read that was not itself the cause succeeds the second time. Writes are the caller's to repeat. */
async function answer(request, call) {
  try {
    return await enter(call);
  } catch (error) {
    if (!isTrap(error)) throw error;
  }
  try {
    if (request.method === "GET" || request.method === "HEAD") return await enter(call);
  } catch (error) {
    if (!isTrap(error)) throw error;
  }
  const title = "Something went wrong on our side";
  const problem = { type: "urn:cuecard:error:internal", title, status: 500, code: "internal" };
  return Response.json(problem, { status: 500, headers: { "content-type": "application/problem+json" } });
}

export default {
  fetch: (request, env, ctx) => answer(request, () => wasm.fetch(request, env, ctx)),
};

/** One organisation's store. Its Rust half is made anew after a trap: all that it knows is in storage. */
export class Organization extends DurableObject {
  #rust;
  #instance;

  fetch(request) {
    return answer(request, () => this.#live().fetch(request));
  }

  alarm() {
    return enter(() => this.#live().alarm());
  }

  #live() {
    if (this.#instance !== state.instanceId) {
      this.#rust = new wasm.Organization(this.ctx, this.env);
      this.#instance = state.instanceId;
    }
    return this.#rust;
  }
}
