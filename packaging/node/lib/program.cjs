"use strict";
// Where the program is.
const fs = require("node:fs");
const path = require("node:path");

const EXE = process.platform === "win32" ? ".exe" : "";

/** The path of the program: FAKE_DROPBOX_BIN, the package for this platform, or the PATH. */
function findProgram() {
  const named = process.env.FAKE_DROPBOX_BIN;
  if (named) {
    if (!isProgram(named)) throw new Error(`FAKE_DROPBOX_BIN names ${named}, which is not a program.`);
    return named;
  }
  const platform = `${process.platform}-${process.arch}`;
  try {
    return require.resolve(`fake-dropbox-${platform}/bin/fake-dropbox${EXE}`);
  } catch {
    // It is optional: npm leaves it out where it does not fit.
  }
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    // npm puts the starter of this very package on the PATH of its scripts.
    if (!folder || folder.endsWith(path.join("node_modules", ".bin"))) continue;
    const candidate = path.join(folder, `fake-dropbox${EXE}`);
    if (isProgram(candidate) && !fs.realpathSync(candidate).endsWith(".cjs")) return candidate;
  }
  throw new Error(
    `There is no program for ${platform}: the package fake-dropbox-${platform} is not installed. ` +
      "Install without --omit=optional, or name the program in FAKE_DROPBOX_BIN.",
  );
}

function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

module.exports = { findProgram };
