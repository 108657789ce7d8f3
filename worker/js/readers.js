// A cache of Rust's readers by request, so that a repeated request costs only a few header reads.

/** A reader takes a few hundred bytes of wasm memory beside its key. The oldest is evicted first. */
const MAX_READERS = 4_096;
const MAX_KEY = 1_024;

export class Readers {
  #wasm;
  #state;
  #instance;
  #readers = new Map();
  /** The requests without a reader. Kept apart, so that a flood of them evicts no reader. */
  #refused = new Set();

  constructor(wasm, state) {
    this.#wasm = wasm;
    this.#state = state;
  }

  /** The reader of a request; `undefined` where there is none. */
  of(asked, env) {
    if (this.#instance !== this.#state.instanceId) {
      this.clear();
      this.#instance = this.#state.instanceId;
    }
    const { method, url, headers, authorization } = asked;
    if (authorization === null || headers.has("cuecard-via")) return;
    const accept = headers.get("accept");
    // No part can hold a line feed.
    const key = `${method}\n${url}\n${authorization}\n${accept}`;
    return this.#readers.get(key) ?? this.#make(key, [method, url, authorization, accept, env]);
  }

  /** Drops the readers of a wasm instance that has ended. */
  clear() {
    this.#readers.clear();
    this.#refused.clear();
  }

  #make(key, parts) {
    if (key.length > MAX_KEY || this.#refused.has(key)) return;
    const reader = this.#wasm.HitReader.of(...parts);
    if (!reader) {
      if (this.#refused.size >= MAX_READERS) this.#refused.clear();
      this.#refused.add(key);
      return;
    }
    if (this.#readers.size >= MAX_READERS) {
      const [oldest, its] = this.#readers.entries().next().value;
      this.#readers.delete(oldest);
      its.free();
    }
    this.#readers.set(key, reader);
    return reader;
  }
}
