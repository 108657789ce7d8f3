// The cache under test in workerd, which moves bytes between a client, the cache (src/lib.rs) and the origin.
import { Cache } from "./cache.js";

/** The cache belongs to this isolate, as the edge's memory does. */
const cache = new Cache();

/** The suite configures its server and reads its state under these paths; they are not part of a test. */
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
      // The origin confirmed another response than the stored one, so the request goes out again without a condition.
      return step.status ? step : send(step);
    };
    const step = cache.request(method, url, lines(request.headers), Date.now());
    if (step.status === 0) return answer(await send(step));
    if (step.flight) ctx.waitUntil(send(step));
    return answer(step);
  },
};

/** A response with its whole body, or `undefined` if the request failed. */
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
  // workerd creates no response with such a status, which the suite's server gives to an unexpected request.
  if (status > 599) return new Response(null, { status: 502 });
  return new Response(body.length === 0 ? null : body, { status, headers: pairs(fields), encodeBody: "manual" });
}

/** Header lines as one flat list: name, value, name, value… */
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
