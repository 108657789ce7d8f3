import { compile } from "cuecard";
import { GoogleGenAI } from "@google/genai";
import { googleOptions, prompt as document } from "./given.mjs";

const ai = new GoogleGenAI(googleOptions);
const rendered = compile({ ...document, model: "google/gemini-3-flash" }).render({ customer: "Ada", ticket: "It broke" });
const { text } = await ai.models.generateContent(rendered.to("gemini").body);
console.log(JSON.stringify({ text }));
