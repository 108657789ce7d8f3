// The built Worker before an origin of the tests' own.
import { after } from "node:test";

import { Origin } from "../faults/origin.mjs";
import { start } from "../workerd.mjs";
import { Pool } from "./pool.mjs";

const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

/** One with these variables, until the tests of the file are over. */
export async function world(vars = {}) {
  const origin = await Origin.start();
  const worker = await start({ vars: { ORIGIN: origin.url, ...vars } });
  const pool = new Pool(worker.port);
  stops.push(
    () => worker.stop(),
    () => origin.close(),
    () => pool.close(),
  );
  return { origin, worker, pool };
}

export const bearer = (key) => ({ authorization: `Bearer ${key}` });
