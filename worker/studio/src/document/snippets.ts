/** How an app uses a prompt: ready to paste, with the real slug and inputs. */
import type { JsonObject } from "cuecard";

export const SNIPPETS = ["cuecard", "aiSdk", "openai", "curl"] as const;
export type SnippetKind = (typeof SNIPPETS)[number];

interface SnippetUse {
  readonly url: string;
  readonly slug: string;
  /** A tag or a version. */
  readonly ref: string;
  readonly inputs: JsonObject;
  readonly model?: string | undefined;
}

export function snippet(kind: SnippetKind, { url, slug, ref, inputs, model = "gpt-4o-mini" }: SnippetUse): string {
  const values = literal(inputs);
  const reference = ref === "" || ref === "production" ? slug : `${slug}@${ref}`;
  const get = `import { Cuecard } from "cuecard";

const cue = new Cuecard({ url: ${JSON.stringify(url)}, key: process.env.CUECARD_KEY });
`;
  switch (kind) {
    case "cuecard":
      return `${get}
const { messages } = await cue.render(${JSON.stringify(reference)}, ${values});
`;
    case "aiSdk":
      return `${get.replace("\n\n", '\nimport { openai } from "@ai-sdk/openai";\nimport { generateText } from "ai";\n\n')}
const { messages } = await cue.render(${JSON.stringify(reference)}, ${values});
const { text } = await generateText({
  model: openai(${JSON.stringify(bare(model))}),
  messages,
});
`;
    case "openai":
      return `${get.replace("\n\n", '\nimport OpenAI from "openai";\n\n')}
const { messages } = await cue.render(${JSON.stringify(reference)}, ${values});
const completion = await new OpenAI().chat.completions.create({
  model: ${JSON.stringify(bare(model))},
  messages,
});
`;
    case "curl": {
      const query = /^[0-9]+$/.test(ref) ? `version=${ref}` : `tag=${ref || "production"}`;
      const body = JSON.stringify({ inputs }).replaceAll("'", "'\\''");
      return `curl -s '${url}/v1/prompts/${slug}/render?${query}' \\
  -H "Authorization: Bearer $CUECARD_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '${body}'
`;
    }
  }
}

/** TypeScript for a value of JSON. The package takes a `bigint` for what no double holds, up to 64 bits as it has them. */
function literal(value: unknown, indent = ""): string {
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? `${value}n` : String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((item) => literal(item, inner))
    : Object.entries(value).map(([name, item]) => `${key(name)}: ${literal(item, inner)}`);
  const [start, end] = isList ? "[]" : "{}";
  return items.length === 0 ? `${start}${end}` : `${start}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${end}`;
}

/** A plain `"__proto__":` would name the object's prototype. */
const key = (name: string): string => (name === "__proto__" ? `["${name}"]` : JSON.stringify(name));

/** A model without its vendor: `openai/gpt-4o-mini` is `gpt-4o-mini` to OpenAI itself. */
const bare = (model: string): string => model.replace(/^[^/]+\//, "");
