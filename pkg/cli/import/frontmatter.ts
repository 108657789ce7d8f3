/** Files that begin with YAML between two lines of `---`. */
import { Yaml } from "../files/yaml.ts";
import { isObject } from "./foreign.ts";

export function split(name: string, text: string): { head: Record<string, unknown>; body: string } {
  const [, yaml = "", body = text] =
    /^\ufeff?(?:#[^\n]*\n|\s*\n)*---[^\S\n]*\r?\n([^]*?)\r?\n---[^\S\n]*(?:\r?\n|$)([^]*)$/.exec(text) ?? [];
  const { value } = Yaml.parse(yaml, name);
  return { head: isObject(value) ? value : {}, body: body.replaceAll("\r\n", "\n") };
}
