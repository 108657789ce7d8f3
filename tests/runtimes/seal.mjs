// Computes the seal over a plan and its document, for tests that forge both.

/** RFC 8785 for values without floats. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** The plan with a valid seal for this document. */
export function sealed({ seal: _, ...plan }, document) {
  let [a, b] = [0x9e37_79b9, 0x85eb_ca6b];
  for (const unit of Uint16Array.from(canonical([document, plan]), (c) => c.charCodeAt())) {
    a = Math.imul(a ^ unit, 0x9e37_79b1);
    b = Math.imul(b ^ unit, 0x5f35_6495);
    b = (b << 13) | (b >>> 19);
  }
  return { ...plan, seal: [a, b].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("") };
}
