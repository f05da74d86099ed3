import index from "./index.cjs";

export const { Account, Clock, ControlError, FakeDropbox, File } = index;
