/** CodeMirror's styles under a strict policy: in a constructed style sheet, where the original makes a `<style>`
 * element. */
import { StyleModule as Original } from "../../node_modules/style-mod/src/style-mod.js";

const mounted: StyleModule[] = [];
let sheet: CSSStyleSheet | undefined;

export class StyleModule extends Original {
  static override mount(_root: Document | ShadowRoot, modules: StyleModule | readonly StyleModule[]): void {
    const fresh = [modules].flat().filter((module) => !mounted.includes(module as StyleModule)) as StyleModule[];
    if (fresh.length === 0) return;
    // The last ones win, and those are the base themes' overrides: the editor gives them in that order.
    mounted.push(...fresh);
    if (!sheet) {
      sheet = new CSSStyleSheet();
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    }
    sheet.replaceSync(mounted.map((module) => module.getRules()).join("\n"));
  }
}
