/** The session: the key, its rights, and the person's name. */
import { batch, computed, signal } from "@preact/signals";

import { ApiError, Client } from "../api/client.ts";
import { decode } from "../route.ts";
import * as store from "../api/store.ts";
import type { KeySelf } from "cuecard/admin";
import { describe, tell } from "./notices.ts";

const STORED = "cuecard-key";
const OWNER = "cuecard-key-of";
const NAME = "cuecard-author";
const LETTERS = "cuecard-letter-keys";
const channel = new BroadcastChannel("cuecard-key");

export const client = signal<Client | undefined>(undefined);
export const self = signal<KeySelf | undefined>(undefined);
/** The reason for asking for a key, shown to the person. */
export const refusal = signal("");
/** Whether the key of the open session stopped working: the page stays, with all that is typed, and the next key goes
 * on with it. */
export const isRefused = signal(false);
/** The key is being checked by the server. */
export const isOpening = signal(false);
/** Whether the search for a key has ended. */
export const hasStarted = signal(false);
/** Whose key stopped working in this tab before, in the same project: what was typed with it is this session's. */
export const predecessor = signal<KeySelf | undefined>(undefined);
export const mayWrite = computed(() => self.value !== undefined && ["write", "admin"].includes(self.value.role));
export const mayAdmin = computed(() => self.value?.role === "admin");
export const mayRun = computed(() => self.value !== undefined && self.value.role !== "read");

/** Whose drafts these are, where several people share a key. Empty: the key's own. */
export const author = signal(localStorage.getItem(NAME) ?? "");

export function setAuthor(name: string): void {
  author.value = name.trim();
  localStorage.setItem(NAME, author.value);
}

/** Whether single letters and digits act outside of a text. Speech input types letters, so it can be switched off
 * (WCAG 2.1.4). */
export const hasLetterKeys = signal(localStorage.getItem(LETTERS) !== "off");

export function setLetterKeys(isOn: boolean): void {
  hasLetterKeys.value = isOn;
  localStorage.setItem(LETTERS, isOn ? "on" : "off");
}

/** Ends the session on request; drafts stay. */
export function leave(): void {
  sessionStorage.removeItem(STORED);
  sessionStorage.removeItem(OWNER);
  batch(() => {
    client.value = undefined;
    self.value = undefined;
    isRefused.value = false;
    refusal.value = "";
  });
}

/** The API; only views of an open session ask for it. */
export function api(): Client {
  if (!client.value) throw new ApiError(401, "key_missing", "");
  return client.value;
}

/** Opens a session with this key, and shares it with the browser's other tabs. */
export async function open(key: string): Promise<void> {
  isOpening.value = true;
  const candidate = new Client(key, noticeRefusal);
  try {
    const own = await store.self(candidate);
    const before = refusedOwner();
    batch(() => {
      predecessor.value = before && isSameProject(before, own) ? before : undefined;
      client.value = candidate;
      self.value = own;
      isRefused.value = false;
      refusal.value = "";
    });
    sessionStorage.setItem(STORED, key);
    sessionStorage.setItem(OWNER, JSON.stringify(own));
    channel.postMessage({ key });
  } catch (error) {
    if (error instanceof ApiError && !error.isTemporary && !isWorking()) sessionStorage.removeItem(STORED);
    if (isWorking()) tell(describe(error), { kind: "failed" });
    else refusal.value = describe(error);
  } finally {
    isOpening.value = false;
  }
}

const isSameProject = (a: KeySelf, b: KeySelf) => a.organization === b.organization && a.project === b.project;

const isWorking = () => client.peek() !== undefined && !isRefused.peek();

/** The owner of the key that stopped working in this tab, also before a reload. */
function refusedOwner(): KeySelf | undefined {
  if (isWorking()) return undefined;
  return JSON.parse(sessionStorage.getItem(OWNER) ?? "null") ?? undefined;
}

function noticeRefusal(of: Client, error: ApiError): void {
  if (of !== client.peek() || isRefused.peek()) return;
  sessionStorage.removeItem(STORED);
  batch(() => {
    isRefused.value = true;
    refusal.value = describe(error);
  });
}

/** The key from the address (`#key=…`, which is removed from it), from this tab, or from another tab. */
export async function start(): Promise<void> {
  const given = takeFromAddress();
  window.addEventListener("hashchange", () => {
    const later = takeFromAddress();
    if (later) void open(later);
  });
  channel.addEventListener("message", ({ data }: MessageEvent<{ key?: string; ask?: true }>) => {
    const own = sessionStorage.getItem(STORED);
    if (data.ask && own && isWorking()) channel.postMessage({ key: own });
    else if (data.key && !isWorking() && hasStarted.value && !isOpening.value) void open(data.key);
  });
  // A reload before the server's answer finds it here.
  if (given) sessionStorage.setItem(STORED, given);
  const key = given ?? sessionStorage.getItem(STORED) ?? (await fromOtherTab());
  if (key) await open(key);
  hasStarted.value = true;
}

function takeFromAddress(): string | undefined {
  const key = /^#key=([^&]+)$/.exec(location.hash)?.[1];
  if (key) history.replaceState(null, "", `${location.pathname}#/`);
  return key && decode(key);
}

function fromOtherTab(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const answer = ({ data }: MessageEvent<{ key?: string }>) => {
      if (data.key) done(data.key);
    };
    const timer = setTimeout(() => done(undefined), 80);
    const done = (key: string | undefined) => {
      clearTimeout(timer);
      channel.removeEventListener("message", answer);
      resolve(key);
    };
    channel.addEventListener("message", answer);
    channel.postMessage({ ask: true });
  });
}
