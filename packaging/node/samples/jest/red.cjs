// Not found by itself: the check runs it and wants it to fail.
test("a fault that never fires fails the test", async () => {
  await dropbox.fail({ route: "upload_link", status: 503 });
});

test("a failing test shows its requests", async () => {
  const headers = { Authorization: `Bearer ${dropbox.token}` };
  await dropbox.fetch("https://api.dropboxapi.com/2/check/user", { method: "POST", headers });
  expect(1).toBe(2);
});
