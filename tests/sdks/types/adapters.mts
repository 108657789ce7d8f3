// The SDKs accept the output of the adapters without a cast.
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import * as ai5 from "ai-5";
import * as ai6 from "ai-6";
import * as ai7 from "ai-7";
import { compile, type HistoryMessage, type Rendered } from "cuecard";
import { aiSdk, aiSdkObject } from "cuecard/ai-sdk";
import OpenAI from "openai";
import OpenAI6 from "openai-6";

declare const rendered: Rendered;

export async function bodies(): Promise<unknown[]> {
  const openai = new OpenAI();
  const openai6 = new OpenAI6();
  const chat = rendered.to("openai_chat").body;
  const responses = rendered.to("openai_responses").body;
  return [
    (await openai.chat.completions.create(chat)).choices[0]?.message,
    (await openai6.chat.completions.create(chat)).choices[0]?.message,
    await openai.chat.completions.create({ ...chat, stream: true }),
    (await openai.responses.create(responses)).output_text,
    (await openai6.responses.create(responses)).output_text,
    await openai6.responses.create({ ...responses, stream: true }),
    (await new Anthropic().messages.create(rendered.to("anthropic").body)).content,
    await new Anthropic().messages.create({ ...rendered.to("anthropic", { strict: true }).body, stream: true }),
    (await new GoogleGenAI({}).models.generateContent(rendered.to("gemini").body)).text,
    rendered.to("gemini_rest").body.generationConfig?.temperature,
  ];
}

declare const model5: ai5.LanguageModel;
declare const model6: ai6.LanguageModel;
declare const model7: ai7.LanguageModel;

export async function calls(): Promise<unknown[]> {
  return [
    (await ai5.generateText({ model: model5, ...aiSdk(rendered) })).text,
    (await ai6.generateText({ model: model6, ...aiSdk(rendered) })).text,
    (await ai7.generateText({ model: model7, ...aiSdk(rendered, { strict: true }) })).text,
    ai5.streamText({ model: model5, ...aiSdk(rendered) }).textStream,
    ai6.streamText({ model: model6, ...aiSdk(rendered) }).textStream,
    ai7.streamText({ model: model7, ...aiSdk(rendered) }).textStream,
    (await ai5.generateText({ model: model5, ...aiSdk(rendered, { output: ai5.Output }) })).experimental_output,
    (await ai6.generateText({ model: model6, ...aiSdk(rendered, { output: ai6.Output }) })).output,
    (await ai7.generateText({ model: model7, ...aiSdk(rendered, { output: ai7.Output }) })).output,
    ai6.streamText({ model: model6, ...aiSdk(rendered, { output: ai6.Output }) }).partialOutputStream,
    ai7.streamText({ model: model7, ...aiSdk(rendered, { output: ai7.Output }) }).partialOutputStream,
    ai5.streamObject({ model: model5, ...aiSdkObject(rendered) }).partialObjectStream,
    ai6.streamObject({ model: model6, ...aiSdkObject(rendered) }).partialObjectStream,
    ai7.streamObject({ model: model7, ...aiSdkObject(rendered) }).partialObjectStream,
    (await ai5.generateObject({ model: model5, ...aiSdkObject(rendered) })).object,
    (await ai6.generateObject({ model: model6, ...aiSdkObject(rendered) })).object,
    (await ai7.generateObject({ model: model7, ...aiSdkObject(rendered) })).object,
  ];
}

// A history accepts each SDK's own type of a conversation.
const chat = compile({
  messages: [{ role: "placeholder", content: "history" }],
  inputs: [{ name: "history", type: "messages" }],
});
declare const openaiParams: OpenAI.ChatCompletionMessageParam[];
declare const openaiMessage: OpenAI.ChatCompletionMessage;
declare const responseOutput: OpenAI.Responses.ResponseOutputItem[];
declare const responseInput: OpenAI.Responses.ResponseInput;
declare const anthropicParams: Anthropic.MessageParam[];
declare const anthropicMessage: Anthropic.Message;
declare const messages5: ai5.ModelMessage[];
declare const messages6: ai6.ModelMessage[];
declare const messages7: ai7.ModelMessage[];
chat.render({ history: openaiParams });
chat.render({ history: [openaiMessage] });
chat.render({ history: responseOutput });
chat.render({ history: responseInput });
chat.render({ history: anthropicParams });
chat.render({ history: [anthropicMessage] });
chat.render({ history: messages5 });
chat.render({ history: messages6 });
chat.render({ history: messages7 });
chat.render({ history: rendered.messages });
// @ts-expect-error numbers are not a conversation
chat.render({ history: [1, 2, 3] });
// @ts-expect-error a string is not a message
export const history: HistoryMessage[] = ["hi"];
