/** The parts of a message's content: texts, images, calls of tools and their results. */
import type { Dict } from "../../plan/python.ts";
import { type Reader, below } from "../reader.ts";
import { type Said, other, unread } from "./message.ts";
import { readPart } from "./part.ts";
import { readAnswer, readCall, readSdkResult } from "./tool.ts";

/** Reads the parts of a message of this role. */
export function readParts(reader: Reader, parts: readonly unknown[], role: string, at: string, said: Said): void {
  parts.forEach((part, i) => {
    const place = below(at, i);
    const members = reader.object(part, place);
    if (members === undefined) return;
    const type = reader.memberText(members, "type", place);
    if (type === undefined) return;
    const known = readOne(reader, type, members, role, place, below("/content", i), said);
    if (known === undefined || known.length === 0) return; // wrong, or kept unchanged
    said.leftOut.push(...unread(members, known, below("/content", i)));
  });
}

/** Which members say it; `undefined` where it is wrong, or its answer tells what it left out. `place` is where it
 * stands in its message. */
function readOne(
  reader: Reader,
  type: string,
  members: Dict,
  role: string,
  at: string,
  place: string,
  said: Said,
): readonly string[] | undefined {
  const answers = role === "user" || role === "tool";
  const called = (id: string, name: string, input: string) => {
    const call = readCall(reader, members, at, [id, name, input]);
    if (call !== undefined) said.calls.push(call);
  };
  if (type === "tool_use" && role === "assistant") {
    called("id", "name", "input");
    return ["id", "name", "input"];
  }
  if (type === "tool-call" && role === "assistant") {
    // A call that a provider ran stays beside its result, in the same message.
    if (members["providerExecuted"] === true) {
      said.parts.push(other(members));
      return [];
    }
    called("toolCallId", "toolName", "input");
    return ["toolCallId", "toolName", "input"];
  }
  if (type === "tool_result" && answers) {
    said.results.push(...readAnswer(reader, members, at, "tool_use_id", "content", place));
    return undefined;
  }
  if (type === "tool-result" && answers) {
    said.results.push(...readSdkResult(reader, members, at, place));
    return undefined;
  }
  const read = readPart(reader, type, members, at);
  if (read === undefined) return undefined;
  said.parts.push(read[0]);
  return read[1];
}
