"use strict";
// Jest: `setupFilesAfterEnv: ["fake-dropbox/jest"]`. It adds
// the matchers; the environment fake-dropbox/jest/environment brings `dropbox`.
const { matchers } = require("./matchers.cjs");

if (typeof expect !== "undefined" && typeof expect.extend === "function") expect.extend(matchers);
module.exports = { matchers };
