// The types of the controls come from the server's own OpenAPI document: see build.mjs.
import type { components } from "./controls";

type Schemas = components["schemas"];
export type JournalEntry = Schemas["JournalEntry"];
export type LinkStatus = Schemas["LinkStatus"];
export type EntryStatus = Schemas["EntryStatus"];
export type FaultStatus = Schemas["FaultStatus"];
export type Conditions = Schemas["Query"];

/** What a fault does: a connection that breaks, a status, the name of an answer, or JSON. */
export type Action = "reset" | "close" | "stall" | number | Extract<Schemas["FaultAnswer"], string> | Exclude<Schemas["Action"], string>;

/** A fault. Name one moment at which it fails, or a status for an answer before anything happens. */
export interface Fault {
  /** "upload_link" for the upload through a link, or a route such as "files/list_folder". */
  route?: string;
  /** A path, perhaps with * and **. */
  path?: string;
  /** The first of the matching requests that it acts on, counted from 1. */
  nth?: number;
  /** How often; once if nothing is said. */
  times?: number | "unlimited";
  status?: number;
  /** Seconds, for the status 429. */
  retryAfter?: number;
  head?: Action;
  body?: Action;
  /** Bytes of the body that arrive first, with `body`. */
  afterBytes?: number;
  beforeCommit?: Action;
  /** The file is stored, and the answer is lost. */
  afterCommit?: Action;
  answer?: Action;
}

/** Settings of an account. */
export interface AccountOptions {
  /** What requests and failures print for it. */
  name?: string;
  token?: string;
  scopes?: string[];
  /** Bytes that it may hold. */
  quota?: number;
  /** The 403 that answers every call. */
  denied?: Schemas["AccessError"];
  assume?: Record<string, unknown>;
  dialect?: string;
}

/** Settings of a test's account, for the adapters. */
export interface TestOptions extends AccountOptions {
  /** Links may stay unused. */
  unusedLinks?: boolean;
  /** Faults may never fire. */
  unfiredFaults?: boolean;
}

/** The server refused a control, or cannot be reached. The message says why. */
export class ControlError extends Error {
  readonly status?: number;
}

export class Clock {
  now(): Promise<Date>;
  /** Moves the clock ahead. All that is given adds up. */
  advance(by: { hours?: number; minutes?: number; seconds?: number; milliseconds?: number }): Promise<void>;
  freeze(at?: Date): Promise<void>;
  set(to: Date): Promise<void>;
  resume(): Promise<void>;
  reset(): Promise<void>;
}

/** A file, whether it is there or not. */
export class File {
  readonly path: string;
  bytes(): Promise<Buffer>;
  text(): Promise<string>;
  exists(): Promise<boolean>;
  status(): Promise<EntryStatus | undefined>;
  write(content: string | Uint8Array): Promise<void>;
  delete(): Promise<void>;
}

/** One account, which nobody else's token reaches. */
export class Account {
  constructor(url: string, token: string, controlToken?: string);
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  /** For the official SDK: new Dropbox({ accessToken: dropbox.token, fetch: dropbox.fetch }). */
  readonly fetch: typeof globalThis.fetch;
  file(path: string): File;
  files(folder?: string): Promise<EntryStatus[]>;
  /** Puts files into the account; null makes a folder. */
  seed(files: Record<string, string | Uint8Array | null>): Promise<void>;
  /** The bytes of a file once it is there. The timeout is in milliseconds. */
  waitForFile(path: string, options?: { timeout?: number }): Promise<Buffer>;
  journal(conditions?: Conditions): Promise<JournalEntry[]>;
  waitForRequest(conditions?: Conditions, options?: { timeout?: number }): Promise<JournalEntry>;
  links(): Promise<LinkStatus[]>;
  expireLink(link: string): Promise<void>;
  /** Says that links, or those to one path, may end without a file, because the test means it. */
  expectLinks(failure: NonNullable<LinkStatus["failure"]>, path?: string): Promise<void>;
  fail(fault: Fault): Promise<FaultStatus>;
  faults(options?: { unfired?: boolean }): Promise<FaultStatus[]>;
  removeFault(id: number): Promise<void>;
  setQuota(bytes: number): Promise<void>;
  refuseWrites(path: string, error?: Schemas["RefuseWrites"]["error"]): Promise<void>;
  allowWrites(path: string): Promise<void>;
  assume(assumptions: Record<string, unknown>): Promise<void>;
  save(name: string): Promise<void>;
  restore(name: string): Promise<void>;
  reset(): Promise<void>;
  /** What was asked for and never met, in sentences. */
  leftOver(): Promise<string[]>;
  /** The requests that came, one line each. */
  requestLines(): Promise<string[]>;
}

/** A running server. */
export class FakeDropbox {
  private constructor();
  /** Starts a server on a free port. `args` are those of `fake-dropbox serve`. */
  static start(options?: { args?: string[]; timeout?: number }): Promise<FakeDropbox>;
  /** Takes a server that runs; by default the one that FAKE_DROPBOX_URL names. */
  static connect(url?: string): Promise<FakeDropbox>;
  readonly url: string;
  readonly version: string;
  readonly clock: Clock;
  account(options?: AccountOptions): Promise<Account>;
  /** The variables that lead other programs here; null stands for one to remove. */
  env(): Promise<Record<string, string | null>>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
