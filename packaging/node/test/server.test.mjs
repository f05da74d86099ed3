// Starting and ending, and what goes wrong with it.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { FakeDropbox } from "fake-dropbox";

const require = createRequire(import.meta.url);

function script(text) {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "fake-dropbox-")), "fake-dropbox");
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

async function withProgram(program, run) {
  const before = process.env.FAKE_DROPBOX_BIN;
  process.env.FAKE_DROPBOX_BIN = program;
  try {
    await run();
  } finally {
    if (before === undefined) delete process.env.FAKE_DROPBOX_BIN;
    else process.env.FAKE_DROPBOX_BIN = before;
  }
}

test("both kinds of module give the same", async () => {
  assert.equal(require("fake-dropbox").FakeDropbox, FakeDropbox);
});

test("a program that is not there is one sentence", () =>
  withProgram("/nowhere/fake-dropbox", () => assert.rejects(FakeDropbox.start(), /FAKE_DROPBOX_BIN names \/nowhere/)));

test("a program that does not start says what it said", () =>
  withProgram(script("echo 'no such library' >&2; exit 127"), () =>
    assert.rejects(FakeDropbox.start(), /exit code 127.*no such library/)));

test("a program that says nothing is given up", () =>
  withProgram(script("exec sleep 60"), () =>
    assert.rejects(FakeDropbox.start({ timeout: 100 }), /did not start within 100 ms/)));

test("another version is refused", () =>
  withProgram(
    script(`exec ${JSON.stringify(process.execPath)} -e '
      require("http").createServer((_, answer) => answer.end(JSON.stringify({ version: "7.0.0" })))
        .listen(0, "127.0.0.1", function () { console.log("http://127.0.0.1:" + this.address().port) })'`),
    () => assert.rejects(FakeDropbox.start(), /is fake-dropbox 7\.0\.0; this package works with 0\.1 up to/),
  ));

test("a port that is taken is one sentence", async () => {
  const server = await FakeDropbox.start();
  const { port } = new URL(server.url);
  await assert.rejects(FakeDropbox.start({ args: ["--port", port] }), new RegExp(port));
  await server.stop();
  await server.stop();
});

test("a server that is gone is one sentence", async () => {
  await assert.rejects(FakeDropbox.connect("http://127.0.0.1:9"), /does not answer .*it has stopped/);
});

test("the starter hands on arguments, output and exit codes", () => {
  const starter = path.join(path.dirname(require.resolve("fake-dropbox/package.json")), "bin/fake-dropbox.cjs");
  const run = (...args) => spawnSync(process.execPath, [starter, ...args], { encoding: "utf8" });
  assert.match(run("--version").stdout, /^fake-dropbox \d/);
  assert.equal(run("exec", "--", process.execPath, "-e", "process.exit(7)").status, 7);
  assert.equal(run("serve", "--no-such-option").status, 2);
});

test("no server outlives a process that is killed", async () => {
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", 'import { FakeDropbox } from "fake-dropbox"; console.log((await FakeDropbox.start()).url); setInterval(() => {}, 1000);'],
    { stdio: ["ignore", "pipe", "inherit"], cwd: import.meta.dirname },
  );
  const url = (await new Promise((resolve) => child.stdout.once("data", resolve))).toString().trim();
  const server = await FakeDropbox.connect(url);
  child.kill("SIGKILL");
  // Every call fails once it is gone; until then each answer is an event to wait for.
  await assert.rejects(async () => {
    for (;;) await server.clock.now();
  }, /does not answer/);
});

test("a process that is done ends, though it never stopped its server", () => {
  const run = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", 'import { FakeDropbox } from "fake-dropbox"; await FakeDropbox.start();'],
    { cwd: import.meta.dirname, timeout: 60_000 },
  );
  assert.equal(run.status, 0);
});
