/** Whether a version takes the inputs that code was typed against. */
import { isDeepStrictEqual } from "node:util";
import type { Input } from "cuecard";

/** The reasons why not; empty if it does. */
export function refusals(version: readonly Input[], typed: readonly Input[]): string[] {
  const found: string[] = [];
  for (const input of version) {
    const given = typed.find(({ name }) => name === input.name);
    if (given === undefined) {
      if (isRequired(input)) found.push(`it takes \`${input.name}\`, which the types do not have`);
    } else {
      if (isRequired(input) && !isRequired(given))
        found.push(`it takes \`${input.name}\`, which the types have as optional`);
      const reason = unlike(input, given);
      if (reason !== undefined) found.push(`\`${input.name}\`: ${reason}`);
    }
  }
  for (const { name } of typed) {
    if (!version.some((input) => input.name === name)) found.push(`it has no input \`${name}\``);
  }
  return found;
}

function isRequired({ required, default: fallback }: Input): boolean {
  return required !== false && fallback === undefined;
}

function unlike(takes: Input, given: Input): string | undefined {
  const fits =
    takes.type === "any" ||
    takes.type === given.type ||
    (takes.type === "float" && given.type === "int") ||
    (takes.type === "list" && given.type.startsWith("list")) ||
    (takes.type === "list[float]" && given.type === "list[int]");
  if (!fits) return `it takes ${takes.type}, the types give ${given.type}`;
  if (takes.enum !== undefined) {
    const more = given.enum?.find((value) => !takes.enum?.some((one) => isDeepStrictEqual(one, value)));
    if (given.enum === undefined || more !== undefined) return "it takes fewer values than the types give";
  }
  if (takes.schema !== undefined && !isDeepStrictEqual(takes.schema, given.schema))
    return "it has another schema than the types";
  return undefined;
}
