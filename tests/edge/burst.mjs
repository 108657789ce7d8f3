// node burst.mjs PORT PATH HEADERS COUNT: see `burst` in pool.mjs.
import { connect } from "node:net";

const [port, path, headers, count] = process.argv.slice(2);
const answers = await burst(Number(port), path, JSON.parse(headers), Number(count));
const tally = (of) => answers.reduce((all, one) => ({ ...all, [of(one)]: (all[of(one)] ?? 0) + 1 }), {});
console.log(
  JSON.stringify({
    status: tally(({ status }) => status),
    body: tally(({ status, body }) => (status === 200 ? body : JSON.parse(body).detail)),
    cache: tally((one) => one.headers["cache-status"]),
  }),
);

/**
 * Opens `count` connections, then completes the same request on all of them at once. Returns
 * `{ status, headers, body }` of each.
 */
async function burst(port, path, headers, count) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const message = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${lines.join("")}`;
  const sockets = [];
  while (sockets.length < count) {
    // A listener accepts a limited number of new connections at a time.
    const batch = Array.from({ length: Math.min(200, count - sockets.length) }, () => opened(port));
    for (const socket of await Promise.all(batch)) {
      // Without its last line a request is not idle, so the server keeps the connection open.
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
