/** A page in the user's browser. */
import { spawn } from "node:child_process";

export function openPage(url: string, say: (line: string) => void): void {
  const [program, args] =
    process.platform === "darwin"
      ? ["open", [url]]
      : process.platform === "win32"
        ? ["rundll32", ["url.dll,FileProtocolHandler", url]]
        : ["xdg-open", [url]];
  const child = spawn(program as string, args as string[], { stdio: "ignore", detached: true });
  child.once("error", () => say(`no browser could be started: open ${url}`));
  child.unref();
}
