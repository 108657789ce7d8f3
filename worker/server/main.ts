#!/usr/bin/env node
/** `cuecard-server`: serves until it is told to stop. */
import { UsageError, WrongUse } from "./errors.ts";
import { generateKey, isKey } from "./key.ts";
import { type CommandLine, parse, portIsFree, USAGE } from "./options.ts";
import { rotate, type Served, serve } from "./serve.ts";
import { folder } from "./workerd.ts";

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { message, stack } = error as Error;
  console.error(`error: ${error instanceof UsageError ? message : (stack ?? message)}`);
  process.exit(error instanceof WrongUse ? 2 : 1);
}

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "folder") return console.log(folder);
  // For an existing organisation, if one is named: to rotate its bootstrap key.
  if (args[0] === "key") return console.log(newKey(args[1]));
  if (args.some((arg) => ["help", "--help", "-h"].includes(arg))) return console.log(USAGE);
  if (args[0] === "rotate") return console.log(await rotate(parse(args.slice(1)).dir));
  const options = parse(args);
  if (options.check) return portIsFree(options);

  const stopped = told(options);
  const served = await serve(options, (text) => process.stderr.write(text));
  if (options.json) console.log(JSON.stringify({ url: served.url, key: served.key, dir: options.dir }));
  else greet(options, served);
  const code = await Promise.race([stopped, served.running.ended]);
  await served.stop();
  // A terminal's Ctrl-C also reaches workerd itself, sooner or later than this process.
  if (code !== STOP && !(await Promise.race([stopped, pause(100)]))) throw new Error(`workerd ended (${code})`);
  process.exit(0);
}

function newKey(organization: string | undefined): string {
  const key = generateKey(organization);
  if (!isKey(key))
    throw new WrongUse(`an organisation is the 12 characters after \`cue_\` in a key, not \`${organization}\``);
  return key;
}

const STOP = Symbol("told to stop");

/** Settles at Ctrl-C and similar signals; for a program also when its end of the pipe closes. */
function told({ json }: CommandLine): Promise<typeof STOP> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve(STOP));
    if (json)
      process.stdin
        .resume()
        .once("end", () => resolve(STOP))
        .once("error", () => resolve(STOP));
  });
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined));
}

function greet({ origin, dir }: CommandLine, { url, key }: Served): void {
  console.log(`\n  Cuecard is ready: ${url}\n`);
  if (origin !== undefined) {
    console.log(`  It stands before ${origin}; the keys are those of that store.\n\n  Ctrl-C stops it.`);
    return;
  }
  const body = JSON.stringify({ inputs: { name: "Ada", company: "Analytical Engines" } });
  console.log(`  page   ${url}/#key=${key}`);
  console.log(`  key    ${key}`);
  console.log(`  store  ${dir}\n`);
  console.log("  Render a prompt:\n");
  console.log(
    `  curl -s '${url}/v1/prompts/sales/email/render?tag=production' -H 'Authorization: Bearer ${key}' ` +
      `-H 'Content-Type: application/json' -d '${body}'\n`,
  );
  console.log("  Ctrl-C stops it; the store stays.");
}
