/** Runs a prompt at the Worker: one answer, or the model API's events as they arrive. */
import { PromptError, fromProblem, isProblem } from "./error.ts";
import { type Fetch, MAX_ANSWER, text } from "./fetch.ts";
import { eventData } from "./sse.ts";
import type { Issue } from "./types.ts";

/** The caller's settings of a run. */
export interface RunOptions {
  /** In place of the reference's own; not together with `version`. */
  readonly tag?: string;
  /** This version. */
  readonly version?: number;
  /** In place of the prompt's. */
  readonly model?: string;
  /** Overrides the prompt's. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** The name of one of the project's connections. */
  readonly connection?: string;
  /** How much is kept of the run, in place of the project's setting. */
  readonly record?: "off" | "usage" | "full";
  /** Labels to find the execution by. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
  /** Whether to stream the model API's own events. */
  readonly stream?: boolean;
  /** Aborts the run, and the request to the model API with it. */
  readonly signal?: AbortSignal;
}

/** With the model API's own events. */
export interface Streamed {
  readonly stream: true;
}

/** With one answer. */
export interface Whole {
  readonly stream?: false;
}

/** Tokens as OpenTelemetry counts them; `null` if the model API does not report them. */
export interface Usage {
  readonly input: number | null;
  readonly inputCached: number | null;
  readonly inputCacheWrite: number | null;
  readonly output: number | null;
  readonly reasoning: number | null;
}

/** The result of a run. */
export interface Run<Output = string> {
  /** The id of its record; `null` if none is kept. */
  readonly execution: string | null;
  /** The model's text, or the value of the prompt's outputs. Where it does not fit them, `issues` says why. */
  readonly output: Output;
  readonly issues?: readonly Issue[];
  readonly toolCalls?: readonly { readonly id?: string; readonly name: string; readonly arguments: unknown }[];
  readonly finishReason?: string;
  readonly usage: Usage | null;
  readonly cost: number | null;
  readonly connection: string;
  readonly model: string;
  readonly resolved: { readonly slug: string; readonly version: number; readonly hash: string; readonly tag?: string };
}

/** The events of a run: each is the model API's own, parsed. */
export interface RunStream extends AsyncIterable<unknown> {
  readonly execution: string | null;
  readonly version: number;
  /** The unparsed answer. Not together with iterating. */
  readonly response: Response;
}

/** Where to run. */
export interface RunTarget {
  readonly url: string;
  readonly key: string;
  readonly fetch?: Fetch | undefined;
}

/** What is run. */
interface RunVersion {
  readonly slug: string;
  readonly tag?: string | undefined;
  readonly version?: number | undefined;
}

/** Runs a prompt: the events, or the whole answer.
 *
 * @throws PromptError the Worker's error; `query_invalid`: its URL is not `https`; `origin_unavailable`; `aborted`
 */
export async function run(
  place: RunTarget,
  target: RunVersion,
  inputs: object,
  options: RunOptions,
): Promise<Run<unknown> | RunStream> {
  const response = await send(place, target, inputs, options);
  if (options.stream === true) return events(response);
  return JSON.parse(await text(response, MAX_ANSWER)) as Run<unknown>;
}

async function send(
  place: RunTarget,
  target: RunVersion,
  inputs: object,
  { model, parameters, connection, record, metadata, stream, signal }: RunOptions,
): Promise<Response> {
  const { protocol, hostname } = new URL(place.url);
  if (protocol !== "https:" && !/^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname))
    throw new PromptError("query_invalid", "a run takes an https `url`: it spends money", { status: 400 });
  const query = target.version === undefined ? `tag=${target.tag}` : `version=${target.version}`;
  const fetch = place.fetch ?? globalThis.fetch.bind(globalThis);
  let response: Response;
  try {
    response = await fetch(`${place.url}/v1/prompts/${target.slug.replaceAll("/", "%2F")}/run?${query}`, {
      method: "POST",
      headers: { authorization: `Bearer ${place.key}`, "content-type": "application/json" },
      body: JSON.stringify({ inputs, model, parameters, connection, record, metadata, stream }),
      redirect: "manual",
      ...(signal && { signal }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw new PromptError("aborted", "the caller gave up", { status: 499, cause });
    throw new PromptError("origin_unavailable", "the Worker cannot be reached", { status: 503, cause });
  }
  if (response.ok) return response;
  let problem: unknown;
  try {
    problem = JSON.parse(await text(response));
  } catch {
    // reported below
  }
  if (isProblem(problem)) throw fromProblem(problem);
  throw new PromptError("origin_bad_response", `the Worker answered with status ${response.status}`, { status: 502 });
}

/** The answer to a run as a stream of events. */
function events(response: Response): RunStream {
  return {
    execution: response.headers.get("cuecard-execution"),
    version: Number(response.headers.get("cuecard-version")),
    response,
    async *[Symbol.asyncIterator]() {
      for await (const data of eventData(response)) if (data !== "[DONE]") yield JSON.parse(data);
    },
  };
}
