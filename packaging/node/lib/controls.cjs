"use strict";
// One HTTP call to the controls of a server, /_fake/v1.
const http = require("node:http");

/** The server refused a control, or cannot be reached. The message says why. */
class ControlError extends Error {
  constructor(message, status) {
    super(message);
    this.name = "ControlError";
    /** The HTTP status; undefined if the server cannot be reached. */
    this.status = status;
  }
}

/** The controls for one account (with its token) or for all. */
class Controls {
  #headers = {};

  constructor(url, token, controlToken = process.env.FAKE_DROPBOX_CONTROL_TOKEN) {
    this.url = url.replace(/\/+$/, "");
    if (token !== undefined) this.#headers.authorization = `Bearer ${token}`;
    if (controlToken) this.#headers["x-fake-dropbox-control-token"] = controlToken;
  }

  /** Sends a request and resolves with the bytes of the answer. */
  raw(method, path, { body, query = {} } = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const address = new URL(`${this.url}/_fake/v1${path}`);
    for (const [name, value] of given) address.searchParams.set(name, String(value));
    // Not fetch: that may have been led through a proxy, or replaced by a mock.
    const options = { method, headers: { ...this.#headers }, agent: false };
    if (body !== undefined) options.headers["content-length"] = Buffer.byteLength(body);
    return new Promise((resolve, reject) => {
      const request = http.request(address, options, (answer) => {
        const chunks = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("error", lost);
        answer.on("end", () => {
          const bytes = Buffer.concat(chunks);
          if (answer.statusCode < 300) return resolve(bytes);
          const said = sentence(bytes.toString()) || `${method} ${path}: ${answer.statusCode}`;
          reject(new ControlError(said, answer.statusCode));
        });
      });
      const lost = (error) =>
        reject(
          new ControlError(
            `fake-dropbox at ${this.url} does not answer (${error.code ?? error.message}); ` +
              "it has stopped, or the address is wrong",
          ),
        );
      request.on("error", lost);
      request.end(body);
    });
  }

  /** Sends JSON and resolves with JSON. */
  async call(method, path, body, query) {
    const data = body === undefined && method !== "POST" ? undefined : JSON.stringify(body ?? {});
    const bytes = await this.raw(method, path, { body: data, query });
    return bytes.length === 0 ? undefined : JSON.parse(bytes.toString());
  }
}

function sentence(said) {
  try {
    return JSON.parse(said).detail ?? said.trim();
  } catch {
    return said.trim();
  }
}

module.exports = { ControlError, Controls };
