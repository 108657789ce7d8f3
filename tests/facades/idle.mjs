// Node.js clients that stay busy for longer than a server keeps idle connections: idle.mjs URL KEY SLUG.
import http from "node:http";

import { blocked } from "./blocked.mjs";

const [url, key, slug] = process.argv.slice(2);
const path = `/v1/prompts/${slug}`;
const headers = { authorization: `Bearer ${key}` };
const { LangWatch } = await import(process.env.LANGWATCH_MODULE ?? "langwatch");
const langwatch = new LangWatch({ apiKey: key, endpoint: url });

async function byFetch(path) {
  const answer = await fetch(url + path, { headers });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
}

function byHttp() {
  return new Promise((resolve, reject) => {
    const agent = { "user-agent": "axios/1.7.0", ...headers };
    const request = http.get(url + path, { headers: agent }, (answer) => answer.resume().once("end", resolve));
    request.once("error", reject);
  });
}

const reads = {
  "fetch: a prompt": () => byFetch(path),
  "fetch: a list": () => byFetch("/v1/prompts"),
  "fetch: what is not there": () => byFetch("/v1/prompts/none").catch((error) => JSON.parse(error.message)),
  "fetch: an answer that is streamed": () => byFetch("/openapi.json"),
  "node:http": byHttp,
  langwatch: () => langwatch.prompts.get(slug),
};

for (const [name, read] of Object.entries(reads)) await blocked(`${name}: a read, 5.5 s of other work, a read`, read);
