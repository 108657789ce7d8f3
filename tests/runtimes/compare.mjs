// Compares random documents and inputs through `cuecard/client`, the full entry and the engine alone: messages must be
// equal to the byte, errors to the issue. `node tests/runtimes/compare.mjs 100000`.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { documents, given } from "./prompts.mjs";
import { made } from "./values.mjs";

// Counts the renders and checks of the engine, by wrapping every instance that the package makes.
let engineCalls = 0;
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const { exports } = new Instance(...args);
  const counted = (name) => ({ [name]: (...inputs) => (engineCalls++, exports[name](...inputs)) });
  return { exports: { ...exports, ...counted("render"), ...counted("render_packed"), ...counted("check") } };
};
const full = await import("../../pkg/dist/index.js");
const light = await import("../../pkg/dist/light.js");

const of = (module, version) =>
  new module.Cuecard({
    url: "https://origin.example",
    key: "k",
    snapshot: {
      format: 1,
      project: "p",
      revision: 1,
      tag: "production",
      createdAt: "2026-01-01T00:00:00Z",
      prompts: [version],
    },
  }).get("a@1");

/** The result as JSON: the rendered messages or the error. */
function outcome(run) {
  try {
    const rendered = run();
    return JSON.stringify(rendered);
  } catch (error) {
    const { code, status, message, issues, at } = error;
    return JSON.stringify({ error: { code, status, message, issues, at } });
  }
}

/** A work limit below the default: only the engine counts work. */
const LESS = 299_999;

/** Codes of issues about values that no template reads: a plan ignores these values. */
const UNREAD = /^(unsupported_type|not_finite|invalid_unicode|unsafe_integer|missing_input|unreadable|cycle|too_deep)$/;

const isOverLimit = (outcome) => outcome.startsWith('{"error":{"code":"limit_exceeded"');

/** Compares `count` documents, each with 4 inputs. */
export async function compare(count, seed) {
  const seen = { documents: 0, plans: 0, renders: 0, byPlan: 0, refused: 0, refusedByPlan: 0 };
  const property = fc.asyncProperty(
    documents,
    fc.array(given, { minLength: 4, maxLength: 4 }),
    async (document, all) => {
      let compiled;
      try {
        compiled = full.compile(document);
      } catch (error) {
        assert.ok(error instanceof full.PromptError && error.code !== "internal", String(error));
        return;
      }
      seen.documents++;
      const stored = compiled.document;
      const plan = full.__engine.ship(stored);
      if (plan !== undefined) seen.plans++;
      const version = {
        slug: "a",
        version: 1,
        id: "i",
        hash: compiled.hash,
        createdAt: "2026-01-01T00:00:00Z",
        ...stored,
        resolved: { revision: 1, plan },
      };
      // A copy for each client, as if parsed from an answer.
      const [ours, theirs] = await Promise.all(
        [light, full].map((module) => of(module, JSON.parse(JSON.stringify(version)))),
      );
      assert.deepEqual(ours.inputs, theirs.inputs);
      assert.deepEqual(ours.warnings, theirs.warnings);
      assert.deepEqual(ours.document, theirs.document);
      assert.equal(ours.hash, theirs.hash);
      const read = new Set(compiled.inputs.map(({ name }) => name));
      for (const [index, given] of all.entries()) {
        // Where templates determine the inputs, most renders get only inputs that they read.
        const isFitted = document.inputs === undefined && index > 0;
        const inputs = made(
          isFitted ? Object.fromEntries(Object.entries(given).filter(([name]) => read.has(name))) : given,
        );
        const before = engineCalls;
        const [mine, issues] = [outcome(() => ours.render(inputs)), outcome(() => ours.check(inputs))];
        const isOwn = engineCalls === before;
        seen.renders++;
        const isError = mine.startsWith('{"error"');
        if (isError) seen.refused++;
        if (isOwn) seen[isError ? "refusedByPlan" : "byPlan"]++;
        assert.equal(
          mine,
          outcome(() => theirs.render(inputs)),
        );
        assert.equal(
          issues,
          outcome(() => theirs.check(inputs)),
        );
        const alone = outcome(() => theirs.render(inputs, { work: LESS }));
        const unread = !isError && (JSON.parse(alone).error?.issues ?? [{}]).every(({ code }) => UNREAD.test(code));
        // One unit less may run out a step earlier.
        if (!unread && !(isOverLimit(mine) && isOverLimit(alone))) assert.equal(mine, alone);
      }
    },
  );
  await fc.assert(property, { numRuns: count, seed });
  return seen;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const count = Number(process.argv[2] ?? 100_000);
  console.log(JSON.stringify(await compare(count, Number(process.argv[3] ?? Date.now() % 2 ** 31))));
}
