// How often: wrong keys per address; lists, by what the store writes for them, writes, renders and renders that use up
// their work per key and address. What is over it is answered 429 before anything is done for it. Reads of copies are
// not counted. Cloudflare's rate limiting counts where it is bound (the location counts), and this isolate elsewhere. A
// neighbour waits while a render uses up its work, so these are counted for all prompts of a key together; where they
// are over, prompts that the caller has rendered without that go on, and of others some a minute are tried.

import { problem } from "./problem.js";

/** Of each kind: its variable, its binding, and how often a minute where the variable is not set. 0 in a variable: no
 * limit. */
const KINDS = {
  wrongKeys: { variable: "WRONG_KEYS_PER_MINUTE", binding: "WRONG_KEYS", perMinute: 120 },
  writes: { variable: "WRITES_PER_MINUTE", binding: "WRITES", perMinute: 6_000 },
  renders: { variable: "RENDERS_PER_MINUTE", binding: "RENDERS", perMinute: 60_000 },
  spent: { variable: "SPENT_RENDERS_PER_MINUTE", perMinute: 10 },
  /** MiB. A list grows with its store, so its cost is known only from its answer. */
  lists: { variable: "LIST_MEBIBYTES_PER_MINUTE", perMinute: 64 },
};

export class Rates {
  #buckets = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, new Buckets()]));
  /** Credentials that were good lately: wrong ones from the same address do not lock them out. */
  #good = new Recent();
  /** Prompts that a caller has made use up their work. */
  #bombs = new Recent();
  /** Prompts that a caller has rendered with less work. */
  #light = new Recent();
  /** While a caller's work is used up: tries of prompts that are neither. */
  #tries = new Buckets();
  /** Lists that a caller has read. */
  #lists = new Recent();

  /** A 429 for a request that is over a limit, else `undefined`; at once where no binding is asked. */
  refuse(asked, env) {
    // Nearly always these are empty, and nobody has to know whose request it is.
    const { wrongKeys, lists, spent } = this.#buckets;
    if (!wrongKeys.isEmpty) {
      const wait = wrongKeys.wait(asked.place, rateOf("wrongKeys", env));
      if (wait > 0 && !this.#good.has(asked.credential)) return tooMany("wrong keys", wait, asked);
    }
    if (!lists.isEmpty) {
      const wait = lists.wait(asked.caller, rateOf("lists", env));
      if (wait > 0 && this.#lists.has(asked.prompt)) return tooMany("lists", wait, asked);
    }
    if (!CHANGES.has(asked.method) || TELEMETRY.test(asked.path)) return;
    if (!asked.isRender) return this.#counted("writes", asked, env);
    if (!spent.isEmpty) {
      const wait = spent.wait(asked.caller, rateOf("spent", env));
      if (wait > 0 && !this.#goesOn(asked, env)) return tooMany("renders that use up their work", wait, asked);
    }
    return this.#counted("renders", asked, env);
  }

  /** Learns from the answer to a request that was not refused. */
  note(asked, env, response) {
    const { method, headers, isRender } = asked;
    const { status } = response;
    if (!isRender) {
      // To look at the headers of a rendered hit would cost as much as to set them.
      const length = response.headers.get(LENGTH);
      if (length !== null) this.#listed(asked, env, response, Number(length));
    } else if (status < 400) this.#light.add(asked.prompt);
    if (status === 401) this.#wrong(asked, env);
    else if (status < 400 && method !== "OPTIONS") this.#noteGood(asked);
    else if (status === 422 && isRender) {
      const large = Number(headers.get("content-length") ?? LARGE) >= LARGE;
      void this.#refused(asked, env, response.clone(), large);
    }
  }

  /** Whether a prompt may be rendered while its caller's work is used up. */
  #goesOn({ prompt, caller }, env) {
    if (this.#bombs.has(prompt)) return false;
    return this.#light.has(prompt) || this.#tries.take(caller, rateOf("spent", env)) === 0;
  }

  #noteGood({ credential, path }) {
    if (this.#good.has(credential)) return;
    if (KEYED.test(path) && !TELEMETRY.test(path)) this.#good.add(credential);
  }

  async #refused({ caller, prompt }, env, answer, large) {
    const problem = await answer.json().catch(() => undefined);
    // To find what is wrong with large inputs takes as long as a render that uses up its work.
    if (problem?.code !== "limit_exceeded" && !(large && problem?.code === "input_invalid")) return;
    this.#bombs.add(prompt);
    this.#buckets.spent.take(caller, rateOf("spent", env));
  }

  #listed({ caller, prompt }, env, response, bytes) {
    response.headers.delete(LENGTH);
    this.#lists.add(prompt);
    this.#buckets.lists.take(caller, rateOf("lists", env), bytes / 1_048_576 + LIST_TAKES);
  }

  #wrong({ place, credential }, env) {
    this.#good.delete(credential);
    this.#buckets.wrongKeys.take(place, rateOf("wrongKeys", env));
    const bound = env[KINDS.wrongKeys.binding];
    if (bound) void this.#ask(bound, place).then((over) => over && this.#buckets.wrongKeys.close(place));
  }

  #counted(kind, asked, env) {
    const { caller } = asked;
    const wait = this.#buckets[kind].take(caller, rateOf(kind, env));
    if (wait > 0) return tooMany(kind, wait, asked);
    const bound = env[KINDS[kind].binding];
    if (!bound) return;
    return this.#ask(bound, caller).then((over) => (over ? tooMany(kind, PERIOD, asked) : undefined));
  }

  /** Whether the location's count is over; a binding that fails limits nobody. */
  async #ask(bound, key) {
    try {
      return !(await bound.limit({ key })).success;
    } catch {
      return false;
    }
  }
}

/** Seconds that the bindings of `wrangler.jsonc` count over. */
const PERIOD = 10;
const MINUTE = 60_000;
const CHANGES = new Set(["POST", "PUT", "PATCH", "DELETE"]);
/** Paths below which nothing is answered without a key, but what is sent of traces. */
const KEYED = /^\/(?:v1|api|openai|prompts)\//;
const TELEMETRY = /^\/api\/otel(?:\/|$)/;

/** The header with the length of a list from the store; it is removed here. */
const LENGTH = "cuecard-length";
/** The fixed cost of a list, in MiB. */
const LIST_TAKES = 1 / 200;

/** Bytes of inputs from which on checking them may take long. */
const LARGE = 16 << 10;

/** The rate per minute, which is also the burst. */
function rateOf(kind, env) {
  const { variable, perMinute } = KINDS[kind];
  const set = env[variable];
  const chosen = set === undefined || set === "" ? Number.NaN : Number(set);
  return chosen >= 0 ? chosen : perMinute;
}

const MOST = 8_192;
const MAX_KEY = 1_024;

/** Recently used names; the oldest is forgotten first. */
class Recent {
  #names = new Set();

  has(name) {
    return this.#names.has(name);
  }

  add(name) {
    if (name.length > MAX_KEY || this.#names.has(name)) return;
    if (this.#names.size >= MOST) this.#names.delete(this.#names.values().next().value);
    this.#names.add(name);
  }

  delete(name) {
    this.#names.delete(name);
  }
}

/** Token buckets by name: full at first, filled evenly. */
class Buckets {
  #buckets = new Map();

  get isEmpty() {
    return this.#buckets.size === 0;
  }

  /** Takes `amount` tokens, even if the bucket falls below zero. Returns 0, or the seconds until there is one again. */
  take(name, perMinute, amount = 1) {
    if (perMinute === 0) return 0;
    const bucket = this.#filled(name, perMinute);
    if (bucket.tokens < 1) return this.#seconds(bucket, perMinute);
    bucket.tokens -= amount;
    this.#keep(name, bucket);
    return 0;
  }

  /** As `take`, without taking one. */
  wait(name, perMinute) {
    if (perMinute === 0 || !this.#buckets.has(short(name))) return 0;
    const bucket = this.#filled(name, perMinute);
    return bucket.tokens < 1 ? this.#seconds(bucket, perMinute) : 0;
  }

  /** Empties a bucket. */
  close(name) {
    this.#keep(name, { tokens: 0, at: Date.now() });
  }

  #filled(name, perMinute) {
    const now = Date.now();
    const { tokens, at } = this.#buckets.get(short(name)) ?? { tokens: perMinute, at: now };
    const since = Math.max(0, now - at);
    return { tokens: Math.min(perMinute, tokens + (since * perMinute) / MINUTE), at: now };
  }

  #seconds({ tokens }, perMinute) {
    return Math.ceil(((1 - tokens) * MINUTE) / perMinute / 1_000);
  }

  #keep(name, bucket) {
    const key = short(name);
    this.#buckets.delete(key);
    if (this.#buckets.size >= MOST) this.#buckets.delete(this.#buckets.keys().next().value);
    this.#buckets.set(key, bucket);
  }
}

const short = (name) => name.slice(0, MAX_KEY);

/** Pages of any origin may read it: it holds nobody's data. */
function tooMany(what, seconds, { headers }) {
  const detail = `too many ${what}; after ${seconds} s there may be more`;
  const origin = headers.get("origin");
  return problem(429, "rate_limited", "The key has used up its limit", detail, {
    "cache-control": "private, no-store",
    "retry-after": String(seconds),
    ...(origin !== null && {
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "retry-after",
      vary: "origin",
    }),
  });
}
