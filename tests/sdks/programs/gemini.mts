import { compile } from "cuecard";
import { GoogleGenAI } from "@google/genai";
import { options, prompt as document } from "./given.mjs";

const ai = new GoogleGenAI(options);
const rendered = compile(document).render({ customer: "Ada", ticket: "It broke" });
const { text } = await ai.models.generateContent(rendered.to("gemini").body);
console.log(JSON.stringify({ text }));
