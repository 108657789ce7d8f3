// The inputs of the programs: a prompt, a server that answers for the APIs, and the AI SDK's mock model.
import { MockLanguageModelV4 } from "ai/test";

const { MOCK_URL: url = "" } = globalThis as { MOCK_URL?: string };

export const prompt = {
  messages: [
    { role: "system", content: "You help customers of {{ customer }}." },
    { role: "user", content: "Ticket: {{ ticket }}" },
  ],
  inputs: [
    { name: "customer", type: "str" },
    { name: "ticket", type: "str" },
  ],
  model: "openai/gpt-5",
  parameters: { maxTokens: 100, temperature: 0.5, stop: ["END"] },
} as const;

export const openaiOptions = { apiKey: "mock", baseURL: `${url}/v1` };
export const anthropicOptions = { apiKey: "mock", baseURL: url };
export const googleOptions = { apiKey: "mock", httpOptions: { baseUrl: url, apiVersion: "v1beta" } };

/** Answers with its call as JSON. */
export const model = new MockLanguageModelV4({
  doGenerate: async ({ prompt, maxOutputTokens, temperature, stopSequences }) => ({
    content: [{ type: "text", text: JSON.stringify({ prompt, maxOutputTokens, temperature, stopSequences }) }],
    finishReason: { unified: "stop", raw: undefined },
    usage: {
      inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: 1, text: 1, reasoning: undefined },
    },
    warnings: [],
  }),
});
