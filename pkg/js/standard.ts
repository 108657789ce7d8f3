/** Standard Schema 1 (standardschema.dev), both ways: a prompt is one, and inputs are read from one. */
import { PromptError } from "./error.ts";
import type { Input, InputType, Issue, Json, JsonObject } from "./types.ts";

/** What a prompt has as `~standard`. */
export interface Standard<Inputs> {
  readonly version: 1;
  readonly vendor: "cuecard";
  readonly validate: (
    value: unknown,
  ) => { readonly value: Inputs; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };
  readonly types?: { readonly input: Inputs; readonly output: Inputs } | undefined;
}

/** An issue as Standard Schema has it. */
export interface StandardIssue {
  readonly message: string;
  readonly path: readonly string[];
}

/** A schema of zod 4, ArkType or Valibot, or any other that tells its JSON Schema in the standard's way. */
export interface Schema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown, ...more: never[]) => unknown;
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined;
  };
}

/** What a schema takes. */
export type InputOf<S extends Schema> = NonNullable<S["~standard"]["types"]>["input"] extends infer I extends object
  ? I
  : Record<string, unknown>;

/** The checks of a prompt. */
export function standard<Inputs extends object>(prompt: { check(inputs: unknown): Issue[] }): Standard<Inputs> {
  const validate = (value: unknown) => {
    const issues = prompt.check(value);
    return issues.length === 0 ? { value: value as Inputs } : { issues: issues.map(toStandard) };
  };
  return { version: 1, vendor: "cuecard", validate };
}

function toStandard({ message, pointer }: Issue): StandardIssue {
  const keys = pointer.split("/").slice(1);
  return { message, path: keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~")) };
}

/** The inputs that an object schema describes. What inputs cannot say is an error, not left out. */
export function inputsFrom(schema: Schema): Input[] {
  const { type, properties, required = [] } = jsonSchema(schema);
  if (type !== "object" || !isObject(properties)) throw refuse("the inputs are not the schema of an object");
  const needed = required as readonly string[];
  return Object.entries(properties).map(([name, of]) => input(name, of as JsonObject, needed.includes(name)));
}

function jsonSchema(schema: Schema): JsonObject {
  const { vendor, jsonSchema: told } = schema["~standard"] as {
    vendor: string;
    jsonSchema?: { input(options: { target: string }): JsonObject };
  };
  if (told !== undefined) return told.input({ target: "draft-2020-12" });
  if (vendor === "valibot") return fromValibot(schema as unknown as Valibot, "");
  throw refuse(`a schema of ${vendor} does not tell its JSON Schema (\`~standard.jsonSchema\`)`);
}

const SCALARS: Readonly<Record<string, InputType>> = {
  string: "str",
  integer: "int",
  number: "float",
  boolean: "bool",
};
const ABOUT = ["type", "description", "default", "enum", "const", "title", "$schema", "examples"];

/** What an input says in fields of its own stands there; the rest narrows lists and dicts. */
function input(name: string, schema: JsonObject, isNeeded: boolean): Input {
  const { description, default: value, const: only } = schema;
  const allowed = only === undefined ? (schema["enum"] as Json[] | undefined) : [only];
  const keywords = Object.entries(schema).filter(([key, value]) => !ABOUT.includes(key) && !isSafeBound(key, value));
  const type = typeOf(schema, allowed);
  const narrows = type === "list" || type === "dict" || type.startsWith("list[");
  const item = type.startsWith("list[") ? (schema["items"] as JsonObject) : {};
  const plain =
    type.startsWith("list[") && Object.keys(item).every((key) => key === "type" || isSafeBound(key, item[key]));
  const rest = plain ? keywords.filter(([key]) => key !== "items") : keywords;
  if (!narrows && rest.length > 0)
    throw refuse(`\`${name}\` is narrowed by \`${rest[0]?.[0]}\`, which an input of type ${type} has no way to say`);
  return {
    name,
    type,
    ...(!isNeeded && value === undefined && { required: false }),
    ...(value !== undefined && { default: value }),
    ...(typeof description === "string" && { description }),
    ...(allowed !== undefined && { enum: allowed }),
    ...(rest.length > 0 && { schema: Object.fromEntries(rest) }),
  };
}

function typeOf({ type, items }: JsonObject, allowed: readonly Json[] | undefined): InputType {
  if (typeof type === "string" && type in SCALARS) return SCALARS[type] as InputType;
  if (type === undefined && allowed?.every((one) => typeof one === "string") === true) return "str";
  if (type === "object") return "dict";
  if (type !== "array") return "any";
  const item = isObject(items) ? SCALARS[String(items["type"])] : undefined;
  return item !== undefined && isObject(items) && items["enum"] === undefined ? (`list[${item}]` as InputType) : "list";
}

/** The bounds of safe integers, which zod writes down and our integers have anyway. */
function isSafeBound(key: string, value: unknown): boolean {
  return (key === "minimum" || key === "maximum") && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
}

/** What of a Valibot schema can be read without `@valibot/to-json-schema`. */
interface Valibot {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Valibot>>;
  readonly item?: Valibot;
  readonly wrapped?: Valibot;
  readonly options?: readonly Json[];
  readonly literal?: Json;
  readonly default?: unknown;
  readonly pipe?: readonly { readonly kind: string; readonly type: string; readonly description?: string }[];
}

function fromValibot(schema: Valibot, at: string): JsonObject {
  const { type, entries, item, wrapped, options, literal, pipe = [] } = schema;
  const optional = ["optional", "exact_optional", "nullish", "undefinedable"].includes(type);
  if (optional && wrapped !== undefined) {
    const value = schema.default;
    return { ...fromValibot(wrapped, at), ...(value !== undefined && { default: value as Json }) };
  }
  let found: JsonObject | undefined;
  if (type === "string" || type === "number" || type === "boolean") found = { type };
  if (type === "picklist" && options !== undefined) found = { enum: options };
  if (type === "literal" && literal !== undefined) found = { const: literal };
  if (type === "any" || type === "unknown") found = {};
  if (type === "array" && item !== undefined) found = { type: "array", items: fromValibot(item, `${at}/items`) };
  if (["object", "strict_object", "loose_object"].includes(type) && entries !== undefined) {
    const needed = Object.keys(entries).filter(
      (key) => !/optional|nullish|undefinedable/.test(entries[key]?.type ?? ""),
    );
    const properties = Object.entries(entries).map(([key, of]) => [key, fromValibot(of, `${at}/${key}`)] as const);
    found = { type: "object", properties: Object.fromEntries(properties), required: needed };
  }
  for (const { kind, type: action, description } of pipe) {
    if (found === undefined || kind === "schema") continue;
    if (action === "integer" || action === "safe_integer") found = { ...found, type: "integer" };
    else if (action === "description" && description !== undefined) found = { ...found, description };
    else if (kind !== "metadata") found = undefined;
  }
  if (found === undefined)
    throw refuse(
      `\`${at || "/"}\` cannot be read: pass the schema through \`toStandardJsonSchema\` of @valibot/to-json-schema`,
    );
  return found;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(message: string): PromptError {
  return new PromptError("document_invalid", message, { status: 422 });
}
