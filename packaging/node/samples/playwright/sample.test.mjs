import { expect, test } from "fake-dropbox/playwright";

test("a page uploads through a link of Dropbox's own name", async ({ page, dropbox }) => {
  await page.goto("https://www.dropbox.com/");
  const status = await page.evaluate(async (token) => {
    const minted = await fetch("https://api.dropboxapi.com/2/files/get_temporary_upload_link", {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ commit_info: { path: "/in/a.txt" } }),
    });
    const { link } = await minted.json();
    const headers = { "Content-Type": "application/octet-stream" };
    return (await fetch(link, { method: "POST", headers, body: "hello" })).status;
  }, dropbox.token);
  expect(status).toBe(200);
  await expect(dropbox).toHaveFile("/in/a.txt", "hello");
});

test("a fault that never fires fails the test", async ({ dropbox }) => {
  test.fail();
  await dropbox.fail({ route: "upload_link", status: 503 });
});
