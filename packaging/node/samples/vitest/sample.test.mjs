import { Dropbox } from "dropbox";
import { describe } from "vitest";
import { expect, test } from "fake-dropbox/vitest";

test("the file arrives", async ({ dropbox }) => {
  const client = new Dropbox({ accessToken: dropbox.token, fetch: dropbox.fetch });
  await client.filesUpload({ path: "/in/a.txt", contents: "hello" });
  await expect(dropbox).toHaveFile("/in/a.txt", "hello");
  await expect(dropbox).not.toHaveFile("/in/b.txt");
  await expect(expect(dropbox).toHaveFile("/in/a.txt", "hullo")).rejects.toThrow(/from byte 1 on/);
});

describe("a small account", () => {
  test.scoped({ dropboxOptions: { quota: 2 } });
  test("is full soon", async ({ dropbox }) => {
    const client = new Dropbox({ accessToken: dropbox.token, fetch: dropbox.fetch });
    await expect(client.filesUpload({ path: "/a", contents: "hello" })).rejects.toThrow();
  });
});

test.fails("a fault that never fires fails the test", async ({ dropbox }) => {
  await dropbox.fail({ route: "upload_link", status: 503 });
});
