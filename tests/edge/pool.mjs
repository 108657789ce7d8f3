// HTTP over a few kept connections: `fetch` would add headers of its own, and cost more than the Worker.
import { Agent, request } from "node:http";
import { connect } from "node:net";

export class Pool {
  #agent;

  constructor(port, sockets = 64) {
    this.port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets });
  }

  get = (path, headers) => this.request("GET", path, headers);

  /** `{ status, headers, body }`; the body as text. */
  request(method, path, headers, body) {
    return new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port: this.port, method, path, headers, agent: this.#agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
        response.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  close() {
    this.#agent.destroy();
  }
}

/** Opens `count` connections, then completes the same request on all of them at once: `{ status, headers, body }` of each. */
export async function burst(port, path, headers, count) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const message = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${lines.join("")}`;
  const sockets = [];
  while (sockets.length < count) {
    // A listener takes only so many new connections at a time.
    const batch = Array.from({ length: Math.min(200, count - sockets.length) }, () => opened(port));
    for (const socket of await Promise.all(batch)) {
      // All but the last line: an idle connection would be closed before its turn.
      socket.write(message);
      sockets.push(socket);
    }
  }
  const answers = sockets.map(answer);
  for (const socket of sockets) socket.write("\r\n");
  return Promise.all(answers);
}

function opened(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}

function answer(socket) {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += chunk;
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const [line, ...fields] = text.slice(0, end).split("\r\n");
      const headers = Object.fromEntries(fields.map((field) => field.toLowerCase().split(": ")));
      const body = text.slice(end + 4);
      if (body.length < Number(headers["content-length"])) return;
      socket.destroy();
      resolve({ status: Number(line.split(" ")[1]), headers, body });
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
}
