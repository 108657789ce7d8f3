// The Worker with a clock that stands still: `PUT /clock` sets it, to milliseconds since 1970. `GET /clock?left=N`
// answers when no more than N of the tasks that go on behind answers are under way.
import worker from "./index.js";

export * from "./index.js";

let now = 0;
let underWay = 0;
Date.now = () => now;

function watched(ctx) {
  const waitUntil = (work) => {
    underWay += 1;
    const ended = () => void (underWay -= 1);
    work.then(ended, ended);
    ctx.waitUntil(work);
  };
  return { waitUntil, passThroughOnException: () => ctx.passThroughOnException(), exports: ctx.exports };
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname !== "/clock") return worker.fetch(request, env, watched(ctx));
    if (request.method === "PUT") now = Number(await request.text());
    const left = Number(url.searchParams.get("left"));
    while (request.method === "GET" && underWay > left) await new Promise((resolve) => setTimeout(resolve, 2));
    return new Response();
  },
};
