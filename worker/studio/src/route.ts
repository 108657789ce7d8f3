/** The route: every state that a person may return to, in the part of the URL after `#`. */
import { signal } from "@preact/signals";

export const VIEWS = ["edit", "run", "compare", "history", "move"] as const;
export const ADMIN = ["projects", "keys", "connections", "audit", "deleted"] as const;
export type PageView = (typeof VIEWS)[number];
export type AdminView = (typeof ADMIN)[number];

export interface PageRoute {
  /** Empty if no prompt is open. */
  readonly slug: string;
  /** `draft`, a tag, `latest` or a number; empty: the draft if there is one, else `production`, else the newest. */
  readonly ref: string;
  readonly view: PageView;
  /** A view outside of a prompt. */
  readonly admin?: AdminView;
  /** The part of a prompt that is edited, the pane beside it, and whatever else a view has: as they stand in the
   * address. */
  readonly params: Readonly<Record<string, string>>;
}

export const route = signal<PageRoute>(parse(location.hash));

/** Follows the URL: links, a pasted hash, Back and Forward. */
export function listen(): void {
  window.addEventListener("hashchange", () => {
    route.value = parse(location.hash);
  });
}

/** Navigates. With `replace`, Back does not return to the previous place. */
export function go(to: Partial<PageRoute>, { replace = false }: { replace?: boolean } = {}): void {
  const next = { ...blank(), ...to };
  const hash = format(next);
  if (hash === location.hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", hash);
  route.value = next;
}

/** The same place with some of it changed; `undefined` removes a parameter. */
export function change(
  part: { ref?: string; view?: PageView } & Record<string, string | undefined>,
  options: { replace?: boolean } = {},
): void {
  const { slug, ref, view, params } = route.value;
  const { ref: newRef = ref, view: newView = view, ...others } = part;
  const merged = Object.entries({ ...params, ...others }).filter((entry): entry is [string, string] => !!entry[1]);
  go({ slug, ref: newRef, view: newView, params: Object.fromEntries(merged) }, options);
}

/** The URL of a place, for a link. */
export function href(to: Partial<PageRoute>): string {
  return format({ ...blank(), ...to });
}

function blank(): PageRoute {
  return { slug: "", ref: "", view: "edit", params: {} };
}

export function parse(hash: string): PageRoute {
  // A key in the URL is left to the session.
  if (/^#?key=/.test(hash)) return blank();
  const [place = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const { view = "edit", ...params } = Object.fromEntries(new URLSearchParams(query));
  const [slug = "", ref = ""] = place.split("@", 2).map(decode);
  if (slug === "") {
    const admin = ADMIN.find((name) => name === view);
    return { ...blank(), params, ...(admin && { admin }) };
  }
  return { slug, ref, view: VIEWS.find((name) => name === view) ?? "edit", params };
}

export function format({ slug, ref, view, admin, params }: PageRoute): string {
  const query = new URLSearchParams();
  if (admin) query.set("view", admin);
  else if (view !== "edit") query.set("view", view);
  for (const [name, value] of Object.entries(params)) query.set(name, value);
  const place = slug.split("/").map(encodeURIComponent).join("/") + (ref && `@${encodeURIComponent(ref)}`);
  return `#/${place}${query.size ? `?${query}` : ""}`;
}

/** A badly encoded text is used as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
