import { compile } from "cuecard";
import { aiSdk } from "cuecard/ai-sdk";
import { generateText } from "ai";
import { model, prompt as document } from "./given.mjs";

const prompt = compile(document);
const { text } = await generateText({ model, ...aiSdk(prompt.render({ customer: "Ada", ticket: "It broke" })) });
console.log(JSON.stringify({ text }));
