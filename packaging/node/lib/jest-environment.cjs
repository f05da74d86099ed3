"use strict";
// The environment for Jest: `testEnvironment: "fake-dropbox/jest/environment"`. In each test the global
// `dropbox` is an account of its own, and `fakeDropbox` is the server of the worker.
const path = require("node:path");
const shared = require("./shared.cjs");

// The one that comes with the Jest in use, wherever a package manager put it.
const { TestEnvironment } = require(
  require.resolve("jest-environment-node", {
    paths: [process.cwd(), path.dirname(require.resolve("jest/package.json", { paths: [process.cwd()] }))],
  }),
);

class FakeDropboxEnvironment extends TestEnvironment {
  #options;

  constructor(config, context) {
    super(config, context);
    this.#options = config.projectConfig.testEnvironmentOptions.dropbox ?? {};
  }

  async setup() {
    await super.setup();
    this.global.fakeDropbox = await shared.sharedServer();
  }

  async handleTestEvent(event) {
    if (event.name === "test_start") {
      this.global.dropboxOptions = { ...this.#options };
      const name = nameOf(event.test);
      this.global.dropbox = await this.global.fakeDropbox.account({ name, ...this.#options });
    } else if (event.name === "test_fn_success") {
      const error = await shared.leftOverError(this.global.dropbox, this.global.dropboxOptions);
      if (error) event.test.errors.push(error);
    } else if (event.name === "test_done" && event.test.errors.length > 0) {
      console.error(await shared.requestsOf(this.global.dropbox, nameOf(event.test)));
    }
  }
}

function nameOf(test) {
  const parts = [];
  for (let part = test; part && part.name !== "ROOT_DESCRIBE_BLOCK"; part = part.parent) parts.unshift(part.name);
  return parts.join(" ");
}

module.exports = FakeDropboxEnvironment;
