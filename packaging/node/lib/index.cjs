"use strict";
const { spawn, execFile } = require("node:child_process");
const { randomUUID } = require("node:crypto");
const { promisify } = require("node:util");
const { Account, Clock, ControlError, File } = require("./account.cjs");
const { Controls } = require("./controls.cjs");
const { findProgram } = require("./program.cjs");

// The versions of the server that this package works with: from the first, below the second.
const SUPPORTED = [
  [0, 1],
  [0, 2],
];

/** A running server. */
class FakeDropbox {
  #controls;
  #process;

  /**
   * Starts a server on a free port and resolves when it answers. `args` are those of
   * `fake-dropbox serve`. It ends with this process, also if that is killed.
   */
  static async start({ args = [], timeout = 30_000 } = {}) {
    const program = findProgram();
    const all = ["serve", "--print-url", "--until-stdin-closes"];
    for (const [option, value] of Object.entries({ "--port": "0", "--log": "warn" })) {
      const given = args.some((argument) => argument === option || argument.startsWith(`${option}=`));
      if (!given) all.push(option, value);
    }
    const child = spawn(program, [...all, ...args], { stdio: ["pipe", "pipe", "pipe"] });
    const url = await firstLine(child, program, timeout);
    // A test runner that is done may end: the server sees its standard input close.
    for (const part of [child, child.stdin, child.stdout, child.stderr]) part.unref();
    try {
      return await FakeDropbox.connect(url, { child });
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  /** Takes a server that runs: by default the one that `exec` or `env` named. */
  static async connect(url = process.env.FAKE_DROPBOX_URL, { child } = {}) {
    if (!url) throw new Error("No server is named: give connect() its URL, or set FAKE_DROPBOX_URL.");
    const dropbox = new FakeDropbox();
    dropbox.url = url.replace(/\/+$/, "");
    dropbox.#controls = new Controls(dropbox.url);
    dropbox.#process = child;
    const { version } = await dropbox.#controls.call("GET", "/status");
    const [major, minor] = String(version).split(".").map(Number);
    const at = ([a, b]) => major * 1000 + minor - (a * 1000 + b);
    if (!(at(SUPPORTED[0]) >= 0 && at(SUPPORTED[1]) < 0)) {
      const [from, below] = SUPPORTED.map((part) => part.join("."));
      throw new Error(
        `The server at ${dropbox.url} is fake-dropbox ${version}; this package works with ${from} ` +
          `up to, but not including, ${below}. Install matching versions.`,
      );
    }
    dropbox.version = version;
    dropbox.clock = new Clock(dropbox.#controls);
    return dropbox;
  }

  /** A new empty account with a token of its own. */
  async account({ name, token = `test-${randomUUID()}`, scopes, quota, denied, assume, dialect, unusedLinks } = {}) {
    // One name is one account on the server, and two tests may have the same name.
    const account = `${name ?? "account"}-${randomUUID().slice(0, 8)}`;
    await this.#controls.call("POST", "/tokens", { token, account, scopes, denied });
    const made = new Account(this.url, token);
    if (quota !== undefined) await made.setQuota(quota);
    const assumptions = dialect === undefined ? assume : { ...assume, dialect };
    if (assumptions) await made.assume(assumptions);
    if (unusedLinks) await made.expectLinks("unused");
    return made;
  }

  /** The variables that lead other programs here; null stands for one to remove. */
  async env() {
    const run = promisify(execFile);
    try {
      const { stdout } = await run(findProgram(), ["env", "--url", this.url, "--format", "json"]);
      return JSON.parse(stdout);
    } catch (error) {
      throw new Error(`The environment for ${this.url} cannot be made: ${(error.stderr || error.message).trim()}`);
    }
  }

  /** Ends the server, if it was started here. It may be called again. */
  async stop() {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.ref();
    child.stdin.end();
    const kill = setTimeout(() => child.kill("SIGKILL"), 12_000);
    await ended;
    clearTimeout(kill);
  }

  async [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
    await this.stop();
  }
}

/** The line that the server prints once it answers. What it logs goes to this process's own log. */
function firstLine(child, program, timeout) {
  return new Promise((resolve, reject) => {
    let out = "";
    let said = "";
    let ready = false;
    const fail = (why) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(why + (said.trim() ? `: ${said.trim()}` : ".")));
    };
    const timer = setTimeout(() => fail(`fake-dropbox did not start within ${timeout} ms`), timeout);
    child.once("error", (error) => fail(`${program} cannot be started (${error.code ?? error.message})`));
    child.once("close", (code) => ready || fail(`fake-dropbox did not start (exit code ${code})`));
    // Its input closes first when it dies; that is told elsewhere.
    child.stdin?.on("error", () => {});
    child.stderr?.on("data", (chunk) => {
      if (ready) process.stderr.write(chunk);
      else said += chunk;
    });
    child.stdout?.on("data", (chunk) => {
      out += chunk;
      if (ready || !out.includes("\n")) return;
      ready = true;
      clearTimeout(timer);
      if (said) process.stderr.write(said);
      resolve(out.slice(0, out.indexOf("\n")).trim());
    });
  });
}

module.exports = { Account, Clock, ControlError, FakeDropbox, File };
