// Static assets for workerd on one machine: what Cloudflare's asset server adds to files on a disk.
const TYPES = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  map: "application/json",
  mjs: "text/javascript; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
  woff2: "font/woff2",
};

export default {
  async fetch(request, env) {
    if (!["GET", "HEAD"].includes(request.method)) return new Response(null, { status: 405 });
    const { pathname } = new URL(request.url);
    for (const path of candidates(pathname)) {
      const file = await env.DISK.fetch(`http://disk${path}`);
      if (file.status === 200 && file.headers.get("content-type") !== "application/json")
        return asset(request, path, file);
      await file.body?.cancel();
    }
    return new Response(null, { status: 404 });
  },
};

/** A folder is its index.html, and `/name` may be `/name.html`. */
function candidates(path) {
  if (path.endsWith("/")) return [`${path}index.html`];
  return /\.\w+$/.test(path) ? [path] : [`${path}.html`, path];
}

async function asset(request, path, file) {
  const body = await file.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body)).subarray(0, 16);
  const headers = {
    "cache-control": "public, max-age=0, must-revalidate",
    "content-type": TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream",
    etag: `"${[...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("")}"`,
  };
  if (request.headers.get("if-none-match") === headers.etag) return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : body, { headers });
}
