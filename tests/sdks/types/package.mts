// The types of the package.
import { type } from "arktype";
import { Cuecard, type InputsOf, type Prompt, type Rendered, attributes, compile } from "cuecard";
import { Cuecard as Admin, PromptError } from "cuecard/admin";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import * as v from "valibot";
import { z } from "zod";
import document from "./document.json" with { type: "json" };
import snapshot from "./snapshot.json" with { type: "json" };

declare module "cuecard" {
  interface Prompts {
    "support/bot": { inputs: { readonly ticket: string; readonly tone?: "kind" | "brief" }; outputs: string; tags: "production" };
    plain: { inputs: object; outputs: string; tags: never };
  }
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
const cue = new Cuecard({ url: "https://prompts.example.com", key: "k", snapshot, onEvent: (event) => event.type });

export async function fetched(slug: string): Promise<void> {
  const bot = await cue.get("support/bot");
  bot.render({ ticket: "It broke" });
  (await cue.get("support/bot@staging")).render({ ticket: "It broke", tone: "kind" });
  await cue.render("support/bot@7", { ticket: "It broke" });
  // @ts-expect-error a required input is missing
  bot.render({ tone: "kind" });
  // @ts-expect-error not in the enum
  await cue.render("support/bot", { ticket: "It broke", tone: "wram" });
  // @ts-expect-error there is no such slug
  await cue.get("support/bto");
  // @ts-expect-error there is no such slug
  await cue.render("x", { anything: 1 });
  (await cue.get(slug)).render({ anything: 1 });
  (await cue.get<{ customer: string }>("other")).render({ customer: "Ada" });
  const rendered: Rendered = bot.render({ ticket: "" });
  const known: [string | undefined, number | undefined, string, string | undefined] = [
    rendered.slug,
    rendered.version,
    rendered.hash,
    rendered.tag,
  ];
  // A part's `type` narrows the part.
  const texts: string[] = rendered.messages.flatMap(({ content }) => {
    if (typeof content === "string") return [content];
    return content.map((part) => (part.type === "text" ? part.text : part.type === "image" ? part.image : part.type));
  });
  const temperature: number | undefined = rendered.parameters?.temperature;
  const age: number | undefined = rendered.source?.age;
  console.log(known, texts, temperature, age, attributes(rendered, { variables: ["ticket"] }), bot.document.metadata);
}

// A document from a JSON file, and a parsed one.
compile(document).render({ name: "Ada" });
compile(JSON.parse("{}")).render({});
// @ts-expect-error no such role
compile({ messages: [{ role: "bot", content: "" }] });

// Inputs from third-party schemas, and the schema of a prompt.
const messages = [{ role: "user", content: "{{ name }}" }] as const;
const zod = compile({ messages }, { inputs: z.object({ name: z.string(), age: z.number().optional() }) });
export const inputs: Same<Parameters<typeof zod.render>[0], { name: string; age?: number | undefined }> = true;
compile({ messages }, { inputs: type({ name: "string" }) }).render({ name: "Ada" });
compile({ messages }, { inputs: v.object({ name: v.string() }) }).render({ name: "Ada" });
// @ts-expect-error a value of another type
zod.render({ name: 1 });
export const schema: StandardSchemaV1<{ name: string; age?: number | undefined }> = zod;
type Inputs = InputsOf<{ messages: []; inputs: [{ name: "a"; type: "int" }] }>;
export const own: Same<Inputs, { readonly a: number | bigint }> = true;
export type Content = Prompt["document"];

export async function written(admin: Admin): Promise<unknown> {
  const { version, created, warnings } = await admin.commit("a", { messages }, { tags: ["staging"], message: "m" });
  const { revision } = await admin.move("a", "production", version);
  await admin.rollback("a", "production", { ifMatch: revision });
  for await (const { slug, tags } of admin.list({ prefix: "a" })) console.log(slug, tags[0]?.version);
  const { versions, nextCursor } = await admin.history("a", { limit: 2 });
  const { equal } = await admin.diff("a", 1, "latest");
  const [key] = (await admin.call("listKeys", { query: { limit: 1 } })).keys;
  // @ts-expect-error no such member
  await admin.call("putTag", { path: { slug: "a", tag: "b" }, body: { verison: 1 } });
  return [created, warnings[0]?.pointer, versions[0]?.tags, nextCursor, equal, key?.id, PromptError];
}
