// The suite for every runtime, over the installed package: every render fixture, the wall between JavaScript and wasm,
// the client. It is plain ESM and does not need Node.
import { Cuecard, PromptError, compile, ready } from "cuecard";
import "cuecard/payloads";
import { cases, origin } from "./cases.mjs";

/** Runs the suite. `hash` is SHA-256 over every output, `count` the number of outputs and checks, `wrong` the failed
 * checks. */
export async function run() {
  await ready();
  const wrong = [];
  const lines = cases.map((one) => `${one.id}\t${outcome(one)}\n`);
  for (const [name, holds] of Object.entries(checks)) {
    try {
      if (!(await holds())) wrong.push(name);
    } catch (error) {
      wrong.push(`${name}: ${error}`);
    }
  }
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(lines.join("")));
  const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { hash, count: lines.length + Object.keys(checks).length, wrong };
}

function outcome({ document, inputs }) {
  try {
    // The second render may take another path than the first, but must give the same messages.
    const prompt = compile(document);
    const [first, second] = [prompt.render(inputs), prompt.render(inputs)].map(({ messages }) =>
      JSON.stringify(messages),
    );
    return first === second ? first : "two renders differ";
  } catch (error) {
    return error instanceof PromptError ? error.code : String(error);
  }
}

const hello = {
  messages: [{ role: "user", content: "Hello {{ name }}" }],
  inputs: [{ name: "name", type: "str" }],
};

const checks = {
  "a document's hash": () =>
    compile(hello).hash === "5efb83d30c111f66f7a5b45f41e0059920cc06ac6c86aff853773360eb223cf4" &&
    compile({ inputs: hello.inputs, messages: hello.messages }).hash === compile(hello).hash,
  "the wall tells everything at once": () => {
    const inputs = { name: "\ud800", promise: Promise.resolve(), date: new Date(), not: NaN };
    inputs.self = inputs;
    const codes = compile(hello)
      .check(inputs)
      .map(({ code }) => code);
    return codes.slice(0, 5).join() === "invalid_unicode,unsupported_type,unsupported_type,not_finite,cycle";
  },
  "a prompt is there after 10,000 renders and a failed one": () => {
    const prompt = compile(hello);
    for (let i = 0; i < 10_000; i++) prompt.render({ name: `n${i}` });
    try {
      prompt.render({ name: new Date() });
      return false;
    } catch (error) {
      return error.code === "input_invalid" && prompt.render({ name: "ä€😀" }).messages[0].content === "Hello ä€😀";
    }
  },
  "the body of a model API": () => {
    const { body, losses } = compile({ ...hello, model: "openai/gpt-5" })
      .render({ name: "ä€😀" })
      .to("openai_chat");
    const expected = { model: "gpt-5", messages: [{ role: "user", content: "Hello ä€😀" }] };
    return JSON.stringify(body) === JSON.stringify(expected) && losses.length === 0;
  },
  "the client": async () => {
    const version = {
      ...hello,
      slug: "a/b",
      version: 3,
      id: "i",
      hash: "h",
      createdAt: "2026-01-01T00:00:00.000Z",
      resolved: { revision: 9 },
    };
    const fetch = async (url, { headers }) =>
      url === "https://prompts.test/v1/prompts/a%2Fb?tag=production" && headers.authorization === "Bearer k"
        ? new Response(JSON.stringify(version), { headers: { etag: '"e"' } })
        : new Response("", { status: 500 });
    const cue = new Cuecard({ url: "https://prompts.test", key: "k", fetch });
    const [prompt] = await Promise.all([cue.get("a/b"), cue.get("a/b")]);
    return prompt.source.state === "fresh" && prompt.render({ name: "Ada" }).messages[0].content === "Hello Ada";
  },
  "the client over the runtime's own fetch": async () => {
    const cue = new Cuecard({ url: origin, key: "k", timeout: 30_000 });
    const prompt = await cue.get("a/b");
    const { state, reason } = prompt.source;
    return (
      (state === "fresh" && prompt.render({ name: "Ada" }).messages[0].content === "Hello Ada") ||
      Promise.reject(`${state} ${reason}`)
    );
  },
  "the client over the runtime's own fetch, refused": async () => {
    const cue = new Cuecard({ url: "http://127.0.0.1:9", key: "k", timeout: 1_000 });
    return cue.get("a").then(
      () => false,
      (error) => error.code === "prompt_unavailable",
    );
  },
};
