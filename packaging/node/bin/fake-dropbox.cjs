#!/usr/bin/env node
// Runs the program that the package for this platform brought, as if it had been called itself.
"use strict";
const { spawn } = require("node:child_process");
const os = require("node:os");
const { findProgram } = require("../lib/program.cjs");

let program;
try {
  program = findProgram();
} catch (error) {
  console.error(`fake-dropbox: ${error.message}`);
  process.exit(127);
}
const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// A terminal sends Ctrl-C to both; whoever kills this one alone means the program.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
}
child.on("error", (error) => {
  console.error(`fake-dropbox: ${program} cannot be started: ${error.message}`);
  process.exit(126);
});
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + (os.constants.signals[signal] ?? 0));
});
