/** Differences between documents, as lines of YAML; and the merge of two changes. */
import type { Document } from "cuecard";
import { structuredPatch } from "diff";
import { diff3Merge } from "node-diff3";

import { type PromptFile, withoutBase } from "./files/prompt.ts";
import { toYaml } from "./files/yaml.ts";
import type { Terminal } from "./terminal.ts";

/** A unified difference; empty if there is none. */
export function unified(terminal: Terminal, names: readonly [string, string], from: string, to: string): string {
  const patch = structuredPatch(names[0], names[1], from, to, undefined, undefined, { context: 3 });
  if (patch.hunks.length === 0) return "";
  const lines = [terminal.paint("bold", `--- ${names[0]}`), terminal.paint("bold", `+++ ${names[1]}`)];
  for (const { oldStart, oldLines, newStart, newLines, lines: changed } of patch.hunks) {
    lines.push(terminal.paint("cyan", `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`));
    for (const line of changed) {
      const style = line.startsWith("+") ? "green" : line.startsWith("-") ? "red" : undefined;
      lines.push(style === undefined ? line : terminal.paint(style, line));
    }
  }
  return lines.join("\n");
}

/** A document as lines, in the order and with the comments of a file if there is one. */
export function lines(document: Document, like?: PromptFile): string {
  return like === undefined ? toYaml(document) : withoutBase(like.yaml.with(document));
}

/** The difference between a file and a version, the version's changes first. */
export function threeWay(terminal: Terminal, file: PromptFile, base: Document | undefined, theirs: Document): string {
  const mine = lines(file.document, file);
  const other = lines(theirs, file);
  if (base === undefined) return unified(terminal, ["the server's", "the file"], other, mine);
  const began = lines(base, file);
  return [
    unified(terminal, ["where the file began", "the server's"], began, other),
    unified(terminal, ["where the file began", "the file"], began, mine),
  ].join("\n");
}

/** Both changes in one text; `clean` if they do not overlap. */
export function merge(file: PromptFile, base: Document, theirs: Document): { text: string; clean: boolean } {
  const split = (text: string) => text.split("\n");
  const regions = diff3Merge(split(lines(file.document, file)), split(lines(base, file)), split(lines(theirs, file)));
  let clean = true;
  const text = regions.flatMap(({ ok, conflict }) => {
    if (ok !== undefined) return ok;
    if (conflict === undefined) return [];
    clean = false;
    return ["<<<<<<< the file", ...conflict.a, "=======", ...conflict.b, ">>>>>>> the server's"];
  });
  return { text: text.join("\n"), clean };
}
