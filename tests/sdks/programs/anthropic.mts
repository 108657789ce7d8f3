import { compile } from "cuecard";
import Anthropic from "@anthropic-ai/sdk";
import { anthropicOptions, prompt as document } from "./given.mjs";

const anthropic = new Anthropic(anthropicOptions);
const rendered = compile({ ...document, model: "anthropic/claude-sonnet-5" }).render({ customer: "Ada", ticket: "It broke" });
const { content } = await anthropic.messages.create(rendered.to("anthropic").body);
console.log(JSON.stringify({ text: content[0]?.type === "text" ? content[0].text : undefined }));
