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
    let answer = worker.fetch(request, env, ctx);
    if (answer instanceof Promise) answer = inTurn(answer);
    return ends ? ended(answer) : answer;
  },
};

/** So many answers under way leave workerd time for others. */
const FEW = 4;
let underWay = 0;
/** When workerd last looked, and how long it may go without, in milliseconds. */
let looked = 0;
const LOOKS = 5;

/**
 * workerd looks for other connections only when it has nothing left to do. 32 connections that ask the store again as
 * soon as they are answered never leave it in that state, and others waited for a minute. A timer ends only after such
 * a look: in a crowd answers wait for one when the last was some time ago.
 */
async function inTurn(answered) {
  underWay += 1;
  try {
    const answer = await answered;
    if (underWay > FEW && Date.now() - looked > LOOKS) {
      await scheduler.wait(0);
      looked = Date.now();
    }
    return answer;
  } finally {
    underWay -= 1;
  }
}

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
