// Written by `UPDATE_CONTRACT=1 cargo test -p cuecard-pkg`: what Rust has. It compiles only if `types.ts` has the same.
import type { Document, InputType, Issue, Problem, RenderedMessage, RenderedPrompt, Role, ToolCall } from "./types.ts";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type All<T> = { [K in keyof T]-?: T[K] };

const roles = ["system","developer","user","assistant","tool"] as const;
export const sameRoles: Same<Role, (typeof roles)[number]> = true;

export const inputTypes = ["str","int","float","bool","image","list","list[str]","list[int]","list[float]","list[bool]","dict","messages","any"] as const satisfies readonly InputType[];

export const document = {"messages":[{"role":"user","content":"{{ a }}","name":"n"},{"role":"user","content":[{"type":"text","text":"t"},{"type":"image","image":"https://a.test/b"}]},{"role":"placeholder","content":"{{ h }}"}],"inputs":[{"name":"a","type":"str","required":false,"description":"d","enum":["x"]},{"name":"h","type":"messages"},{"name":"l","type":"list","default":[],"schema":{"items":{"type":"string"}}}],"outputs":[{"name":"o","type":"json_schema","schema":{"type":"object"}}],"model":"openai/gpt-4o-mini","provider":"default","parameters":{"temperature":0.5},"tools":[{"type":"function","function":{"name":"f"}}],"toolChoice":"auto","responseFormat":{"type":"text"},"demonstrations":{"columns":[{"id":"a","name":"A","type":"str"}],"rows":[{"id":"r","a":"x"}]},"promptingTechnique":"few_shot","template":{"language":"jinja2","dialect":"huggingface","undefined":"lenient","trimBlocks":true,"lstripBlocks":true,"keepTrailingNewline":true},"metadata":{"k":null}} satisfies All<Document>;

export const rendered = {"messages":[{"role":"assistant","content":"t","name":"n","toolCalls":[{"id":"i","name":"f","arguments":{}}],"toolCallId":"i","leftOut":["/annotations"]}],"model":"openai/gpt-4o-mini","provider":"default","parameters":{"temperature":0.5},"tools":[{"type":"function","function":{"name":"f"}}],"toolChoice":"auto","responseFormat":{"type":"text"}} satisfies All<RenderedPrompt>;

export const message = {"role":"assistant","content":"t","name":"n","toolCalls":[{"id":"i","name":"f","arguments":{}}],"toolCallId":"i","leftOut":["/annotations"]} satisfies All<RenderedMessage>;

export const toolCall = {"id":"i","name":"f","arguments":{}} satisfies All<ToolCall>;

export const issue = {"code":"wrong_type","pointer":"/a","message":"m","expected":"e","received":"r","suggestion":"s","at":{"message":0,"line":1,"column":1}} satisfies All<Issue>;

export const problem = {"type":"urn:cuecard:error:input_invalid","title":"The inputs do not fit the prompt","status":422,"code":"input_invalid","detail":"d","at":{"message":0,"line":1,"column":1},"issues":[{"code":"wrong_type","pointer":"/a","message":"m","expected":"e","received":"r","suggestion":"s","at":{"message":0,"line":1,"column":1}}]} satisfies All<Problem>;
