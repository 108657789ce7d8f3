import { compile, PromptError, type Document, type Issue, type Prompt } from "cuecard";

import { Api, ApiError, type PromptSummary, type TagEntry, type Version } from "./api.js";
import { byId, fit, h } from "./dom.js";
import { Editor } from "./editor.js";
import { InputForm } from "./inputs.js";
import { showRendered } from "./preview.js";

const status = byId("status", HTMLParagraphElement);
const problems = byId("problems", HTMLUListElement);
const selector = byId("selector", HTMLSelectElement);
const json = byId("json", HTMLTextAreaElement);
const preview = byId("preview", HTMLDivElement);
const size = byId("size", HTMLSpanElement);
const edited = byId("edited", HTMLSpanElement);
const outdated = byId("outdated", HTMLSpanElement);
const [resetButton, commitButton, moveButton] = ["reset", "commit", "move"].map((id) =>
  byId(id, HTMLButtonElement),
) as [HTMLButtonElement, HTMLButtonElement, HTMLButtonElement];

let api: Api | undefined;
let mayWrite = false;
let prompts: PromptSummary[] = [];
let tags: TagEntry[] = [];
/** What the store has, and what stands in the editor. */
let stored: Version | undefined;
let draft: Document = { messages: [] };

/** Grows with every prompt or version that is asked for: an answer that comes after a later question is not shown. */
let asked = 0;

const editor = new Editor(byId("messages", HTMLDivElement), (messages) => {
  draft = { ...draft, messages };
  json.value = JSON.stringify(draft, null, 2);
  update();
});
const form = new InputForm(byId("inputs", HTMLFormElement), () => update());

/** Compiles and renders what stands in the editor with what stands in the form, and shows every error at its place. */
function update(): void {
  const changed = stored !== undefined && JSON.stringify(draft) !== JSON.stringify(content(stored));
  edited.hidden = !changed;
  resetButton.disabled = !changed;
  moveButton.disabled = !mayWrite || changed || !stored;
  let prompt: Prompt | undefined;
  try {
    prompt = compile(draft);
    form.declare(draft, prompt.inputs);
    showRendered(preview, size, prompt.render(form.values()));
    outdated.hidden = true;
    form.show([]);
    showProblems([], prompt.warnings);
  } catch (error) {
    if (!(error instanceof PromptError)) throw error;
    preview.classList.add("stale");
    outdated.hidden = preview.childElementCount === 0;
    const rest = prompt && error.code === "input_invalid" ? form.show(error.issues) : error.issues;
    const listed = error.code === "input_invalid" && prompt && !rest.length;
    const whole = { code: error.code, pointer: "", message: error.message, ...(error.at && { at: error.at }) };
    showProblems(listed ? [] : rest.length ? rest : [whole], prompt?.warnings ?? []);
  }
  commitButton.disabled = !mayWrite || !changed || !prompt;
}

function showProblems(errors: readonly Issue[], warnings: readonly Issue[]): void {
  const place = (issue: Issue) => (issue.pointer ? `${issue.pointer}: ` : "");
  problems.replaceChildren(
    ...editor.mark(errors).map((issue) => h("li", { className: "problem" }, place(issue as Issue), issue.message)),
    ...warnings.map((issue) => h("li", { className: "warning" }, issue.message)),
  );
}

/** The document's own fields of a version. */
function content(version: Version): Document {
  const { slug: _s, version: _v, hash: _h, commitMessage: _c, author: _a, createdAt: _d, ...rest } = version;
  const { id: _i, resolved: _r, ...document } = rest as Document & { id?: string; resolved?: unknown };
  return document;
}

function show(document: Document): void {
  draft = document;
  json.value = JSON.stringify(document, null, 2);
  fit(json);
  editor.show(document.messages);
  update();
}

async function open(key: string): Promise<void> {
  const candidate = new Api(key);
  const who = await candidate.role();
  api = candidate;
  mayWrite = who.role !== "read";
  sessionStorage.setItem("key", key);
  prompts = await api.prompts();
  listPrompts();
  status.textContent = `Project ${who.project}, may ${who.role}, ${prompts.length} prompts`;
  const [slug, chosen] = decodeURIComponent(location.hash.slice(1)).split("@");
  const first = prompts.find((prompt) => prompt.slug === slug) ?? prompts[0];
  if (first) await choose(first.slug, first.slug === slug ? chosen : undefined);
}

function listPrompts(): void {
  const wanted = byId("filter", HTMLInputElement).value.toLowerCase();
  const items = prompts
    .filter(({ slug, name = "" }) => `${slug} ${name}`.toLowerCase().includes(wanted))
    .map(({ slug, description = "" }) => {
      const button = h("button", { type: "button", title: description }, slug);
      button.setAttribute("aria-current", String(slug === stored?.slug));
      button.addEventListener("click", () => attempt(() => choose(slug)));
      return h("li", {}, button);
    });
  byId("prompts", HTMLUListElement).replaceChildren(...items);
}

async function choose(slug: string, wanted?: string): Promise<void> {
  if (!api || !mayLeave()) return;
  const turn = ++asked;
  const [newTags, history] = await Promise.all([api.tags(slug), api.history(slug)]);
  if (turn !== asked) return;
  tags = newTags;
  const versionOption = ({ version, commitMessage }: (typeof history)[number]) =>
    h("option", { value: String(version) }, `${version}${commitMessage ? ` – ${commitMessage}` : ""}`);
  selector.replaceChildren(
    h(
      "optgroup",
      { label: "Tags" },
      ...tags.map(({ tag, version }) => h("option", { value: tag }, `${tag} (${version})`)),
      h("option", { value: "latest" }, "latest"),
    ),
    h("optgroup", { label: "Versions" }, ...history.map(versionOption)),
  );
  const known = [...selector.options].map((option) => option.value);
  selector.value =
    known.find((value) => value === wanted) ?? known.find((value) => value === "production") ?? known[0] ?? "latest";
  selector.disabled = false;
  if (slug !== stored?.slug) {
    form.forget();
    preview.replaceChildren();
    size.textContent = "";
  }
  await load(slug);
}

async function load(slug: string): Promise<void> {
  if (!api) return;
  const turn = ++asked;
  const version = await api.resolve(slug, selector.value);
  if (turn !== asked) return;
  stored = version;
  byId("prompt-title", HTMLHeadingElement).textContent = `${slug}, version ${stored.version}`;
  document.title = `${slug} – Cuecard`;
  history.replaceState(null, "", `#${slug}@${selector.value}`);
  show(content(stored));
  listPrompts();
}

function mayLeave(): boolean {
  return edited.hidden || confirm("Leave the edited prompt? What was not committed is lost.");
}

/** Runs what a person asked for; what goes wrong is told where they look. */
async function attempt(action: () => Promise<void>, where: HTMLElement = status): Promise<boolean> {
  where.textContent = "";
  try {
    await action();
    return true;
  } catch (error) {
    where.textContent = error instanceof ApiError ? `${error.message} (${error.code})` : String(error);
    return false;
  }
}

function listen(): void {
  byId("key-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(() => open(byId("key", HTMLInputElement).value.trim()));
  });
  byId("filter", HTMLInputElement).addEventListener("input", listPrompts);
  selector.addEventListener(
    "change",
    () =>
      void attempt(async () => {
        if (stored && mayLeave()) await load(stored.slug);
      }),
  );
  json.addEventListener("input", () => {
    try {
      const parsed: unknown = JSON.parse(json.value);
      json.classList.remove("invalid");
      // The engine is strict about documents and names what is wrong.
      draft = parsed as Document;
      if (Array.isArray(draft?.messages)) editor.show(draft.messages);
      update();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      json.classList.add("invalid");
      problems.replaceChildren(h("li", { className: "problem" }, error.message));
    }
  });
  resetButton.addEventListener("click", () => stored && show(content(stored)));
  listenTabs();
  listenDialogs();
  document.addEventListener("keydown", (event) => {
    if (
      event.key === "/" &&
      !(event.target instanceof HTMLElement && event.target.closest("input, textarea, select"))
    ) {
      event.preventDefault();
      byId("filter", HTMLInputElement).focus();
    }
  });
}

function listenTabs(): void {
  const tabs = ["messages", "document"].map((name) => ({
    tab: byId(`tab-${name}`, HTMLButtonElement),
    panel: byId(name, HTMLDivElement),
  }));
  const activate = (index: number, focus: boolean) =>
    tabs.forEach(({ tab, panel }, at) => {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
      panel.hidden = at !== index;
      if (at === index && focus) tab.focus();
    });
  tabs.forEach(({ tab }, index) => {
    tab.addEventListener("click", () => activate(index, false));
    tab.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") activate(1 - index, true);
    });
  });
}

function listenDialogs(): void {
  const commitDialog = byId("commit-dialog", HTMLDialogElement);
  const commitTags = byId("commit-tags", HTMLDivElement);
  const message = byId("commit-message", HTMLInputElement);
  commitButton.addEventListener("click", () => {
    message.value = "";
    commitTags.replaceChildren(
      ...tags.map(({ tag, version }) =>
        h("label", {}, h("input", { type: "checkbox", value: tag }), ` ${tag} (now ${version}) `),
      ),
    );
    commitDialog.showModal();
  });
  byId("commit-ok", HTMLButtonElement).addEventListener("click", (event) => {
    event.preventDefault();
    const chosen = [...commitTags.querySelectorAll<HTMLInputElement>("input:checked")].map((box) => box.value);
    void attempt(
      async () => {
        if (!api || !stored) return;
        const version = await api.commit(stored.slug, draft, message.value.trim(), chosen);
        commitDialog.close();
        edited.hidden = true;
        await choose(stored.slug, chosen[0] ?? String(version.version));
        status.textContent = `Committed version ${version.version}`;
      },
      byId("commit-problem", HTMLParagraphElement),
    );
  });

  const moveDialog = byId("move-dialog", HTMLDialogElement);
  const tag = byId("move-tag", HTMLInputElement);
  const effect = byId("move-effect", HTMLParagraphElement);
  const describe = () => {
    const from = tags.find((entry) => entry.tag === tag.value);
    effect.textContent = from
      ? `${tag.value} moves from version ${from.version} to ${stored?.version}.`
      : `A new tag for version ${stored?.version}.`;
  };
  tag.addEventListener("input", describe);
  moveButton.addEventListener("click", () => {
    byId("known-tags", HTMLDataListElement).replaceChildren(...tags.map((entry) => h("option", { value: entry.tag })));
    tag.value = "production";
    describe();
    moveDialog.showModal();
  });
  byId("move-ok", HTMLButtonElement).addEventListener("click", (event) => {
    event.preventDefault();
    void attempt(
      async () => {
        if (!api || !stored || !tag.reportValidity()) return;
        const { slug, version } = stored;
        await api.moveTag(
          slug,
          tag.value,
          version,
          tags.find((entry) => entry.tag === tag.value),
        );
        moveDialog.close();
        await choose(slug, tag.value);
        status.textContent = `${tag.value} points to version ${version}`;
      },
      byId("move-problem", HTMLParagraphElement),
    );
  });
}

/** A key in the address (`#key=…`, as `cargo xtask dev` prints it) is taken over and removed from it; it never leaves the page otherwise. */
function start(): void {
  listen();
  const given = /^#key=(.+)$/.exec(location.hash)?.[1];
  if (given) history.replaceState(null, "", location.pathname);
  const key = given ?? sessionStorage.getItem("key");
  if (key) void attempt(() => open(key));
  else status.textContent = "Enter a key to see the prompts of its project.";
}

start();
