// A runtime's own `fetch` in a program that blocks for longer than a server keeps idle connections: idle_fetch.mjs URL
// KEY SLUG.
import { blocked } from "./blocked.mjs";

const [url, key, slug] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };

async function ask(path, init) {
  const answer = await fetch(url + path, { headers, ...init });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}

const inputs = JSON.stringify({ inputs: { name: "Ada" } });
const requests = {
  read: () => ask(`/v1/prompts/${slug}`),
  render: () => ask(`/v1/prompts/${slug}/render`, { method: "POST", body: inputs }),
};

for (const [name, send] of Object.entries(requests))
  await blocked(`fetch: a ${name}, 5.5 s of other work, a ${name}`, send);
