/** Starts the studio: session, address, list, and the view. */
import { effect } from "@preact/signals";
import { render } from "preact";

import { warm as warmEditor } from "./code/code.tsx";
import { warm as warmEngine } from "./engine/engine.ts";
import { keepFocus } from "./parts/keep-focus.ts";
import * as route from "./route.ts";
import * as inputs from "./state/inputs.ts";
import * as list from "./state/list.ts";
import * as prompt from "./state/prompt.ts";
import * as session from "./state/session.ts";
import { Shell } from "./views/shell.tsx";

void session.start().then(() => {
  route.route.value = route.parse(location.hash);
});
route.listen();
keepFocus();
prompt.follow();
inputs.follow();
effect(() => {
  if (session.self.value) void list.load();
});

const root = document.getElementById("studio");
if (root) {
  root.replaceChildren();
  render(<Shell />, root);
}
void warmEditor();
// Loaded after the editor, for which the first keystroke waits.
void warmEditor().then(warmEngine);
