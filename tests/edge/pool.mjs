// HTTP over a few kept connections, as `fetch` would add headers of its own and cost more than the Worker.
import { execFile } from "node:child_process";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export class Pool {
  #agent;

  constructor(port, sockets = 64) {
    this.port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets });
  }

  get = (path, headers) => this.request("GET", path, headers);

  /** Sends a request. Returns `{ status, headers, body }`, the body as text. */
  request(method, path, headers, body) {
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: "127.0.0.1", port: this.port, method, path, headers, agent: this.#agent },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
          response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
          response.on("error", reject);
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }

  close() {
    this.#agent.destroy();
  }
}

/**
 * Opens `count` connections and completes the same request on all of them at once, in a process of its own, as this one
 * may be the origin. Returns the number of answers of each status, body and `Cache-Status`.
 */
export async function burst(port, path, headers, count) {
  const script = fileURLToPath(new URL("burst.mjs", import.meta.url));
  const args = [script, port, path, JSON.stringify(headers), count];
  const { stdout } = await promisify(execFile)(process.execPath, args.map(String));
  return JSON.parse(stdout);
}
