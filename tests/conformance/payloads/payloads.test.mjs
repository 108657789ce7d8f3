// Checks the recorded request bodies of tests/fixtures/payloads against the types of the APIs' own SDKs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const tests = fileURLToPath(new URL("../../", import.meta.url));
const fixtures = join(tests, "fixtures/payloads");

// `satisfies` refuses fields that a type does not have. Wire turns enums into the texts that they are on the wire.
const PRELUDE = `
import type { ChatCompletionCreateParamsNonStreaming as Chat } from "openai/resources/chat/completions";
import type { ResponseCreateParamsNonStreaming as Responses } from "openai/resources/responses/responses";
import type { MessageCreateParamsNonStreaming } from "@anthropic-ai/sdk/resources/messages";
import type { Content, GenerationConfig, Tool, ToolConfig } from "@google/genai";
type Wire<T> = T extends string ? \`\${T}\`
  : T extends number | boolean | null | undefined ? T
  : T extends (infer I)[] ? Wire<I>[]
  : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;
// Sampling parameters are still taken for the models that have them; SDK 1.0 dropped them from its types.
type Anthropic = MessageCreateParamsNonStreaming & { temperature?: number; top_p?: number; top_k?: number };
type Gemini = Wire<{ contents: Content[]; systemInstruction?: Content; tools?: Tool[]; toolConfig?: ToolConfig; generationConfig?: GenerationConfig }>;
`;
const TYPES = { openai_chat: "Chat", openai_responses: "Responses", anthropic: "Anthropic", gemini: "Gemini" };

/** The errors of tsc in a module; empty if it has none. */
function check(source) {
  const folder = mkdtempSync(join(tests, "conformance/payloads/.check-"));
  try {
    writeFileSync(join(folder, "check.mts"), source);
    const options =
      "--noEmit --strict --skipLibCheck --exactOptionalPropertyTypes --module nodenext --target es2022 --types node";
    const tsc = join(dirname(createRequire(join(tests, "x.js")).resolve("typescript/package.json")), "bin/tsc");
    execFileSync(process.execPath, [tsc, ...options.split(" "), "check.mts"], { cwd: folder });
    return "";
  } catch (error) {
    return String(error.stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const bodies = readdirSync(fixtures).flatMap((file) => {
  const { payloads } = JSON.parse(readFileSync(join(fixtures, file), "utf8"));
  // This check ignores missing fields of the prompt itself, which the fixtures list as losses.
  return Object.entries(payloads).map(([provider, { body, losses }]) => {
    const lacks = losses.filter(([code]) => code === "missing_field").map(([, pointer]) => pointer);
    const given = { ...body };
    if (lacks.includes("/model") && provider !== "gemini") given.model = "m";
    if (lacks.includes("/parameters/maxTokens")) given.max_tokens = 1;
    return { name: `${provider}_${file.replace(/\W/g, "_")}`, provider, body: given };
  });
});

test(`${bodies.length} recorded bodies have the types of the SDKs`, () => {
  const lines = bodies.map(
    ({ name, provider, body }) => `export const ${name} = ${JSON.stringify(body)} satisfies ${TYPES[provider]};`,
  );
  assert.equal(check(PRELUDE + lines.join("\n")), "");
});

test("the check refuses a wrong body", () => {
  const broken = bodies
    .filter(({ name }) => name.endsWith("conversation_json"))
    .map(
      ({ name, provider, body }) =>
        `export const ${name} = ${JSON.stringify({ ...body, nonsense: 1 })} satisfies ${TYPES[provider]};`,
    );
  assert.equal(broken.length, 4);
  assert.equal(check(PRELUDE + broken.join("\n")).match(/nonsense/g)?.length, 4);
});
