// The Worker behind connections that close: workerd ends one that was idle for 5 seconds, and takes no setting for
// that. A program in Node.js that was busy meanwhile sends its next request into the closed connection, and fails. So
// its connection ends with each answer. `Proxy-Connection` says so, which Node's parser takes for `Connection`: workerd
// drops the latter.
import worker from "./inner.js";

export * from "./inner.js";

// As Node's `fetch` says it, and the clients that are made for Node.
const NODE = /\bnode\b|undici|axios/i;

export default {
  async fetch(request, env, ctx) {
    const answer = await worker.fetch(request, env, ctx);
    const agent = request.headers.get("user-agent");
    // A proxy keeps its own connections.
    if (agent === null || !NODE.test(agent) || request.headers.has("x-forwarded-for")) return answer;
    const response = new Response(answer.body, answer);
    response.headers.set("proxy-connection", "close");
    return response;
  },
};
