/** What a database's `-wal` file has that the database itself has not. SQLite takes a database whose `-wal` file is lost
 * for an older one: https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";

/** Contents that are in the `-wal` file only. They are there as long as that begins as it did, or until the page that they
 * last changed was written into the database. */
export interface Unmerged {
  readonly bytes: number;
  readonly digest: string;
  readonly page: number;
  /** A digest of the page in the database, as it was then. */
  readonly before: string;
}

const HEADER = 32;
const FRAME_HEADER = 24;

/** `undefined` if the database has it all. */
export function unmerged(file: string): Unmerged | undefined {
  const log = contents(`${file}-wal`);
  const last = lastFrame(log);
  if (last === undefined) return undefined;
  const { page, content, end } = last;
  const before = pageOf(file, page, content.length);
  if (before.equals(content)) return undefined;
  return { bytes: end, digest: digest(log.subarray(0, end)), page, before: digest(before) };
}

/** Whether the contents are gone. */
export function isLost(file: string, { bytes, digest: was, page, before }: Unmerged): boolean {
  const log = contents(`${file}-wal`);
  if (log.length >= bytes && digest(log.subarray(0, bytes)) === was) return false;
  return digest(pageOf(file, page, pageSize(file))) === before;
}

/** Bytes of a file, as many as there are. */
export function bytesAt(file: string, at: number, length: number): Buffer {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return Buffer.alloc(0);
  const bytes = Buffer.alloc(length);
  const descriptor = openSync(file, "r");
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, at));
  } finally {
    closeSync(descriptor);
  }
}

/** The last frame that ends a transaction. Behind those of the present log may be others of an earlier one, with its salts. */
function lastFrame(log: Buffer): { page: number; content: Buffer; end: number } | undefined {
  if (log.length < HEADER) return undefined;
  const size = log.readUInt32BE(8);
  const salts = log.subarray(16, 24);
  let last: { page: number; content: Buffer; end: number } | undefined;
  for (let at = HEADER; ; ) {
    const [content, end] = [at + FRAME_HEADER, at + FRAME_HEADER + size];
    if (end > log.length || !log.subarray(at + 8, at + 16).equals(salts)) return last;
    if (log.readUInt32BE(at + 4) > 0) last = { page: log.readUInt32BE(at), content: log.subarray(content, end), end };
    at = end;
  }
}

function pageSize(file: string): number {
  // One of 65,536 bytes is written as 1.
  const size = bytesAt(file, 16, 2);
  return size.length < 2 ? 0 : size.readUInt16BE() === 1 ? 65_536 : size.readUInt16BE();
}

function pageOf(file: string, page: number, size: number): Buffer {
  return bytesAt(file, (page - 1) * size, size);
}

function contents(file: string): Buffer {
  return statSync(file, { throwIfNoEntry: false }) === undefined ? Buffer.alloc(0) : readFileSync(file);
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 32);
}
