// Leads a Node that reads no proxy from its environment (before 22.21 and 24) to a fake-dropbox: TLS
// connections to Dropbox's hosts go to the server that FAKE_DROPBOX_URL names. What is asked for, and
// whose certificate is expected, stays the same; connections to other hosts are left alone, and so are
// those that go through a proxy already. NODE_OPTIONS loads this file before the program.
"use strict";

const tls = require("node:tls");
const { syncBuiltinESMExports } = require("node:module");

const DOMAINS = ["dropboxapi.com", "dropbox.com", "dropboxusercontent.com"];

function server() {
  try {
    const { hostname, port } = new URL(process.env.FAKE_DROPBOX_URL);
    return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
  } catch {
    return null;
  }
}

function isDropbox(host) {
  const name = String(host ?? "").toLowerCase().replace(/\.$/, "");
  return DOMAINS.some((domain) => name === domain || name.endsWith(`.${domain}`));
}

// tls.connect takes (options), (port, options) and (port, host, options), each with a callback behind.
function optionsOf(given) {
  const options = {};
  for (const argument of given) {
    if (argument !== null && typeof argument === "object") Object.assign(options, argument);
  }
  if (typeof given[0] !== "object") options.port = given[0];
  if (typeof given[1] === "string") options.host = given[1];
  return options;
}

const connect = tls.connect;
tls.connect = function (...given) {
  const options = optionsOf(given);
  const goesThere = isDropbox(options.host) && Number(options.port) === 443;
  const isTunnel = options.socket || options.path;
  const fake = goesThere && !isTunnel ? server() : null;
  if (fake === null) return connect.apply(this, given);
  const servername = options.servername || options.host;
  const callback = given.find((argument) => typeof argument === "function");
  return connect.call(this, { ...options, ...fake, servername }, callback);
};
// `import { connect } from "node:tls"` sees the same.
syncBuiltinESMExports();
