// What is wrong with the file of an object. workerd tells callers of an object nothing of a file that it cannot open.
const [MAGIC, HEAD] = ["SQLite format 3\0", 100];

export default {
  /** Whether the file at this path, without its ending, is a whole database: `whole` or `damaged`. */
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const file = await env.DISK.fetch(`http://disk${pathname}.sqlite`);
    const length = Number(file.headers.get("content-length"));
    const reader = file.body.getReader({ mode: "byob" });
    const { value: head } = await reader.readAtLeast(HEAD, new Uint8Array(HEAD));
    await reader.cancel();
    return new Response(file.status === 200 && !isWhole(head, length) ? "damaged" : "whole");
  },
};

/** Whether the file has as many pages as its head says: https://www.sqlite.org/fileformat.html#the_database_header */
function isWhole(head, length) {
  // What was never written to is empty.
  if (length === 0) return true;
  if (head?.length !== HEAD || String.fromCharCode(...head.subarray(0, MAGIC.length)) !== MAGIC) return false;
  const numbers = new DataView(head.buffer, head.byteOffset);
  const page = numbers.getUint16(16);
  return length >= numbers.getUint32(28) * (page === 1 ? 65_536 : page);
}
