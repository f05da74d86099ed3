import type { Account, FakeDropbox, TestOptions } from "./index.js";
import type { TestAPI, ExpectStatic } from "vitest";

interface Fixtures {
  dropbox: Account;
  fakeDropbox: FakeDropbox;
  dropboxOptions: TestOptions;
}
export const test: TestAPI<Fixtures>;
export const it: typeof test;
export const expect: ExpectStatic;

declare module "vitest" {
  interface Matchers<T = any> {
    toHaveFile(path: string, content?: string | Uint8Array): Promise<T>;
  }
}
