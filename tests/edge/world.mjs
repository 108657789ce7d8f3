// The built Worker before the tests' own origin.
import { after } from "node:test";

import { Clock } from "../clock.mjs";
import { Origin } from "../faults/origin.mjs";
import { makeKey, start } from "../workerd.mjs";
import { Pool } from "./pool.mjs";

const stops = [];
let ended = false;
after(() => {
  ended = true;
  return Promise.all(stops.map((stop) => stop()));
});

/** Adds clean-up that runs after the tests of a file, or at once where that is over: a test that an unhandled error ended
 * goes on. */
export function atEnd(...more) {
  if (ended) for (const stop of more) stop();
  else stops.push(...more);
}

/**
 * Starts a Worker with these variables, until the tests of the file are over. `options` go to `start`, `sockets` to the
 * pool; with `clock: true` it comes with its clock.
 */
export async function world(vars = {}, { sockets, ...options } = {}) {
  const origin = await Origin.start();
  const worker = await start({ ...options, vars: { ORIGIN: origin.url, ...vars } });
  const pool = new Pool(worker.port, sockets);
  atEnd(
    () => worker.stop(),
    () => origin.close(),
    () => pool.close(),
  );
  return { origin, worker, pool, clock: options.clock && (await Clock.of(worker)) };
}

/** Starts a Worker with a store, until the tests of the file are over. */
export async function store(vars, options) {
  const worker = await start({ ...options, vars });
  const pool = new Pool(worker.port);
  atEnd(
    () => worker.stop(),
    () => pool.close(),
  );
  const call = (method, path, body, headers = {}) =>
    pool.request(
      method,
      path,
      { ...bearer(worker.key), "content-type": "application/json", ...headers },
      body && JSON.stringify(body),
    );
  return { worker, call, key: worker.key };
}

/** A wrong key of the same organisation. */
export const guess = (key) => makeKey(key.split("_")[1]);

export const bearer = (key) => ({ authorization: `Bearer ${key}` });
