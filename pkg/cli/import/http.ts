/** Requests to another system's API. */
import { EXIT, CommandFailure, no } from "../failure.ts";
import { isObject } from "./foreign.ts";

/** The object at a URL, or a list as its only member; an empty one where it is neither, and where there is nothing at all (404) if that may be.
 *
 * @throws Failure
 */
export async function getObject(
  url: string,
  headers: Readonly<Record<string, string>>,
  mayBeAbsent = false,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value = await getJson(url, headers);
    return Array.isArray(value) ? { list: value } : isObject(value) ? value : {};
  } catch (error) {
    if (mayBeAbsent && error instanceof CommandFailure && error.code === "source_absent") return {};
    throw error;
  }
}

/** @throws Failure */
export async function getJson(url: string, headers: Readonly<Record<string, string>>): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const response = await ask(url, headers);
    const text = await response.text();
    if (response.ok) return parse(url, text);
    const { status } = response;
    const again = status === 429 || status >= 500;
    if (again && attempt < 4) {
      const after = Number(response.headers.get("retry-after")) || 2 ** attempt / 4;
      await new Promise((resolve) => setTimeout(resolve, Math.min(after, 30) * 1000));
      continue;
    }
    if (status === 401 || status === 403)
      throw no("key_invalid", `${new URL(url).origin} does not accept the key (${status})`);
    const exit = again ? EXIT.unreachable : EXIT.no;
    throw new CommandFailure(
      exit,
      status === 404 ? "source_absent" : "source_refused",
      `${url} answers with status ${status}`,
      text.slice(0, 500),
    );
  }
}

async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  try {
    return await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = (cause as NodeJS.ErrnoException | undefined)?.code ?? message;
    throw new CommandFailure(EXIT.unreachable, "unreachable", `cannot reach ${new URL(url).origin}: ${reason}`);
  }
}

function parse(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandFailure(EXIT.unreachable, "source_refused", `the answer of ${url} is not JSON`);
  }
}
