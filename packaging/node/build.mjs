// Makes the packages to publish: node build.mjs --program FILE [--platform linux-x64] --out DIR
// FILE is a built fake-dropbox for that platform, which has to run here for the types of the main package.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

const here = import.meta.dirname;
const { values } = parseArgs({
  options: {
    program: { type: "string" },
    platform: { type: "string", default: `${process.platform}-${process.arch}` },
    out: { type: "string" },
  },
});
if (!values.program || !values.out) {
  console.error("usage: node build.mjs --program FILE [--platform linux-x64] --out DIR");
  process.exit(2);
}
const manifest = JSON.parse(readFileSync(path.join(here, "package.json"), "utf8"));
const name = `${manifest.name}-${values.platform}`;
if (!(name in manifest.optionalDependencies)) {
  console.error(`There is no package for ${values.platform}; package.json names ${Object.keys(manifest.optionalDependencies).join(", ")}.`);
  process.exit(2);
}
const version = execFileSync(values.program, ["--version"], { encoding: "utf8" }).trim().split(" ").at(-1);
if (version !== manifest.version) {
  console.error(`The program is ${version}, package.json says ${manifest.version}: make them the same.`);
  process.exit(1);
}

const out = path.resolve(values.out);
const main = path.join(out, manifest.name);
rmSync(main, { recursive: true, force: true });
for (const part of ["bin", "lib", "package.json", "README.md"]) {
  cpSync(path.join(here, part), path.join(main, part), { recursive: true });
}
writeFileSync(path.join(main, "lib/controls.d.ts"), await types(values.program));

const [os, cpu] = values.platform.split("-");
const exe = os === "win32" ? "fake-dropbox.exe" : "fake-dropbox";
const platform = path.join(out, name);
rmSync(platform, { recursive: true, force: true });
mkdirSync(path.join(platform, "bin"), { recursive: true });
copyFileSync(values.program, path.join(platform, "bin", exe));
chmodSync(path.join(platform, "bin", exe), 0o755);
writeFileSync(
  path.join(platform, "package.json"),
  JSON.stringify(
    { name, version, description: `The program fake-dropbox for ${values.platform}.`, license: manifest.license, os: [os], cpu: [cpu], files: ["bin"] },
    null,
    2,
  ),
);
console.log(`${main}\n${platform}`);

/** The types of the controls, from the OpenAPI document of the program itself. */
async function types(program) {
  const { default: openapi, astToString } = await import("openapi-typescript");
  process.env.FAKE_DROPBOX_BIN = path.resolve(program);
  const { FakeDropbox } = await import("./lib/index.mjs");
  const server = await FakeDropbox.start();
  const document = await (await fetch(`${server.url}/_fake/v1/openapi.json`)).json();
  await server.stop();
  return astToString(await openapi(document));
}
