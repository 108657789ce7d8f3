// The Worker behind connections that close: workerd ends one that was idle for 5 seconds, and takes no setting for
// that. A program in Node.js that was busy meanwhile sends its next request into the closed connection, and fails. So
// its connection ends with each answer. `Proxy-Connection` says so, which Node's parser takes for `Connection`: workerd
// drops the latter.
import worker from "./inner.js";

export * from "./inner.js";

// As Node's `fetch` says it, and the clients that are made for Node.
const NODE = /\bnode\b|undici|axios/i;

export default {
  /** Without a promise of its own where nothing changes, as that would cost more than most hits do. */
  fetch(request, env, ctx) {
    const ends = isOfNode(request.headers);
    const answer = worker.fetch(request, env, ctx);
    return ends ? ended(answer) : answer;
  },
};

/** A proxy keeps its own connections. */
function isOfNode(headers) {
  const agent = headers.get("user-agent");
  return agent !== null && NODE.test(agent) && !headers.has("x-forwarded-for");
}

async function ended(answered) {
  const answer = await answered;
  const response = new Response(answer.body, answer);
  response.headers.set("proxy-connection", "close");
  return response;
}
