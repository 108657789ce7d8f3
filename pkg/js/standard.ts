/** Standard Schema 1 (standardschema.dev), both ways: a prompt implements it, and inputs are read from it. */
import { PromptError } from "./error.ts";
import type { Input, InputType, Issue, Json, JsonObject } from "./types.ts";

/** The member `~standard` of a prompt. */
export interface Standard<Inputs> {
  readonly version: 1;
  readonly vendor: "cuecard";
  readonly validate: (
    value: unknown,
  ) => { readonly value: Inputs; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] };
  readonly types?: { readonly input: Inputs; readonly output: Inputs } | undefined;
}

/** An issue in Standard Schema's form. */
export interface StandardIssue {
  readonly message: string;
  readonly path: readonly string[];
}

/** A schema of zod 4, ArkType or Valibot, or any other that gives its JSON Schema in the standard's way. */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown, ...more: never[]) => unknown;
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined;
  };
}

/** The input type of a schema. */
export type InputOf<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["input"] extends infer I extends
  object
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

/** The inputs that an object schema describes. A constraint that inputs cannot express is an error. */
export function inputsFrom(schema: StandardSchema): Input[] {
  const more = untold(schema);
  if (more !== undefined)
    throw refuse(
      `the schema of ${schema["~standard"].vendor} has parts that inputs cannot express: ${more}. Do that before \`render\``,
    );
  const { type, properties, required = [] } = jsonSchema(schema);
  if (type !== "object" || !isObject(properties)) throw refuse("the inputs are not the schema of an object");
  const needed = required as readonly string[];
  return Object.entries(properties).map(([name, of]) => input(name, of as JsonObject, needed.includes(name)));
}

function jsonSchema(schema: StandardSchema): JsonObject {
  const { vendor, jsonSchema: told } = schema["~standard"] as {
    vendor: string;
    jsonSchema?: { input(options: { target: string }): JsonObject };
  };
  if (told !== undefined) {
    let json: JsonObject;
    try {
      json = told.input({ target: "draft-2020-12" });
    } catch (error) {
      throw refuse(`the schema of ${vendor} has no JSON Schema: ${error instanceof Error ? error.message : error}`);
    }
    return vendor === "arktype" ? withDefaults(json, schema as unknown as ArkType) : json;
  }
  if (vendor === "valibot") return fromValibot(schema as unknown as Valibot, "");
  throw refuse(`a schema of ${vendor} does not give its JSON Schema (\`~standard.jsonSchema\`)`);
}

const SCALARS: Readonly<Record<string, InputType>> = {
  string: "str",
  integer: "int",
  number: "float",
  boolean: "bool",
};
const ABOUT = ["type", "description", "default", "enum", "const", "title", "$schema", "examples", "readOnly"];

/** Constraints that inputs have fields for go there; the others narrow lists and dicts. */
function input(name: string, given: JsonObject, isNeeded: boolean): Input {
  const schema = plainer(given) as JsonObject;
  if (Array.isArray(schema["type"])) throw refuse(`\`${name}\` is one of several types, which no input is`);
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

/** Keywords that hold values, not schemas. */
const VALUES = ["enum", "const", "default", "examples"];

function mapped(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, plainer(value as Json)]));
}

/** The same in fewer keywords: a choice of constants is an enum, and "keys are strings" is implied. */
function plainer(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(plainer);
  if (!isObject(schema)) return schema;
  const { propertyNames, anyOf, oneOf, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === "properties" && isObject(value) ? mapped(value) : VALUES.includes(key) ? value : plainer(value as Json),
    ]),
  ) as JsonObject;
  const choice = anyOf ?? oneOf;
  const isConstant = (one: Json) => isObject(one) && ("const" in one || Array.isArray(one["enum"]));
  if (Array.isArray(choice) && choice.every(isConstant)) {
    const values = choice.flatMap((one) =>
      "const" in (one as JsonObject) ? [(one as JsonObject)["const"]] : (one as JsonObject)["enum"],
    ) as Json[];
    return { ...rest, enum: values };
  }
  const isOfTexts =
    isObject(propertyNames) && Object.keys(propertyNames).length === 1 && propertyNames["type"] === "string";
  return {
    ...rest,
    ...(propertyNames !== undefined && !isOfTexts && { propertyNames }),
    ...(anyOf !== undefined && { anyOf }),
    ...(oneOf !== undefined && { oneOf }),
  };
}

function typeOf({ type, items }: JsonObject, allowed: readonly Json[] | undefined): InputType {
  const isAll = (of: (one: Json) => boolean) => allowed !== undefined && allowed.length > 0 && allowed.every(of);
  if (isAll((one) => Number.isSafeInteger(one)) && type !== "string") return "int";
  if (typeof type === "string" && type in SCALARS) return SCALARS[type] as InputType;
  if (isAll((one) => typeof one === "string")) return "str";
  if (isAll((one) => typeof one === "number")) return "float";
  if (isAll((one) => typeof one === "boolean")) return "bool";
  if (type === "object") return "dict";
  if (type !== "array") return "any";
  const item = isObject(items) ? SCALARS[String(items["type"])] : undefined;
  return item !== undefined && isObject(items) && items["enum"] === undefined ? (`list[${item}]` as InputType) : "list";
}

/** The bounds of safe integers, which zod writes down and our integers have anyway. */
function isSafeBound(key: string, value: unknown): boolean {
  return (key === "minimum" || key === "maximum") && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;
}

/** ArkType's metadata of a type. */
interface ArkType {
  readonly json: Json;
}

/** ArkType's JSON Schema has no defaults. */
function withDefaults(json: JsonObject, { json: told }: ArkType): JsonObject {
  const { properties } = json;
  const optional = isObject(told) ? told["optional"] : undefined;
  if (!isObject(properties) || !Array.isArray(optional)) return json;
  const defaults = optional.filter((one): one is JsonObject => isObject(one) && "default" in one);
  const read = defaults.map(({ key, default: value }) => {
    if (typeof value === "string" && value.startsWith("$ark."))
      throw refuse(`the default of \`${String(key)}\` is a function`);
    return [String(key), { ...(properties[String(key)] as JsonObject), default: value } as JsonObject] as const;
  });
  return { ...json, properties: { ...properties, ...Object.fromEntries(read) } };
}

type SchemaMembers = Readonly<Record<string, unknown>>;

/** The constraints that a schema's JSON Schema leaves out, in words. */
function untold(schema: StandardSchema): string | undefined {
  const { vendor } = schema["~standard"];
  if (vendor === "zod") return find(schema, ofZod);
  if (vendor === "valibot") return find(schema, ofValibot);
  return vendor === "arktype" ? find((schema as unknown as ArkType).json, ofArkType) : undefined;
}

/** The first such constraint of a value, or inside it. */
function find(
  value: unknown,
  say: (members: SchemaMembers) => string | undefined,
  seen = new Set<unknown>(),
): string | undefined {
  if (typeof value !== "object" || value === null || seen.has(value)) return undefined;
  seen.add(value);
  const members = ((value as { _zod?: { def?: SchemaMembers } })._zod?.def ?? value) as SchemaMembers;
  const said = say(members);
  if (said !== undefined) return said;
  for (const member of Object.values(members)) {
    const one = find(member, say, seen);
    if (one !== undefined) return one;
  }
  return undefined;
}

const REFINED = "it is refined by a function";
const CHANGED = "it transforms its value";
const REPLACED = "it replaces wrong values";

function ofZod({ type, check, coerce }: SchemaMembers): string | undefined {
  if (check === "custom") return REFINED;
  if (check === "overwrite" || coerce === true || type === "pipe" || type === "transform") return CHANGED;
  return type === "catch" ? REPLACED : undefined;
}

function ofValibot({ kind, type, async, fallback }: SchemaMembers): string | undefined {
  if (async === true) return "it is asynchronous";
  if (kind === "transformation") return CHANGED;
  if (kind === "validation" && (type === "check" || type === "raw_check")) return REFINED;
  return fallback === undefined ? undefined : REPLACED;
}

function ofArkType({ morphs, predicate, value, sequence, proto, domain }: SchemaMembers): string | undefined {
  if (morphs !== undefined) return CHANGED;
  if (predicate !== undefined) return REFINED;
  // Such as `Date` and `bigint`.
  const names = [value, sequence, domain].filter((name) => typeof name === "string");
  const foreign = names.find((name) => /^[A-Z]|^bigint$|^symbol$/.test(name));
  const isForeign = foreign !== undefined || (typeof proto === "string" && proto !== "Array");
  return isForeign ? `${foreign ?? String(proto)} is not plain data` : undefined;
}

/** The parts of a Valibot schema that can be read without `@valibot/to-json-schema`. */
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
  const optional = ["optional", "exact_optional", "undefinedable"].includes(type);
  if (optional && wrapped !== undefined) {
    const value = typeof schema.default === "function" ? (schema.default as () => unknown)() : schema.default;
    return { ...fromValibot(wrapped, at), ...(value !== undefined && { default: value as Json }) };
  }
  let found: JsonObject | undefined;
  if (type === "string" || type === "number" || type === "boolean") found = { type };
  if (type === "picklist" && options !== undefined) found = { enum: options };
  if (type === "literal" && literal !== undefined) found = { const: literal };
  if (type === "any" || type === "unknown") found = {};
  if (type === "array" && item !== undefined) found = { type: "array", items: fromValibot(item, `${at}/items`) };
  if (["object", "strict_object", "loose_object"].includes(type) && entries !== undefined) {
    const needed = Object.keys(entries).filter((key) => !/optional|undefinedable/.test(entries[key]?.type ?? ""));
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
