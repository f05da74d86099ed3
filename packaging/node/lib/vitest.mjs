// Vitest: `import { test } from "fake-dropbox/vitest"`, then `test("…", async ({ dropbox }) => …)`.
import { expect as baseExpect, test as base } from "vitest";
import { matchers } from "./matchers.cjs";
import shared from "./shared.cjs";

baseExpect.extend(matchers);
export const expect = baseExpect;

export const test = base.extend({
  /** Settings of the account: quota, scopes, assume, dialect, denied, unusedLinks, unfiredFaults. */
  dropboxOptions: {},
  // Vitest reads the names of the fixtures from this pattern.
  // eslint-disable-next-line no-empty-pattern
  fakeDropbox: async ({}, use) => {
    await use(await shared.sharedServer());
  },
  dropbox: async ({ fakeDropbox, dropboxOptions, task }, use) => {
    const account = await fakeDropbox.account({ name: task.name, ...dropboxOptions });
    await use(account);
    if (task.result?.state === "fail") {
      console.error(await shared.requestsOf(account, task.name));
      return;
    }
    const error = await shared.leftOverError(account, dropboxOptions);
    if (error) throw error;
  },
});
export const it = test;
