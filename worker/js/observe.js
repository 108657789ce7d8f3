// Observability: with `LOG=requests` a line for each answer, with `METRICS=on` counts at `/metrics` for admins.
// Never content: no inputs, no texts, no secrets.

import { problem } from "./problem.js";

/** Wraps a Worker's `fetch`. Where neither variable is set, requests go straight through. */
export function observed(serve) {
  const metrics = new Metrics();
  return (request, env, ctx) => {
    const [logs, counts] = [env.LOG === "requests", env.METRICS === "on"];
    if (!logs && !counts) return serve(request, env, ctx);
    const url = new URL(request.url);
    if (counts && url.pathname === "/metrics") return told(metrics, request, env, ctx, serve);
    return observe(metrics, logs, url, request, env, ctx, serve);
  };
}

async function observe(metrics, logs, { pathname, searchParams }, request, env, ctx, serve) {
  const began = Date.now();
  const response = await serve(request, env, ctx);
  const seconds = (Date.now() - began) / 1000;
  const { method, headers } = request;
  const { status } = response;
  const { route, slug } = routeOf(pathname);
  const cache = cacheState(response.headers.get("cache-status"));
  metrics.count({ route, method: METHODS.has(method) ? method : "other", status, cache }, seconds);
  if (!logs) return response;
  const read = await versioned(route, response);
  const id = response.headers.get("cuecard-request-id") ?? headers.get("cf-ray") ?? crypto.randomUUID();
  const [, organization, key] = /^bearer cue_([a-z0-9]{12})_([a-z0-9]{12})_/i.exec(headers.get("authorization")) ?? [];
  const tag = searchParams.get("tag");
  const line = {
    time: new Date(began).toISOString(),
    request: id,
    method,
    route,
    status,
    ms: Math.round(seconds * 1000),
    ...(cache !== "none" && { cache }),
    ...(slug !== undefined && { slug }),
    ...(read.version !== undefined && { version: read.version }),
    ...(TAG.test(tag ?? "") && { tag: withoutSecret(tag) }),
    ...(organization !== undefined && { organization, key }),
  };
  console.log(JSON.stringify(line));
  const answer = new Response(read.response.body, read.response);
  answer.headers.set("cuecard-request-id", id);
  return answer;
}

/** The version that was read or rendered, if the answer names it. */
async function versioned(route, response) {
  const { status, headers } = response;
  const said = headers.get("cuecard-version");
  if (said !== null) return { response, version: Number(said) };
  const isJson = headers.get("content-type")?.startsWith("application/json");
  if (status !== 200 || !isJson || !["prompt", "prompt/render"].includes(route)) return { response };
  const body = await response.arrayBuffer();
  // A version begins with its own number; a render names its version, and quotes inside a text would be escaped.
  const shape =
    route === "prompt" ? /^\{"slug":"[^"]*","version":(\d+)/g : /"resolved":\{"slug":"[^"]*","version":(\d+)/g;
  const found = [...new TextDecoder().decode(body).matchAll(shape)].at(-1);
  return { response: new Response(body, response), version: found && Number(found[1]) };
}

/** Only admins get the metrics. */
async function told(metrics, request, env, ctx, serve) {
  const headers = { authorization: request.headers.get("authorization") ?? "", accept: "application/json" };
  const own = await serve(new Request(new URL("/v1/keys/self", request.url), { headers }), env, ctx);
  if (own.status !== 200) return own;
  const { role } = await own.json();
  if (role !== "admin") return forbidden();
  return new Response(metrics.text(), {
    headers: {
      "content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8",
      "cache-control": "no-store",
    },
  });
}

function forbidden() {
  return problem(403, "role_required", "The key's role does not allow this", "metrics take the role `admin`");
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const PARTS = "versions|tags|drafts|draft|cases|diff|render|run|import|export|history|restore|purge|duplicate|check";
const PROMPT = new RegExp(`^/v1/prompts/(.+?)(?:/(${PARTS})(?:/.*)?)?$`);
const LISTS =
  /^\/v1\/(prompts|drafts|tags|snapshot|exports|events|keys|projects|connections|executions|runs|providers)(?:\/|$)/;
const OWN = new Set(["/healthz", "/openapi.json"]);

/** The route by its name, of which there are few, and the slug if there is one. */
function routeOf(path) {
  const [, written, part] = PROMPT.exec(path) ?? [];
  if (written !== undefined) return { route: part === undefined ? "prompt" : `prompt/${part}`, slug: decoded(written) };
  if (OWN.has(path)) return { route: path.slice(1) };
  const list = LISTS.exec(path)?.[1];
  if (list !== undefined) return { route: list };
  return { route: path.startsWith("/v1/") || path.startsWith("/api/") ? "api" : "page" };
}

/** What a slug and a tag can be: another text in their place may be anything, also content. */
const SLUG = /^(?=.{1,200}$)[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)*$/;
const TAG = /^[a-z][a-z0-9_-]{0,63}$/;

/** The slug in a path, if it is one. */
function decoded(written) {
  try {
    const slug = decodeURIComponent(written);
    return SLUG.test(slug) ? withoutSecret(slug) : undefined;
  } catch {
    return undefined;
  }
}

/** Without the secret of a key, which a caller may have put where a name belongs. */
function withoutSecret(name) {
  return name.replace(/(cue_[a-z0-9]{12}_[a-z0-9]{12}_)[a-z0-9]+/gi, "$1…");
}

/** `Cache-Status` (RFC 9211) in a word. */
function cacheState(status) {
  if (status === null) return "none";
  if (status.includes("stale-while-revalidate")) return "stale";
  if (/stale-if-error|origin-failing/.test(status)) return "failing";
  if (status.includes("; hit")) return "hit";
  if (status.includes("collapsed")) return "collapsed";
  return status.includes("fwd=stale") ? "revalidated" : "miss";
}

/** Upper bounds in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts of this isolate since it started: https://prometheus.io/docs/specs/om/open_metrics_spec/ */
class Metrics {
  /** Labels as written → how often. */
  #requests = new Map();
  /** Route → how often within each bound, in all, and for how long. */
  #times = new Map();

  count(labels, seconds) {
    const written = Object.entries(labels)
      .map(([name, value]) => `${name}="${value}"`)
      .join(",");
    this.#requests.set(written, (this.#requests.get(written) ?? 0) + 1);
    let times = this.#times.get(labels.route);
    if (!times) {
      times = { within: BUCKETS.map(() => 0), all: 0, sum: 0 };
      this.#times.set(labels.route, times);
    }
    for (const [at, bound] of BUCKETS.entries()) if (seconds <= bound) times.within[at] += 1;
    times.all += 1;
    times.sum += seconds;
  }

  text() {
    const lines = [
      "# TYPE cuecard_requests counter",
      "# HELP cuecard_requests Answers, by route, method, status, cache.",
    ];
    for (const [labels, count] of this.#requests) lines.push(`cuecard_requests_total{${labels}} ${count}`);
    lines.push("# TYPE cuecard_request_seconds histogram", "# UNIT cuecard_request_seconds seconds");
    lines.push("# HELP cuecard_request_seconds From a request to the head of its answer.");
    for (const [route, { within, all, sum }] of this.#times) {
      for (const [at, bound] of BUCKETS.entries())
        lines.push(`cuecard_request_seconds_bucket{route="${route}",le="${bound}"} ${within[at]}`);
      lines.push(`cuecard_request_seconds_bucket{route="${route}",le="+Inf"} ${all}`);
      lines.push(`cuecard_request_seconds_count{route="${route}"} ${all}`);
      lines.push(`cuecard_request_seconds_sum{route="${route}"} ${sum}`);
    }
    return `${lines.join("\n")}\n# EOF\n`;
  }
}
