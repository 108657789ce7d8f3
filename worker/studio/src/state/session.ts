/** Who uses the studio: the key, what it may do, and what the person calls themself. */
import { batch, computed, signal } from "@preact/signals";

import { ApiError, Client } from "../api/client.ts";
import * as store from "../api/store.ts";
import type { KeySelf } from "../api/types.ts";
import { describe } from "./notices.ts";

const STORED = "cuecard-key";
const NAME = "cuecard-author";
const channel = new BroadcastChannel("cuecard-key");

export const client = signal<Client | undefined>(undefined);
export const self = signal<KeySelf | undefined>(undefined);
/** Why there is no session: what to tell whoever is asked for a key. */
export const refusal = signal("");
/** Asking the server whether the key is good. */
export const isOpening = signal(false);
/** Whether it is known if there is a key. */
export const hasStarted = signal(false);
export const mayWrite = computed(() => self.value !== undefined && ["write", "admin"].includes(self.value.role));
export const mayAdmin = computed(() => self.value?.role === "admin");
export const mayRun = computed(() => self.value !== undefined && self.value.role !== "read");

/** Whose drafts these are, where several people share a key. Empty: the key's own. */
export const author = signal(localStorage.getItem(NAME) ?? "");

export function setAuthor(name: string): void {
  author.value = name.trim();
  localStorage.setItem(NAME, author.value);
}

/** Ends the session at its owner's wish. */
export function leave(): void {
  forget();
  refusal.value = "";
}

/** The API; only views of an open session ask for it. */
export function api(): Client {
  if (!client.value) throw new ApiError(401, "key_missing", "");
  return client.value;
}

/** Opens a session with this key, and lets the other tabs of this browser know it. */
export async function open(key: string): Promise<void> {
  isOpening.value = true;
  const candidate = new Client(key);
  try {
    const own = await store.self(candidate);
    batch(() => {
      client.value = candidate;
      self.value = own;
      refusal.value = "";
    });
    sessionStorage.setItem(STORED, key);
    channel.postMessage({ key });
  } catch (error) {
    if (error instanceof ApiError && !error.isTemporary) forget();
    refusal.value = describe(error);
  } finally {
    isOpening.value = false;
  }
}

/** Ends the session in this tab; drafts stay where they are. */
export function forget(): void {
  sessionStorage.removeItem(STORED);
  client.value = undefined;
  self.value = undefined;
}

/** A key that stopped working ends the session; what was typed is kept by the draft's own copy. */
export function noticeRefusal(error: unknown): void {
  if (error instanceof ApiError && error.status === 401 && client.value) {
    forget();
    refusal.value = describe(error);
  }
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
    if (data.ask && own && client.value) channel.postMessage({ key: own });
    else if (data.key && !client.value && hasStarted.value && !isOpening.value) void open(data.key);
  });
  const key = given ?? sessionStorage.getItem(STORED) ?? (await fromOtherTab());
  if (key) await open(key);
  hasStarted.value = true;
}

function takeFromAddress(): string | undefined {
  const key = /^#key=([^&]+)$/.exec(location.hash)?.[1];
  if (key) history.replaceState(null, "", `${location.pathname}#/`);
  return key && decodeURIComponent(key);
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
