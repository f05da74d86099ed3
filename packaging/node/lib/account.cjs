"use strict";
// An account on the fake: its files, links, requests, clock and faults.
const { ControlError, Controls } = require("./controls.cjs");

const HOSTS = /(^|\.)dropbox(api)?\.com$/;
const CONNECTION = new Set(["reset", "close", "stall"]);
const STATUSES = { 413: "payload_too_large", 500: "internal_error", 502: "bad_gateway", 503: "unavailable" };
const MOMENTS = { head: "head", beforeCommit: "before_commit", afterCommit: "after_commit", answer: "answer" };

class Clock {
  #controls;

  constructor(controls) {
    this.#controls = controls;
  }

  /** The time. */
  async now() {
    return new Date((await this.#controls.call("GET", "/clock")).now);
  }

  /** Moves the clock ahead. All that is given adds up. */
  async advance({ hours = 0, minutes = 0, seconds = 0, milliseconds = 0 }) {
    const span = ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
    if (!(span >= 0)) throw new RangeError("advance() goes forward; set() puts the clock to any time");
    await this.#controls.call("POST", "/clock/advance", { microseconds: Math.round(span * 1000) });
  }

  /** Stops it, where it is or at a point in time. */
  async freeze(at) {
    await this.#controls.call("POST", "/clock/freeze", at ? { at: at.toISOString() } : {});
  }

  /** Sets it. It goes on from there, or stays there if it is frozen. */
  async set(to) {
    await this.#controls.call("POST", "/clock/set", { to: to.toISOString() });
  }

  /** Lets a frozen clock go on. */
  async resume() {
    await this.#controls.call("POST", "/clock/resume");
  }

  /** Puts it back. */
  async reset() {
    await this.#controls.call("POST", "/clock/reset");
  }
}

class File {
  #controls;

  constructor(controls, path) {
    this.#controls = controls;
    this.path = path;
  }

  /** Its bytes. */
  async bytes() {
    return this.#controls.raw("GET", "/files/content", { query: { path: this.path } });
  }

  /** Its bytes as text. */
  async text() {
    return (await this.bytes()).toString();
  }

  /** Whether it is there. */
  async exists() {
    return (await this.status()) !== undefined;
  }

  /** What is known of it; undefined if it is not there. */
  async status() {
    try {
      return await this.#controls.call("GET", "/file", undefined, { path: this.path });
    } catch (error) {
      if (error instanceof ControlError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Writes it, over what was there. */
  async write(content) {
    await this.#controls.raw("PUT", "/files/content", { body: content, query: { path: this.path } });
  }

  /** Deletes it. */
  async delete() {
    await this.#controls.call("DELETE", "/file", undefined, { path: this.path });
  }
}

class Account {
  #controls;

  constructor(url, token, controlToken) {
    this.url = url;
    this.token = token;
    this.#controls = new Controls(url, token, controlToken);
    this.clock = new Clock(this.#controls);
  }

  /**
   * A fetch that goes to the fake where Dropbox is meant, for the official SDK in this process:
   * new Dropbox({ accessToken: dropbox.token, fetch: dropbox.fetch }).
   */
  fetch = (resource, options) => {
    const address = new URL(typeof resource === "object" && "url" in resource ? resource.url : resource);
    if (!HOSTS.test(address.hostname)) return fetch(resource, options);
    const here = new URL(address.pathname + address.search, this.url);
    return fetch(typeof resource === "object" && "url" in resource ? new Request(here, resource) : here, options);
  };

  /** A file, whether it is there or not. */
  file(path) {
    return new File(this.#controls, path);
  }

  /** Everything in a folder and below it. */
  async files(folder = "") {
    const found = [];
    for (let more = true; more; ) {
      const after = found.at(-1)?.path;
      const query = { path: folder, recursive: true, after };
      const page = await this.#controls.call("GET", "/files", undefined, query);
      found.push(...page.entries);
      more = page.more;
    }
    return found;
  }

  /** Puts files into the account in one step, without requests; null makes a folder. */
  async seed(files) {
    const entries = Object.entries(files).map(([path, content]) =>
      content === null
        ? { folder: path }
        : { file: { path, base64: Buffer.from(content).toString("base64") } },
    );
    await this.#controls.call("POST", "/files/seed", { entries });
  }

  /** Resolves with the bytes of a file once it is there; the path may have * and **. */
  async waitForFile(path, { timeout = 10_000 } = {}) {
    const body = { path, timeout_milliseconds: timeout };
    const found = await this.#controls.call("POST", "/files/wait", body);
    return this.file(found.path).bytes();
  }

  /** The requests that came and meet these conditions, the oldest first. */
  async journal(conditions = {}) {
    return (await this.#controls.call("GET", "/journal", undefined, conditions)).entries;
  }

  /** Resolves with the first request that meets these conditions. */
  async waitForRequest(conditions = {}, { timeout = 10_000 } = {}) {
    const body = { for: conditions, timeout_milliseconds: timeout };
    return this.#controls.call("POST", "/journal/wait", body);
  }

  /** The upload links, the latest first, at most 10,000. */
  async links() {
    return (await this.#controls.call("GET", "/links", undefined, { limit: 10_000 })).links;
  }

  /** Ends the time of one link now: by its address, or as links() names it. */
  async expireLink(link) {
    await this.#controls.call("POST", "/links/expire", { link });
  }

  /** Makes requests of this account fail. See the README for what can be given. */
  async fail(fault) {
    return this.#controls.call("POST", "/faults", rule(fault));
  }

  /** The faults, each with how often it fired. */
  async faults({ unfired } = {}) {
    return (await this.#controls.call("GET", "/faults", undefined, { unfired })).faults;
  }

  /** Takes a fault back. */
  async removeFault(id) {
    await this.#controls.call("DELETE", "/faults", undefined, { id });
  }

  /** Sets how many bytes the account may hold. */
  async setQuota(bytes) {
    await this.#controls.call("PUT", "/quota", { bytes });
  }

  /** Refuses every write in a folder with one of Dropbox's errors. */
  async refuseWrites(path, error = "no_write_permission") {
    await this.#controls.call("POST", "/refused_writes", { path, error });
  }

  /** Takes refuseWrites back. */
  async allowWrites(path) {
    await this.#controls.call("DELETE", "/refused_writes", undefined, { path });
  }

  /** Answers open questions otherwise, as in assume({ failed_commit: "frees" }). */
  async assume(assumptions) {
    await this.#controls.call("POST", "/assumptions", assumptions);
  }

  /** Saves files, links, sessions and settings under a name. */
  async save(name) {
    await this.#controls.call("POST", "/snapshots", { name });
  }

  /** Puts the account back to what was saved. */
  async restore(name) {
    await this.#controls.call("POST", "/snapshots/restore", { name });
  }

  /** Empties the account. */
  async reset() {
    await this.#controls.call("POST", "/reset");
  }

  /** Says that links, or those to one path, may end "unused", "expired" or "refused": the test means it. */
  async expectLinks(failure, path) {
    await this.#controls.call("POST", "/links/expect", { failure, path });
  }

  /** What a test asked for and never met, in sentences; nothing if all is well. */
  async leftOver() {
    const links = (await this.links()).filter((link) => link.failure === "unused" && !link.expected);
    const faults = await this.faults({ unfired: true });
    return [
      ...links.map((link) => `A link was requested and never used: ${link.path}`),
      ...faults.map(({ rule: { match, phase, action } }) => {
        const text = [action, phase, match].map((part) => JSON.stringify(part));
        return `A fault never fired: ${text[0]} at ${text[1]} for ${text[2]}`;
      }),
    ];
  }

  /** The requests that came, one line each. */
  async requestLines() {
    return (await this.journal({ limit: 50 })).map((entry) => {
      const parts = [entry.status ?? "---", entry.method, entry.route.replace(/^\/2\//, "")];
      if (entry.path) parts.push(entry.path);
      if (entry.note) parts.push(`(${entry.note})`);
      else if (entry.status >= 400 && entry.rules.length) parts.push(`(${entry.rules.join(", ")})`);
      if (entry.fault) parts.push("[a fault was injected]");
      return parts.join(" ");
    });
  }
}

function rule({ route, path, nth, times = 1, status, retryAfter, afterBytes, body, ...rest }) {
  const moments = Object.keys(MOMENTS).filter((name) => rest[name] !== undefined);
  const unknown = Object.keys(rest).filter((name) => !(name in MOMENTS));
  if (unknown.length) throw new TypeError(`fail() does not know ${unknown.join(", ")}`);
  const chosen = moments.map((name) => [MOMENTS[name], rest[name]]);
  if (body !== undefined) chosen.push([{ body: { after_bytes: afterBytes ?? 0 } }, body]);
  else if (afterBytes !== undefined) {
    throw new TypeError('afterBytes belongs to body, as in fail({ body: "reset", afterBytes: 9 })');
  }
  if (status !== undefined) chosen.push(["head", status]);
  if (chosen.length !== 1) {
    throw new TypeError(
      'say one moment at which it fails, as in fail({ route: "upload_link", afterCommit: "reset" }), ' +
        'or a status, as in fail({ route: "files/get_metadata", status: 503 })',
    );
  }
  const [[phase, given]] = chosen;
  return { match: { route, path, nth }, phase, action: action(given, retryAfter), times };
}

function action(given, retryAfter) {
  if (typeof given === "number") {
    if (given === 429) return { answer: { too_many_requests: { retry_after: retryAfter } } };
    if (retryAfter !== undefined) throw new TypeError("retryAfter belongs to the status 429");
    return { answer: STATUSES[given] ?? { custom: { status: given } } };
  }
  return typeof given === "string" && !CONNECTION.has(given) ? { answer: given } : given;
}

module.exports = { Account, Clock, ControlError, File };
