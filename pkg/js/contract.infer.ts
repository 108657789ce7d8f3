// The inputs that `compile` infers from inline declarations; this file compiles only if the types are right.
import { compile, type HistoryMessage, type Rendered } from "./index.ts";

const prompt = compile({
  messages: [{ role: "user", content: "…" }],
  inputs: [
    { name: "text", type: "str" },
    { name: "count", type: "int" },
    { name: "score", type: "float", required: false },
    { name: "tone", type: "str", enum: ["kind", "brief"] },
    { name: "tags", type: "list[str]", default: [] },
    { name: "customer", type: "dict" },
    { name: "history", type: "messages", default: [] },
    { name: "ok", type: "boolean", default: true },
  ],
});

type Takes = Parameters<typeof prompt.render>[0];
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
export const takes: Same<
  Takes,
  {
    readonly text: string;
    readonly count: number | bigint;
    readonly tone: "kind" | "brief";
    readonly customer: object;
    readonly score?: number | undefined;
    readonly tags?: readonly string[] | undefined;
    readonly history?: readonly HistoryMessage[] | undefined;
    readonly ok?: boolean | undefined;
  }
> = true;

const fits = { text: "a", count: 1, tone: "kind", customer: { name: "Ada" } } as const;
export const rendered: Rendered = prompt.render(fits);
prompt.render({ ...fits, score: 0.5, tags: ["a"], history: [], ok: false });
prompt.check("anything");
// @ts-expect-error a required input is missing
prompt.render({ text: "a", count: 1, tone: "kind" });
// @ts-expect-error no such input
prompt.render({ ...fits, nmae: "a" });
// @ts-expect-error not in the enum
prompt.render({ ...fits, tone: "loud" });
// @ts-expect-error another type
prompt.render({ ...fits, count: "1" });
// @ts-expect-error a forgotten `await`
prompt.render({ ...fits, text: Promise.resolve("a") });
// @ts-expect-error no such type of inputs
compile({ messages: [], inputs: [{ name: "a", type: "text" }] });
// @ts-expect-error no such role
compile({ messages: [{ role: "bot", content: "" }] });

// Inferred inputs take anything.
compile({ messages: [{ role: "user", content: "{{ a }}" }] }).render({ a: 1, b: "c" });
