// Runs one job of the parity run through the package. Plain ESM, so that every runtime can load it.

/**
 * The answer to a line of JSON. Each of the job's inputs is rendered twice, as the second render may take another code
 * path.
 */
export function answer({ compile }, line) {
  const job = JSON.parse(line, (_, value) => (typeof value?.$int === "string" ? BigInt(value.$int) : value));
  let prompt;
  try {
    prompt = compile(job.document);
  } catch (error) {
    return { results: job.inputs.map(() => failure(error)), inputs: null };
  }
  const names = job.document.inputs === undefined ? prompt.inputs.map(({ name }) => name) : null;
  const once = (inputs) => {
    try {
      return { output: prompt.render(inputs).messages[0].content };
    } catch (error) {
      return failure(error);
    }
  };
  const twice = (inputs) => {
    const [first, second] = [once(inputs), once(inputs)];
    return first.output === second.output ? first : { error: `two renders differ: ${JSON.stringify([first, second])}` };
  };
  return { results: job.inputs.map(twice), inputs: names };
}

function failure(error) {
  const codes = error.issues?.map(({ code }) => code);
  return { error: error.code ?? String(error), codes, at: error.at ?? null, detail: error.message };
}
