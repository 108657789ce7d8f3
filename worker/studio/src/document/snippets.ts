/** Code by which an app uses a prompt: ready to paste, with the real slug and inputs. */
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

export function snippet(kind: SnippetKind, { url, slug, ref, inputs, model }: SnippetUse): string {
  const reference = ref === "" || ref === "production" ? slug : `${slug}@${ref}`;
  const call = `cue.render(${JSON.stringify(reference)}, ${literal(inputs)})`;
  const begin = (...imports: string[]) => `import { Cuecard } from "cuecard";
${imports.map((one) => `${one}\n`).join("")}
const cue = new Cuecard({ url: ${JSON.stringify(url)}, key: process.env.CUECARD_KEY });

`;
  switch (kind) {
    case "cuecard":
      return `${begin()}const { messages } = await ${call};
`;
    case "aiSdk": {
      const { imports, expression } = aiSdkModel(model);
      return `${begin('import { aiSdk } from "cuecard/ai-sdk";', ...imports, 'import { generateText } from "ai";')}const rendered = await ${call};
const { text } = await generateText({ model: ${expression}, ...aiSdk(rendered) });
`;
    }
    case "openai": {
      const body = 'rendered.to("openai_chat").body';
      const { vendor, name } = partsOf(model);
      const isOwn = vendor === "openai";
      const whole = isOwn && model !== undefined ? body : `{ ...${body}, model: ${JSON.stringify(name)} }`;
      // The APIs of other vendors that the library can call have addresses of their own, and models without their
      // vendor.
      const options = isOwn ? "" : "{ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY }";
      return `${begin('import OpenAI from "openai";')}const rendered = await ${call};
const completion = await new OpenAI(${options}).chat.completions.create(${whole});
`;
    }
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

/** The model of a prompt that names none. */
const DEFAULT = "gpt-4o-mini";

/** The AI SDK's packages by vendor, each of which exports its vendor's name. */
const AI_SDK = new Set(["anthropic", "cohere", "deepseek", "google", "groq", "mistral", "openai", "perplexity", "xai"]);

/** The model as the AI SDK takes it. Without a package for its vendor it is a text, which the SDK sends to its
 * gateway. */
function aiSdkModel(model: string | undefined): { imports: string[]; expression: string } {
  const { vendor, name } = partsOf(model);
  if (!AI_SDK.has(vendor)) return { imports: [], expression: JSON.stringify(model) };
  return {
    imports: [`import { ${vendor} } from "@ai-sdk/${vendor}";`],
    expression: `${vendor}(${JSON.stringify(name)})`,
  };
}

/** `openai/gpt-4o-mini` in its parts; a model that names no vendor is OpenAI's. */
function partsOf(model = DEFAULT): { vendor: string; name: string } {
  const [, vendor = "openai", name = model] = /^([^/]+)\/(.+)$/.exec(model) ?? [];
  return { vendor, name };
}

/** TypeScript for a value of JSON. The package takes a `bigint` for what no double holds, up to 64 bits as it has
 * them. */
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
