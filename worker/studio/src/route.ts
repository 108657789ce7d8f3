/** Where the studio is: every state that a person may come back to, as the part of the address after `#`. */
import { signal } from "@preact/signals";

export const VIEWS = ["edit", "run", "compare", "history", "move"] as const;
export const ADMIN = ["projects", "keys", "connections", "audit", "deleted"] as const;
export type PageView = (typeof VIEWS)[number];
export type AdminView = (typeof ADMIN)[number];

export interface PageRoute {
  /** Empty where no prompt is open. */
  readonly slug: string;
  /** `draft`, a tag, `latest` or a number; empty: the draft where there is one, else `production`, else the newest. */
  readonly ref: string;
  readonly view: PageView;
  /** A view of no prompt. */
  readonly admin?: AdminView;
  /** The part of a prompt that is edited, the pane beside it, and whatever else a view has: as they stand in the
   * address. */
  readonly params: Readonly<Record<string, string>>;
}

export const route = signal<PageRoute>(parse(location.hash));

/** Follows the address: a link, a pasted hash, Back and Forward. */
export function listen(): void {
  window.addEventListener("hashchange", () => {
    route.value = parse(location.hash);
  });
}

/** Goes elsewhere. With `replace` the place before is not one to come back to. */
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

/** The address of a place, for a link. */
export function href(to: Partial<PageRoute>): string {
  return format({ ...blank(), ...to });
}

function blank(): PageRoute {
  return { slug: "", ref: "", view: "edit", params: {} };
}

export function parse(hash: string): PageRoute {
  // A key that came with the address is the session's to take.
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

/** Where it is encoded badly, as it stands. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
