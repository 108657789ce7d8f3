// Every word that the studio shows is in its one language file.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../worker/studio/", import.meta.url));
const ts = createRequire(`${folder}package.json`)("typescript");

const files = (of) =>
  readdirSync(of).flatMap((name) => {
    const path = `${of}/${name}`;
    return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) ? [path] : [];
  });

/** Attributes whose text people read or hear. */
const READ =
  /^(aria-(label|description|roledescription|valuetext)|title|placeholder|label|alt|hint|problem|name|sign)$/;
/** The attributes `name` and `sign` hold words only in the studio's own components. */
const OWN = /^(name|sign)$/;
/** Whether a text has two letters in a row; a single letter is a key, a sign or the v of a version. */
const isWord = (text) => /\p{L}{2}/u.test(text);

/**
 * Collects the texts that an expression can show: its literals, without arguments of calls and operands of comparisons.
 */
function literals(node, found) {
  if (ts.isStringLiteralLike(node)) found.push(node);
  else if (ts.isTemplateExpression(node)) {
    if (isWord(node.head.text) || node.templateSpans.some(({ literal }) => isWord(literal.text))) found.push(node);
  } else if (ts.isConditionalExpression(node)) {
    literals(node.whenTrue, found);
    literals(node.whenFalse, found);
  } else if (ts.isParenthesizedExpression(node)) literals(node.expression, found);
  else if (ts.isBinaryExpression(node) && /^(&&|\|\||\?\?|\+)$/.test(node.operatorToken.getText())) {
    if (node.operatorToken.getText() !== "&&") literals(node.left, found);
    literals(node.right, found);
  }
  return found;
}

test("no visible word is outside the language file", () => {
  const strays = [];
  for (const path of files(`${folder}src`)) {
    if (path.endsWith("/texts.ts")) continue;
    const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2023, true);
    const stray = (node, text) => {
      if (!isWord(text)) return;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      strays.push(`${path.slice(folder.length)}:${line + 1}: ${text.trim()}`);
    };
    const visit = (node) => {
      if (ts.isJsxText(node)) stray(node, node.text);
      else if (ts.isJsxAttribute(node)) {
        const name = node.name.getText();
        const tag = node.parent.parent.tagName.getText();
        const isRead = READ.test(name) && (!OWN.test(name) || tag === "Icon");
        if (isRead && node.initializer) {
          const value = ts.isJsxExpression(node.initializer) ? node.initializer.expression : node.initializer;
          if (value) for (const literal of literals(value, [])) stray(literal, literal.getText());
        }
      } else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent) && node.expression)
        for (const literal of literals(node.expression, [])) stray(literal, literal.getText());
      else if (ts.isCallExpression(node) && /^(tell|setProblem|Empty)$/.test(node.expression.getText()))
        for (const argument of node.arguments)
          for (const literal of literals(argument, [])) stray(literal, literal.getText());
      else if (ts.isPropertyAssignment(node) && /^(label|title|about|hint)$/.test(node.name.getText()))
        for (const literal of literals(node.initializer, [])) stray(literal, literal.getText());
      // The formats of numbers and dates belong to the language file, too.
      else if (ts.isStringLiteral(node) && /^(en|de|fr)(-[A-Z]{2})?$/.test(node.text)) stray(node, node.text);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  const page = readFileSync(`${folder}index.html`, "utf8");
  for (const [, text] of page.matchAll(/>([^<>]+)</g))
    if (isWord(text.replace(/\{\{.*?\}\}/g, ""))) strays.push(`index.html: ${text.trim()}`);
  assert.deepEqual(strays, []);
});
