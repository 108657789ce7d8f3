import { compile } from "cuecard";
import Anthropic from "@anthropic-ai/sdk";
import { options, prompt as document } from "./given.mjs";

const anthropic = new Anthropic(options);
const rendered = compile(document).render({ customer: "Ada", ticket: "It broke" });
const { content } = await anthropic.messages.create(rendered.to("anthropic").body);
console.log(JSON.stringify({ text: content[0]?.type === "text" ? content[0].text : undefined }));
