// The test's cache in workerd: moves bytes between a client, the cache (src/lib.rs) and the origin.
import { Cache } from "./cache.js";

/** Of this isolate, as the edge's memory is. */
const cache = new Cache();

/** What the suite tells its own server about a test, and reads from it, is no test. */
const PASSED_ON = ["/config/", "/state/"];

export default {
  async fetch(request, env, ctx) {
    const { method, url } = request;
    const target = env.ORIGIN + url.slice(new URL(url).origin.length);
    if (PASSED_ON.some((start) => new URL(url).pathname.startsWith(start))) return fetch(target, request);
    const body = method === "GET" || method === "HEAD" ? undefined : await request.arrayBuffer();
    const send = async ({ flight, ask }) => {
      const response = await fetchAll(target, { method, body, headers: pairs(ask), redirect: "manual" });
      const step = response ? answered(flight, response, url) : cache.failed(flight, Date.now());
      // Asked once more, without a condition: the origin confirmed another response than the one in question.
      return step.status ? step : send(step);
    };
    const step = cache.request(method, url, lines(request.headers), Date.now());
    if (step.status === 0) return answer(await send(step));
    if (step.flight) ctx.waitUntil(send(step));
    return answer(step);
  },
};

/** A response with its whole body; `undefined` where there is none. */
async function fetchAll(target, init) {
  try {
    const response = await fetch(target, init);
    return { response, body: new Uint8Array(await response.arrayBuffer()) };
  } catch {
    return undefined;
  }
}

function answered(flight, { response: { status, headers }, body }, url) {
  const named = (name) => onSameOrigin(headers.get(name), url);
  return cache.answered(flight, status, lines(headers), body, named("location"), named("content-location"), Date.now());
}

function answer({ status, fields, body }) {
  // workerd makes no response with another status, which the suite's server gives to a request that it did not want.
  if (status > 599) return new Response(null, { status: 502 });
  return new Response(body.length === 0 ? null : body, { status, headers: pairs(fields), encodeBody: "manual" });
}

/** name, value, name, value… */
function lines(headers) {
  const flat = [...headers].filter(([name]) => name !== "set-cookie").flat();
  return flat.concat(headers.getSetCookie().flatMap((value) => ["set-cookie", value]));
}

function pairs(flat) {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

function onSameOrigin(reference, url) {
  if (reference === null || !URL.canParse(reference, url)) return undefined;
  const target = new URL(reference, url);
  return target.origin === new URL(url).origin ? target.href : undefined;
}
