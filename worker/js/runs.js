// Runs, each in an invocation of its own, which goes on when its caller hangs up. The platform ends the caller's request
// then, and with it a call that the run has made back into that request. The flag `enable_request_signal` would tell
// the run too, but makes a signal for every request, a twentieth of the time of a hit.
import { WorkerEntrypoint } from "cloudflare:workers";

/** Whether a request may start a run. */
export function startsRun({ method, path }) {
  return method === "POST" && (path.endsWith("/run") || path.startsWith("/openai/v1/"));
}

/** Longer than any run; no timer takes more milliseconds. */
const FOREVER = 2 ** 31 - 1;

/** The answer to a request that starts a run. */
export function run(request, ctx) {
  return ctx.exports.Runs.answer(request, () => scheduler.wait(FOREVER));
}

/** The entry point of runs, whose requests `serve` answers. */
export function runsOf(serve) {
  return class Runs extends WorkerEntrypoint {
    /** @param {() => Promise<void>} stay runs in the caller's request, and fails when that ends */
    async answer(request, stay) {
      const caller = new AbortController();
      const { signal } = caller;
      stay().catch(() => caller.abort());
      const answered = serve(new Request(request, { signal }), this.env, this.ctx);
      this.ctx.waitUntil(answered);
      const response = await answered;
      // workerd logs an error for a body that nobody can take.
      return signal.aborted ? undefined : response;
    }
  };
}
