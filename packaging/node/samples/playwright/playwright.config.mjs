import { defineConfig } from "@playwright/test";

export default defineConfig({
  testMatch: "*.test.mjs",
  use: { launchOptions: { executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] } },
});
