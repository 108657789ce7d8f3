/** Attributes of a prompt in OpenTelemetry's conventions for generative AI. No dependency: attributes are plain data. */
import { Rendered } from "./rendered.ts";

export interface AttributeOptions {
  /** Whether to add the inputs as `gen_ai.prompt.variable.<name>`: all, or the listed ones. They may be private, so by
   * default none is added. */
  readonly variables?: boolean | readonly string[];
}

/** The attributes of a span of a model call: `gen_ai.prompt.name` and `gen_ai.prompt.version` of a fetched prompt. */
export function attributes(
  rendered: { readonly slug?: string | undefined; readonly version?: number | undefined },
  { variables = false }: AttributeOptions = {},
): Record<string, string> {
  const { slug, version } = rendered;
  const told: Record<string, string> = {};
  if (slug !== undefined) told["gen_ai.prompt.name"] = slug;
  if (version !== undefined) told["gen_ai.prompt.version"] = String(version);
  if (variables === false) return told;
  const inputs = Object.entries(Rendered.inputsOf(rendered) ?? {});
  for (const [name, value] of inputs) {
    if (value === undefined || (variables !== true && !variables.includes(name))) continue;
    told[`gen_ai.prompt.variable.${name}`] = typeof value === "string" ? value : text(value);
  }
  return told;
}

/** JSON, in which a BigInt is a number. */
function text(value: unknown): string {
  const json = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
  return typeof value === "bigint" ? String(value) : json;
}
