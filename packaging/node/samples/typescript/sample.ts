// Checked by `tsc --strict`, not run.
import { FakeDropbox, type JournalEntry, type LinkStatus } from "fake-dropbox";

export async function sample(): Promise<number | null | undefined> {
  const server = await FakeDropbox.start({ args: ["--seed", "7"] });
  const dropbox = await server.account({ quota: 1000, dialect: "2025" });
  await dropbox.fail({ route: "upload_link", afterCommit: "reset", times: "unlimited" });
  await dropbox.fail({ route: "files/list_folder", status: 429, retryAfter: 2 });
  await dropbox.fail({ body: { delay: { milliseconds: 5 } }, afterBytes: 10 });
  // @ts-expect-error: there is no such moment
  await dropbox.fail({ afterwards: "reset" });
  // @ts-expect-error: there is no such answer
  await dropbox.fail({ answer: "no_such_answer" });
  const links: LinkStatus[] = await dropbox.links();
  const state: "fresh" | "in_flight" | "locked" | "consumed" | "expired" = links[0].state;
  const entry: JournalEntry = await dropbox.waitForRequest({ route: "upload_link", status: 200 });
  console.log(state, entry.route, (await dropbox.file("/a").bytes()).length);
  await server.stop();
  return entry.status;
}
