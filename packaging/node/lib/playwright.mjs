// Playwright: `import { test, expect } from "fake-dropbox/playwright"`. The page reaches the fake under
// Dropbox's own names, and `dropbox` is an account of the test's own.
import { expect as baseExpect, test as base } from "@playwright/test";
import { matchers } from "./matchers.cjs";
import shared from "./shared.cjs";

export const expect = baseExpect.extend(matchers);

const HOSTS = ["api.dropboxapi.com", "content.dropboxapi.com", "notify.dropboxapi.com", "www.dropbox.com", "api.dropbox.com"];

export const test = base.extend({
  /** Settings of the account: quota, scopes, assume, dialect, denied, unusedLinks, unfiredFaults. */
  dropboxOptions: [{}, { option: true }],
  fakeDropbox: [
    // Playwright reads the names of the fixtures from this pattern.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await use(await shared.sharedServer());
      await shared.stopSharedServer();
    },
    { scope: "worker" },
  ],
  // Only Dropbox's names lead to the fake; every other host is reached as ever.
  launchOptions: [
    async ({ fakeDropbox, launchOptions, browserName }, use) => {
      if (browserName !== "chromium") return use(launchOptions);
      const target = new URL(fakeDropbox.url).host;
      const rules = HOSTS.map((host) => `MAP ${host} ${target}`).join(", ");
      await use({ ...launchOptions, args: [...(launchOptions.args ?? []), `--host-resolver-rules=${rules}`] });
    },
    { scope: "worker" },
  ],
  // Other browsers have no such rule: they take the fake as their proxy, which leads to Dropbox's hosts only.
  proxy: async ({ fakeDropbox, proxy, browserName }, use) => {
    await use(browserName === "chromium" ? proxy : { server: fakeDropbox.url, bypass: "localhost,127.0.0.1" });
  },
  ignoreHTTPSErrors: true,
  dropbox: async ({ fakeDropbox, dropboxOptions }, use, testInfo) => {
    const account = await fakeDropbox.account({ name: testInfo.title, ...dropboxOptions });
    await use(account);
    if (testInfo.status !== "passed") {
      const body = await shared.requestsOf(account, testInfo.title);
      await testInfo.attach("fake-dropbox requests", { body, contentType: "text/plain" });
      return;
    }
    const error = await shared.leftOverError(account, dropboxOptions);
    if (error) throw error;
  },
});
