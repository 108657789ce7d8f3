/** Templates that know only `{{ name }}`, as Jinja2. */

const NAME = /^\s*([A-Za-z_]\w*)\s*$/;

/** Text that is no variable there must stay text here. Returns the template and the variables in it. */
export function fromVariables(template: string): { template: string; names: string[] } {
  const names = new Set<string>();
  const parts = template.split(/(\{\{[^{}]*\}\}|\{\{|\{%|\{#)/);
  const written = parts.map((part) => {
    if (!/^\{[{%#]/.test(part)) return part;
    const name = NAME.exec(part.slice(2, -2))?.[1];
    if (part.startsWith("{{") && part.endsWith("}}") && name !== undefined) {
      names.add(name);
      return `{{ ${name} }}`;
    }
    return `{{ '${part.slice(0, 2)}' }}${part.slice(2)}`;
  });
  return { template: written.join(""), names: [...names] };
}

/** Options without which Jinja2 would drop the line break at a text's end. */
export function optionsFor(texts: readonly string[]): { keepTrailingNewline?: boolean } {
  return texts.some((text) => text.endsWith("\n")) ? { keepTrailingNewline: true } : {};
}
