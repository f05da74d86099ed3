// The official JavaScript SDK on Node, pointed at a server in one of three ways:
//   domain   the SDK's own options `domain` and `domainDelimiter`, over TLS
//   fetch    a fetch that is handed to the SDK and rewrites the origin, over plain HTTP
//   agent    the same fetch through the proxy that HTTPS_PROXY names
//   env      nothing at all but the environment (Node 24 reads HTTPS_PROXY itself; older ones are led by NODE_OPTIONS)
// Each finished row is reported by one line `ok <row>`; whatever is not as it should be ends the program.
"use strict";
const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const { Dropbox, DropboxAuth, DropboxResponseError } = require("dropbox");
const nodeFetch = require("node-fetch");

const [way, token] = process.argv.slice(2);
const BLOCK = 4 * 1024 * 1024;

const ways = {
  domain: () => ({
    sdk: { domain: process.env.FAKE_AUTHORITY, domainDelimiter: "" },
    upload: fetch,
  }),
  fetch: () => {
    const base = `http://${process.env.FAKE_AUTHORITY}`;
    const host = /^https:\/\/(api|content|notify)\.dropboxapi\.com/;
    return { sdk: { fetch: (url, options) => nodeFetch(url.replace(host, base), options) }, upload: fetch };
  },
  agent: () => {
    const { HttpsProxyAgent } = require("https-proxy-agent");
    const agent = new HttpsProxyAgent(process.env.HTTPS_PROXY);
    const proxied = (url, options) => nodeFetch(url, { ...options, agent });
    return { sdk: { fetch: proxied }, upload: proxied };
  },
  env: () => ({ sdk: {}, upload: fetch }),
};
const { sdk, upload } = ways[way]();

const client = (accessToken, more = {}) => new Dropbox({ accessToken, ...sdk, ...more });
const ok = (row) => console.log("ok", row);
const sha256 = (data) => crypto.createHash("sha256").update(data);

function contentHash(data) {
  const hash = crypto.createHash("sha256");
  for (let start = 0; start < data.length; start += BLOCK) {
    hash.update(sha256(data.subarray(start, start + BLOCK)).digest());
  }
  return hash.digest("hex");
}

// The typed error that a call must end in.
async function refused(status, call) {
  const error = await call().then(
    (answer) => assert.fail(`no ${status}, but ${JSON.stringify(answer.result)}`),
    (error) => error,
  );
  assert.ok(error instanceof DropboxResponseError, error);
  assert.equal(error.status, status);
  return error;
}

const consume = (link, body, type = "application/octet-stream") =>
  upload(link, { method: "POST", body, headers: { "Content-Type": type } });

async function mintAndUse(dbx) {
  const first = (await dbx.filesUpload({ path: "/in/report.txt", contents: "the first version" })).result;
  const data = crypto.randomBytes(5 * 1024 * 1024 + 1);
  const minted = await dbx.filesGetTemporaryUploadLink({
    commit_info: {
      path: "/in/report.txt",
      mode: { ".tag": "update", update: first.rev },
      autorename: true,
      client_modified: "2015-05-12T15:50:38Z",
      mute: true,
      property_groups: [
        {
          template_id: "ptid:1a5n2i6d3OYEAAAAAAAAAYa",
          fields: [{ name: "Security Policy", value: "Confidential" }],
        },
      ],
      strict_conflict: true,
    },
    duration: 3600,
  });
  const link = minted.result.link;
  ok("mint_with_every_field");

  const answer = await consume(link, data);
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { "content-hash": contentHash(data) });
  ok("consume");

  const { result } = await dbx.filesDownload({ path: "/in/REPORT.txt" });
  assert.ok(Buffer.from(result.fileBinary).equals(data));
  assert.equal(result.content_hash, contentHash(data));
  assert.equal(result.client_modified, "2015-05-12T15:50:38Z");
  assert.equal(result.id, first.id);
  assert.notEqual(result.rev, first.rev);
  const again = (await dbx.filesGetMetadata({ path: result.id })).result;
  assert.deepEqual([again.rev, again.path_display], [result.rev, "/in/report.txt"]);
  const old = (await dbx.filesDownload({ path: `rev:${first.rev}` })).result;
  assert.equal(old.fileBinary.toString(), "the first version");
  ok("read_back");

  const gone = await consume(link, "again");
  assert.deepEqual([gone.status, await gone.text()], [410, "Temporary upload link has been recently consumed."]);
  ok("used_link");
}

async function names(dbx) {
  for (const expected of ["ü €.txt", "ü € (1).txt"]) {
    // JavaScript users write unions as bare strings.
    const commit_info = { path: "/names/ü €.txt", mode: "add", autorename: true };
    const { link } = (await dbx.filesGetTemporaryUploadLink({ commit_info })).result;
    const answer = await consume(link, expected, "text/plain;charset=UTF-8");
    assert.equal(answer.status, 200);
    const { result } = await dbx.filesDownload({ path: `/names/${expected}` });
    assert.deepEqual([result.name, result.fileBinary.toString()], [expected, expected]);
  }
  ok("autorename");

  const taken = (await dbx.filesGetTemporaryUploadLink({ commit_info: { path: "/names/ü €.txt" } })).result;
  assert.equal((await consume(taken.link, "a third one")).status, 409);
  ok("link_conflict");

  const { link } = (await dbx.filesGetTemporaryUploadLink({ commit_info: { path: "/names/none.txt" } })).result;
  const untyped = await upload(link, { method: "POST", body: Buffer.from("without a type") });
  assert.equal(untyped.status, 400);
  ok("link_without_type");
}

async function errors(dbx) {
  const bad = await refused(400, () => dbx.filesListFolder({ path: "/" }));
  assert.match(bad.error, /^Error in call to API function "files\/list_folder": /);
  ok("bad_input");

  const expired = await refused(401, () => client("expired-token").checkUser({ query: "x" }));
  assert.equal(expired.error.error[".tag"], "expired_access_token");
  ok("expired_token");

  const scope = await refused(401, () => client("narrow-token").filesGetMetadata({ path: "/a" }));
  assert.deepEqual(scope.error.error, { ".tag": "missing_scope", required_scope: "files.metadata.read" });
  ok("missing_scope");

  const missing = await refused(409, () => dbx.filesGetMetadata({ path: "/nothing" }));
  assert.deepEqual(missing.error.error, { ".tag": "path", path: { ".tag": "not_found" } });
  assert.match(missing.error.error_summary, /^path\/not_found\//);
  ok("api_error");

  const pathRoot = JSON.stringify({ ".tag": "root", root: "999999" });
  const root = await refused(422, () => client(token, { pathRoot }).filesGetMetadata({ path: "/a" }));
  assert.equal(root.error.error[".tag"], "invalid_root");
  ok("path_root");
}

async function trouble() {
  const limited = client("limited-token");
  const slowDown = await refused(429, () => limited.checkUser({ query: "x" }));
  assert.equal(slowDown.error.error.reason[".tag"], "too_many_requests");
  assert.equal(slowDown.headers.get("retry-after"), "1");
  ok("rate_limit");
  // The SDK leaves waiting to its user.
  await new Promise((resolve) => setTimeout(resolve, 1000 * slowDown.headers.get("retry-after")));
  await refused(429, () => limited.checkUser({ query: "x" }));
  assert.equal((await limited.checkUser({ query: "patience" })).result.result, "patience");
  ok("rate_limit_retried");

  const broken = client("broken-token");
  await refused(500, () => broken.checkUser({ query: "x" }));
  ok("server_error");
  await refused(500, () => broken.checkUser({ query: "x" }));
  assert.equal((await broken.checkUser({ query: "again" })).result.result, "again");
  ok("server_error_retried");
}

async function refresh() {
  const app = { clientId: "key", clientSecret: "secret", ...sdk };
  const auth = new DropboxAuth({ ...app, refreshToken: "good-refresh-token" });
  const renewed = new Dropbox({ auth, ...sdk });
  assert.equal((await renewed.checkUser({ query: "x" })).result.result, "x");
  assert.match(auth.getAccessToken(), /^sl\./);
  ok("refresh");

  const revoked = new DropboxAuth({ ...app, refreshToken: "revoked-refresh-token" });
  const error = await refused(400, () => revoked.refreshAccessToken());
  assert.equal(error.error.error, "invalid_grant");
  ok("revoked_refresh");
}

async function main() {
  const dbx = client(token);
  await mintAndUse(dbx);
  await names(dbx);
  await errors(dbx);
  await trouble();
  // The SDK's refresh ignores `domainDelimiter`: it would ask a host that does not resolve.
  if (way !== "domain") {
    await refresh();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
