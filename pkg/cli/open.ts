/** Opens a page in the user's browser. */
import { spawn } from "node:child_process";

/** The program that opens a URL on a platform, and its arguments; no shell reads the URL. */
export function opener(platform: NodeJS.Platform, url: string): readonly [string, ...string[]] {
  if (platform === "darwin") return ["open", url];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", url];
  return ["xdg-open", url];
}

export function openPage(url: string, say: (line: string) => void): void {
  const [program, ...args] = opener(process.platform, url);
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  child.once("error", () => say(`no browser could be started: open ${url}`));
  child.unref();
}
