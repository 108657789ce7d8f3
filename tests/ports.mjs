// TCP ports for servers that start again on the port they had.
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that Linux gives to connections and to servers that take any: none of them gets it meanwhile. */
const [LOWEST, END] = [10_000, 32_000];

/** Returns a free TCP port. */
export async function freePort() {
  for (;;) {
    const port = randomInt(LOWEST, END);
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
      .once("error", () => resolve(false))
      .listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
