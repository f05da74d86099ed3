const { Dropbox } = require("dropbox");

test("the file arrives", async () => {
  const client = new Dropbox({ accessToken: dropbox.token, fetch: dropbox.fetch });
  await client.filesUpload({ path: "/in/a.txt", contents: "hello" });
  await expect(dropbox).toHaveFile("/in/a.txt", "hello");
  await expect(expect(dropbox).toHaveFile("/in/b.txt")).rejects.toThrow(/nothing is at \/in\/b\.txt/);
});

test("each test has an account of its own", async () => {
  await expect(dropbox).not.toHaveFile("/in/a.txt");
});
