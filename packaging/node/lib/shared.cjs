"use strict";
// What the adapters for test runners share: one server a process, one account a test.
const { FakeDropbox } = require("./index.cjs");

const SERVER = Symbol.for("fake-dropbox.server");

/** The server of this process: the one that FAKE_DROPBOX_URL names, or one that is started once. */
function sharedServer() {
  // Test runners load modules anew for each file, so the process has to remember it.
  globalThis[SERVER] ??= process.env.FAKE_DROPBOX_URL ? FakeDropbox.connect() : FakeDropbox.start();
  return globalThis[SERVER];
}

/** Ends the server, if it was started here. */
async function stopSharedServer() {
  const server = globalThis[SERVER];
  delete globalThis[SERVER];
  await (await server?.catch(() => undefined))?.stop();
}

/** The error that a passed test deserves for what it asked for and never met. */
async function leftOverError(account, { unusedLinks = false, unfiredFaults = false } = {}) {
  const left = (await account.leftOver()).filter(
    (line) => !(unusedLinks && line.startsWith("A link")) && !(unfiredFaults && line.startsWith("A fault")),
  );
  if (left.length === 0) return undefined;
  const hint = "If this is meant, say so: unusedLinks: true or unfiredFaults: true.";
  const error = new Error([...left, hint].join("\n"));
  error.stack = `Error: ${error.message}`;
  return error;
}

/** What is printed for a test that failed. */
async function requestsOf(account, name) {
  const lines = await account.requestLines().catch((error) => [error.message]);
  return [`fake-dropbox requests of "${name}":`, ...(lines.length ? lines : ["none came"])].join("\n  ");
}

module.exports = { leftOverError, requestsOf, sharedServer, stopSharedServer };
