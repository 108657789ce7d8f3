import { compile } from "cuecard";
import OpenAI from "openai";
import { openaiOptions, prompt as document } from "./given.mjs";

const openai = new OpenAI(openaiOptions);
const rendered = compile(document).render({ customer: "Ada", ticket: "It broke" });
const { choices } = await openai.chat.completions.create(rendered.to("openai_chat").body);
const { output_text } = await openai.responses.create(rendered.to("openai_responses").body);
console.log(JSON.stringify({ text: choices[0]?.message.content, output_text }));
