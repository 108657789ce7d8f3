// What Cloudflare calls. All of the Worker is Rust; here is only what has to outlive a Rust trap: a panic or a
// stack overflow leaves the wasm instance unusable, so the next call starts a new one, in the same isolate.
import { DurableObject } from "cloudflare:workers";
import * as wasm from "cuecard-worker";

const state = wasm.__worker_init_state();

/** Runs one call into wasm, on a new instance when the last one has trapped. */
async function enter(call) {
  if (state.criticalError) {
    wasm.__wbg_reset_state();
    state.criticalError = false;
  }
  try {
    return await call();
  } catch (error) {
    noteTrap(error);
    throw error;
  }
}

function noteTrap(error) {
  if (error instanceof WebAssembly.RuntimeError) state.criticalError = true;
}

// A trap in a spawned task belongs to no call.
addEventListener("error", (event) => noteTrap(event.error));

export default {
  fetch: (request, env, ctx) => enter(() => wasm.fetch(request, env, ctx)),
};

/** One organisation's store. Its Rust half is made anew after a trap: all its state is in storage. */
export class Organization extends DurableObject {
  #rust;
  #instance;

  fetch(request) {
    return enter(() => this.#live().fetch(request));
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
