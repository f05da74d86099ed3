import type { Account, FakeDropbox, TestOptions } from "./index.js";
import type { Expect, PlaywrightTestArgs, PlaywrightTestOptions, PlaywrightWorkerArgs, PlaywrightWorkerOptions, TestType } from "@playwright/test";

export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & { dropbox: Account; dropboxOptions: TestOptions },
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & { fakeDropbox: FakeDropbox }
>;
export const expect: Expect<{
  toHaveFile(account: Account, path: string, content?: string | Uint8Array): Promise<{ pass: boolean; message: () => string }>;
}>;
