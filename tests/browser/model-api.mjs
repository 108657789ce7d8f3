// Model APIs that stream a text and a tool call, each in its own events. The name of the model chooses the answer.
import { createServer } from "node:http";

const sse = (events, isNamed) =>
  events.map((event) => `${isNamed ? `event: ${event.type}\n` : ""}data: ${JSON.stringify(event)}\n\n`).join("");

const TEXTS = {
  good: '{"n": 3}',
  bad: '{"n": "three"}',
  hostile: "<img src=x onerror=globalThis.hit=1><script>hit=1</script>",
};

const chat = (model) => {
  const choice = (delta, finish_reason = null) => ({ choices: [{ index: 0, delta, finish_reason }] });
  const text = TEXTS[model];
  const pieces = text
    ? [...text].map((content) => choice({ content }))
    : [
        choice({ content: "Let me look." }),
        choice({ tool_calls: [{ index: 0, id: "c1", type: "function", function: { name: "look", arguments: "" } }] }),
        choice({ tool_calls: [{ index: 0, function: { arguments: '{"q":' } }] }),
        choice({ tool_calls: [{ index: 0, function: { arguments: '"Ada"}' } }] }),
      ];
  const usage = { choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } };
  return `${sse([...pieces, choice({}, text ? "stop" : "tool_calls"), usage])}data: [DONE]\n\n`;
};

const responses = () =>
  sse(
    [
      { type: "response.output_text.delta", item_id: "m", output_index: 0, content_index: 0, delta: "Let me look." },
      {
        type: "response.output_item.added",
        output_index: 1,
        item: { type: "function_call", id: "f", name: "look", arguments: "" },
      },
      { type: "response.function_call_arguments.delta", item_id: "f", output_index: 1, delta: '{"q":' },
      { type: "response.function_call_arguments.delta", item_id: "f", output_index: 1, delta: '"Ada"}' },
      {
        type: "response.completed",
        response: {
          status: "completed",
          output: [
            { type: "message", content: [{ type: "output_text", text: "Let me look." }] },
            { type: "function_call", call_id: "c1", name: "look", arguments: '{"q":"Ada"}' },
          ],
          usage: { input_tokens: 7, output_tokens: 3 },
        },
      },
    ],
    true,
  );

const anthropic = () =>
  sse(
    [
      { type: "message_start", message: { usage: { input_tokens: 7, output_tokens: 1 } } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Let me look." } },
      { type: "content_block_stop", index: 0 },
      { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "c1", name: "look", input: {} } },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"q":' } },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '"Ada"}' } },
      { type: "content_block_stop", index: 1 },
      { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 3 } },
      { type: "message_stop" },
    ],
    true,
  );

const gemini = () => {
  const candidate = (parts, finishReason) => ({
    candidates: [{ content: { role: "model", parts }, ...(finishReason && { finishReason }) }],
  });
  return sse([
    candidate([{ text: "Let me " }]),
    candidate([{ text: "look." }]),
    {
      ...candidate([{ functionCall: { name: "look", args: { q: "Ada" } } }], "STOP"),
      usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 3 },
    },
  ]);
};

/** Starts all model APIs on one port. */
export async function startModelApi() {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { model } = JSON.parse(body || "{}");
    const { url = "" } = request;
    const answer = url.includes("/chat/completions")
      ? chat(model)
      : url.includes("/responses")
        ? responses()
        : url.includes("/messages")
          ? anthropic()
          : gemini();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(answer);
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
