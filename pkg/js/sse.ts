/** Server-sent events: the only reader of them, for `cue.run` and for the studio. */

/** The data of each event of a response, as they arrive. Leaving the iteration closes the response. */
export async function* eventData(response: Response): AsyncGenerator<string, void, undefined> {
  let data: string[] = [];
  for await (const line of lines(response)) {
    if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
    if (line !== "" || data.length === 0) continue;
    yield data.join("\n");
    data = [];
  }
}

async function* lines(response: Response): AsyncGenerator<string, void, undefined> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // A carriage return at the end may be half of a line's end, unless it is the last.
      const parts: string[] = (rest + (value ?? "")).split(done ? /\r\n|\n|\r/ : /\r\n|\n|\r(?!$)/);
      rest = done ? "" : (parts.pop() ?? "");
      yield* parts;
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
