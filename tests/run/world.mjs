// A Worker with connections to model APIs and prompts to run.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { start } from "../workerd.mjs";

export const SECRET = "sk-test-a1b2c3d4e5f6-never-to-be-seen";

/** Starts a Worker with the secret in its environment. `vars` may set ORIGIN. */
export async function startWorld({ vars = {}, ...options } = {}) {
  const worker = await start({ ...options, vars: { UPSTREAM_TEST: SECRET, RUN_SILENCE_SECONDS: 2, ...vars } });
  return new World(worker.url, worker.key, worker);
}

export class World {
  constructor(url, key, worker) {
    Object.assign(this, { url, key, worker });
  }

  /** The same Worker, called with another key. */
  as(key) {
    return new World(this.url, key, this.worker);
  }

  send(method, path, body, headers = {}, init = {}) {
    return fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.key}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...init,
    });
  }

  async json(method, path, body) {
    const response = await this.send(method, path, body);
    const json = response.status === 204 ? undefined : await response.json();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(json)}`);
    return json;
  }

  get(path) {
    return this.json("GET", path);
  }

  connect(name, kind, baseUrl, more = {}) {
    return this.json("PUT", `/v1/connections/${name}`, { kind, baseUrl, secret: "UPSTREAM_TEST", ...more });
  }

  commit(slug, document) {
    return this.json("POST", `/v1/prompts/${slug}/versions`, document);
  }

  run(slug, body, query = "", init = {}) {
    return this.send("POST", `/v1/prompts/${slug}/run${query}`, body, {}, init);
  }

  async newKey(body) {
    return (await this.json("POST", "/v1/keys", body)).key;
  }

  /** Waits until an execution ends, and returns it. */
  async ended(id, status) {
    for (let i = 0; ; i++) {
      const execution = await this.get(`/v1/executions/${id}`).catch(() => undefined);
      if (execution && execution.status !== "running") {
        if (status) assert.equal(execution.status, status, JSON.stringify(execution));
        return execution;
      }
      assert.ok(i < 400, `execution ${id} does not end: ${JSON.stringify(execution)}`);
      await sleep(50);
    }
  }
}

export const GREET = {
  messages: [
    { role: "system", content: "You greet." },
    { role: "user", content: "Hello {{ name }}" },
  ],
  inputs: [{ name: "name", type: "str" }],
  parameters: { temperature: 0.5 },
};
