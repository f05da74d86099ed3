// An account, driven by the official SDK, which knows nothing of a fake.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Dropbox } from "dropbox";
import { ControlError, FakeDropbox } from "fake-dropbox";

let server;
before(async () => {
  server = await FakeDropbox.start();
});
after(() => server.stop());

async function open(options) {
  const dropbox = await server.account(options);
  return { dropbox, sdk: new Dropbox({ accessToken: dropbox.token, fetch: dropbox.fetch }) };
}

async function mint(sdk, path) {
  const { result } = await sdk.filesGetTemporaryUploadLink({ commit_info: { path } });
  return result.link;
}

const put = (dropbox, link, body = "hello") =>
  dropbox.fetch(link, { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } });

test("a file that went through a link is there", async () => {
  const { dropbox, sdk } = await open();
  assert.equal((await put(dropbox, await mint(sdk, "/in/a.txt"))).status, 200);
  assert.equal((await dropbox.waitForFile("/in/*.txt")).toString(), "hello");
  assert.equal((await dropbox.files()).length, 2);
  assert.deepEqual(await dropbox.leftOver(), []);
  await dropbox.file("/in/a.txt").delete();
  assert.equal(await dropbox.file("/in/a.txt").exists(), false);
  await assert.rejects(dropbox.file("/in/a.txt").bytes(), ControlError);
});

test("a lost answer leaves the file", async () => {
  const { dropbox, sdk } = await open();
  const fault = await dropbox.fail({ route: "upload_link", afterCommit: "reset" });
  await assert.rejects(put(dropbox, await mint(sdk, "/in/a.txt")));
  assert.equal((await dropbox.faults()).find(({ id }) => id === fault.id).fired, 1);
  assert.equal(await dropbox.file("/in/a.txt").text(), "hello");
});

test("a link expires, by the clock or alone", async () => {
  const { dropbox, sdk } = await open();
  const [first, second] = [await mint(sdk, "/a"), await mint(sdk, "/b")];
  await dropbox.expireLink(first);
  assert.equal((await put(dropbox, first)).status, 410);
  await dropbox.clock.advance({ hours: 4, milliseconds: 1 });
  assert.equal((await put(dropbox, second)).status, 410);
  assert.equal((await dropbox.journal({ route: "upload_link", status: 410 })).length, 2);
});

test("a clock can be frozen and set", async () => {
  const { dropbox } = await open();
  const noon = new Date("2030-01-01T12:00:00Z");
  await dropbox.clock.freeze(noon);
  assert.deepEqual(await dropbox.clock.now(), noon);
  await dropbox.clock.resume();
  await dropbox.clock.reset();
  await assert.rejects(dropbox.clock.advance({ hours: -1 }), RangeError);
});

for (const status of [401, 413, 429, 500, 502, 503]) {
  test(`the status ${status} can be asked for`, async () => {
    const { dropbox, sdk } = await open();
    await dropbox.fail({ route: "files/list_folder", status });
    await assert.rejects(sdk.filesListFolder({ path: "" }), (error) => error.status === status);
  });
}

test("a fault that cannot be is refused in words", async () => {
  const { dropbox } = await open();
  await assert.rejects(dropbox.fail({ route: "uplod_link", status: 503 }), /uplod_link/);
  await assert.rejects(dropbox.fail({ route: "upload_link" }), /one moment/);
  await assert.rejects(dropbox.fail({ status: 503, retryAfter: 3 }), /429/);
  await assert.rejects(dropbox.fail({ head: "reset", afterBytes: 3 }), /belongs to body/);
  await assert.rejects(dropbox.fail({ haed: "reset" }), /haed/);
  assert.deepEqual(await dropbox.leftOver(), []);
});

test("what is left over is told", async () => {
  const { dropbox, sdk } = await open();
  await mint(sdk, "/never");
  await dropbox.fail({ route: "upload_link", status: 503 });
  const left = await dropbox.leftOver();
  assert.match(left[0], /never used: \/never/);
  assert.match(left[1], /never fired: .*upload_link/);
});

test("files of any bytes come back, and snapshots bring them back", async () => {
  const { dropbox } = await open();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
  await dropbox.seed({ "/a.bin": bytes, "/empty": null });
  assert.deepEqual(await dropbox.file("/a.bin").bytes(), bytes);
  await dropbox.save("before");
  await dropbox.file("/a.bin").write("other");
  await dropbox.restore("before");
  assert.deepEqual(await dropbox.file("/a.bin").bytes(), bytes);
  await dropbox.reset();
  assert.deepEqual(await dropbox.files(), []);
});

test("two tests of one name have two accounts", async () => {
  await (await server.account({ name: "twice" })).file("/a").write("of the first");
  assert.equal(await (await server.account({ name: "twice" })).file("/a").exists(), false);
});

test("settings of an account", async () => {
  const full = await open({ quota: 2 });
  await assert.rejects(full.sdk.filesUpload({ path: "/a", contents: "hello" }), (error) => error.status === 409);
  const narrow = await open({ scopes: ["files.metadata.read"] });
  await assert.rejects(narrow.sdk.filesCreateFolderV2({ path: "/a" }), (error) => error.status === 401);
  const locked = await open();
  await locked.dropbox.refuseWrites("/in");
  await assert.rejects(locked.sdk.filesUpload({ path: "/in/a", contents: "x" }), (error) => error.status === 409);
  await locked.dropbox.allowWrites("/in");
  await locked.sdk.filesUpload({ path: "/in/a", contents: "x" });
});

test("waiting in vain says what came instead", async () => {
  const { dropbox } = await open();
  await assert.rejects(dropbox.waitForFile("/never.txt", { timeout: 20 }), /never\.txt/);
});

test("the environment leads to the server", async () => {
  assert.equal((await server.env()).HTTPS_PROXY, server.url);
});
