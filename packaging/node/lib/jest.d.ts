import type { Account, FakeDropbox, TestOptions } from "./index.js";

declare global {
  /** This test's account, from the environment fake-dropbox/jest/environment. */
  var dropbox: Account;
  var fakeDropbox: FakeDropbox;
  var dropboxOptions: TestOptions;
  namespace jest {
    interface Matchers<R> {
      toHaveFile(path: string, content?: string | Uint8Array): Promise<R>;
    }
  }
}
export declare const matchers: Record<string, unknown>;
