// A model of the store, made of a few maps. An operation returns the expected answer, or throws the expected code.

/** The precondition `when` is one of these, or a number: the revision so many changes ago, where -1 is a future one. */
export const ABSENT = "absent";
export const PRESENT = "present";

export class Model {
  sharedRevision = 0;

  /** @param {string[]} projects @param {number} clock the number of changes in the organisation so far */
  constructor(projects, clock) {
    this.clock = clock;
    this.projects = Object.fromEntries(
      projects.map((name) => [name, { revision: 0, prompts: new Map(), drafts: new Map() }]),
    );
  }

  /** The revision that readers of the project compare with. */
  revision(project) {
    return Math.max(this.projects[project].revision, this.sharedRevision);
  }

  commit(project, slug, when, { text, tags }) {
    this.#expect(when, this.#committable(project, slug, when === ABSENT));
    return this.#commit(project, slug, text, tags);
  }

  resolve(project, slug, _, { selector }) {
    const prompt = this.readable(project, slug) ?? refuse("prompt_not_found");
    return read(prompt, this.#select(prompt, selector));
  }

  setTag(project, slug, when, { tag, version }) {
    const prompt = this.#writable(project, slug);
    const current = prompt.tags.get(tag);
    this.#expect(when, current?.at && current.revision);
    if (version > prompt.versions.length) refuse("version_not_found");
    if (current?.at !== version || typeof when === "number")
      this.#point(prompt, tag, version, this.#visible(project, prompt));
    return { version };
  }

  rollBack(project, slug, when, { tag }) {
    const prompt = this.#writable(project, slug);
    const current = prompt.tags.get(tag);
    this.#expect(when, current?.at && current.revision);
    const version = (current ?? refuse("tag_not_found")).back.pop() ?? refuse("version_not_found");
    Object.assign(current, { at: version, revision: this.#visible(project, prompt) });
    return { version };
  }

  deleteTag(project, slug, when, { tag }) {
    const prompt = this.#writable(project, slug);
    const current = prompt.tags.get(tag);
    this.#expect(when, current?.at && current.revision);
    if (!current?.at) refuse("tag_not_found");
    this.#visible(project, prompt);
    current.back.push(current.at);
    current.at = undefined;
  }

  share(project, slug, when, { scope }) {
    const prompt = this.#writable(project, slug);
    this.#expect(when, prompt.revision);
    const shared = scope === "organization";
    if (prompt.shared === shared) return { scope };
    const others = Object.values(this.projects).map(({ prompts }) => prompts.get(slug));
    if (shared && others.some((other) => other?.shared)) refuse("slug_taken");
    // A prompt that is shared before or after the change counts as shared, as all projects see the change.
    prompt.shared = true;
    this.#visible(project, prompt);
    prompt.shared = shared;
    return { scope };
  }

  remove(project, slug, when) {
    const prompt = this.#writable(project, slug);
    this.#expect(when, prompt.revision);
    this.#visible(project, prompt);
    prompt.deleted = true;
  }

  restore(project, slug) {
    const prompt = this.projects[project].prompts.get(slug) ?? refuse("prompt_not_found");
    if (prompt.deleted) this.#visible(project, prompt);
    prompt.deleted = false;
  }

  purge(project, slug) {
    const own = this.projects[project];
    const prompt = own.prompts.get(slug) ?? refuse("prompt_not_found");
    if (!prompt.deleted) refuse("precondition_failed");
    own.prompts.delete(slug);
    own.drafts.delete(slug);
    own.revision = ++this.clock;
  }

  duplicate(project, slug, _, { to, selector }) {
    const source = this.readable(project, slug) ?? refuse("prompt_not_found");
    const version = this.#select(source, selector);
    if (this.projects[project].prompts.has(to)) refuse("slug_taken");
    return this.#commit(project, to, source.versions[version - 1].text, []);
  }

  putDraft(project, slug, when, { text }) {
    this.#committable(project, slug, when === ABSENT);
    const { drafts } = this.projects[project];
    this.#expect(when, drafts.get(slug)?.revision);
    drafts.set(slug, { text, revision: ++this.clock });
  }

  commitDraft(project, slug, when) {
    const { drafts } = this.projects[project];
    const draft = drafts.get(slug);
    this.#expect(when, draft?.revision);
    if (!draft) refuse("draft_not_found");
    const head = this.#committable(project, slug, false);
    if (head !== undefined && typeof when === "number") this.#expect(when, head);
    drafts.delete(slug);
    const before = this.clock;
    const done = this.#commit(project, slug, draft.text, []);
    if (this.clock === before) this.clock += 1;
    return done;
  }

  /** The project's own prompt, or the shared one of that name where its own is deleted or missing. */
  readable(project, slug) {
    const own = this.projects[project].prompts.get(slug);
    if (own && !own.deleted) return own;
    const all = Object.values(this.projects).map(({ prompts }) => prompts.get(slug));
    return all.find((prompt) => prompt?.shared && !prompt.deleted);
  }

  #writable(project, slug) {
    const prompt = this.readable(project, slug) ?? refuse("prompt_not_found");
    return prompt === this.projects[project].prompts.get(slug) ? prompt : refuse("not_owner");
  }

  /** The revision of the newest version, if there is one; refuses a commit that the project may not make. */
  #committable(project, slug, create) {
    const own = this.projects[project].prompts.get(slug);
    if (own?.deleted) refuse("slug_taken");
    if (!own && !create && this.readable(project, slug)) refuse("not_owner");
    return own?.versions.at(-1).revision;
  }

  #expect(when, changed) {
    if (when === undefined) return;
    const holds =
      when === ABSENT
        ? changed === undefined
        : when === PRESENT
          ? changed !== undefined
          : changed <= this.seen(when) && when >= 0;
    if (!holds) refuse("precondition_failed");
  }

  /** The revision `ago` changes ago. */
  seen(ago) {
    return Math.max(0, this.clock - ago);
  }

  #select({ versions, tags }, selector) {
    if (selector === "latest") return versions.length;
    if (typeof selector === "string") return tags.get(selector)?.at ?? refuse("tag_not_found");
    return selector <= versions.length ? selector : refuse("version_not_found");
  }

  #commit(project, slug, text, tags) {
    const { prompts } = this.projects[project];
    const first = !prompts.has(slug);
    const prompt = prompts.get(slug) ?? { versions: [], tags: new Map(), shared: false, deleted: false };
    const created = prompt.versions.at(-1)?.text !== text;
    const version = prompt.versions.length + (created ? 1 : 0);
    const moves = new Set(tags.filter((tag) => prompt.tags.get(tag)?.at !== version));
    if (first) moves.add("production");
    if (created || moves.size > 0) {
      prompts.set(slug, prompt);
      const revision = this.#visible(project, prompt);
      if (created) prompt.versions.push({ text, revision });
      for (const tag of moves) this.#point(prompt, tag, version, revision);
    }
    return { created, version };
  }

  #point(prompt, tag, version, revision) {
    const pointer = prompt.tags.get(tag) ?? { back: [] };
    if (pointer.at !== undefined && pointer.at !== version) pointer.back.push(pointer.at);
    prompt.tags.set(tag, Object.assign(pointer, { at: version, revision }));
  }

  /** Counts a change that readers see: readers of all projects if the prompt is shared, else those of its project. */
  #visible(project, prompt) {
    prompt.revision = ++this.clock;
    if (prompt.shared) this.sharedRevision = this.clock;
    else this.projects[project].revision = this.clock;
    return this.clock;
  }
}

export const read = ({ versions }, version) => ({ version, text: versions[version - 1].text });

function refuse(code) {
  throw code;
}
