"use strict";
// Matchers for expect() of Jest, Vitest and Playwright.

const matchers = {
  /** expect(dropbox).toHaveFile("/in/a.txt", "hello"): a file is there, and has this content. */
  async toHaveFile(account, path, content) {
    const file = account.file(path);
    const status = await file.status();
    if (status === undefined || !status.file) {
      const there = (await account.files()).filter((entry) => entry.file).map((entry) => entry.path);
      const what = status ? "a folder is" : "nothing is";
      const list = there.length ? `The account has ${there.slice(0, 10).join(", ")}` : "The account is empty";
      return { pass: false, message: () => `${what} at ${path}. ${list}.` };
    }
    if (content === undefined) return { pass: true, message: () => `a file is at ${path}` };
    const expected = Buffer.from(content);
    const found = await file.bytes();
    if (found.equals(expected)) return { pass: true, message: () => `${path} has this content` };
    const at = expected.findIndex((byte, index) => byte !== found[index]);
    const from = at < 0 ? expected.length : at;
    const show = (bytes) => JSON.stringify(bytes.subarray(from, from + 40).toString());
    return {
      pass: false,
      message: () =>
        `${path} has other content (${found.length} bytes, expected ${expected.length}): ` +
        `from byte ${from} on it has ${show(found)}, expected ${show(expected)}`,
    };
  },
};

module.exports = { matchers };
