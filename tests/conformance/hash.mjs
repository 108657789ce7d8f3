// One SHA-256 over the answers to jobs, from the package or the native engine.

/** The hash in hex. It covers the place of an error and not its text, which is for people. */
export async function answersHash(answers) {
  const place = (at) => at && [at.message, at.line, at.column];
  const result = ({ output, error, codes, at }) => [output ?? null, error ?? null, codes ?? null, place(at) ?? null];
  const lines = answers.map(({ results, inputs }) => `${JSON.stringify([results.map(result), inputs])}\n`);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(lines.join("")));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
