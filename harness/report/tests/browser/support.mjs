/** Pages that chatspec has written, and a browser to read them with. */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const fromRoot = (name, otherwise) => path.resolve(ROOT, process.env[name] ?? otherwise);

/** The binary under test, the browser that its pages are read with, and where pictures are put. */
const CHATSPEC = fromRoot("CHATSPEC", "target/debug/chatspec");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const PICTURES = fromRoot("REPORT_SCREENSHOTS", "target/report-screenshots");

/** Far beyond what anything takes on a busy machine, in milliseconds. */
const DEADLINE = 30_000;

/** Runs chatspec; gives what it said, whatever its verdict. */
export function chatspec(args, cwd = ROOT) {
  return new Promise((done, failed) => {
    const options = { cwd, maxBuffer: 1 << 28 };
    execFile(CHATSPEC, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") failed(error);
      else done({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

/** A folder of its own, which goes with the process. */
export function folder() {
  const place = mkdtempSync(path.join(tmpdir(), "chatspec-page-"));
  process.on("exit", () => rmSync(place, { recursive: true, force: true }));
  return place;
}

/** The reference server, until it is stopped. */
export async function reference() {
  const { PORT, HOST, ...env } = process.env;
  const child = spawn(CHATSPEC, ["serve", "--listen", "127.0.0.1:0"], { env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(child.stdout)) {
    const url = line.match(/^listening on (http:\/\/127\.0\.0\.1:\d+)$/)[1];
    const ended = once(child, "exit");
    return { url, stop: () => (child.kill(), ended) };
  }
  throw new Error("the reference did not start");
}

/** A browser with a profile of its own, which it leaves behind nowhere. */
export async function browse() {
  const quiet = ["background-networking", "quic", "component-update", "sync", "gpu"];
  return await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--no-first-run", ...quiet.map((what) => `--disable-${what}`)],
  });
}

/** A page in a window of its own. Whatever the browser complains of, and whatever it asks for, is kept. */
export class Reader {
  /** @type {string[]} */
  complaints = [];
  /** @type {string[]} */
  requests = [];

  /** @param {import("playwright-core").Page} page */
  constructor(page, file) {
    this.page = page;
    this.file = file;
    page.setDefaultTimeout(DEADLINE);
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("dialog", (dialog) => this.complaints.push(`a dialog: ${dialog.message()}`));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("request", (request) => this.requests.push(request.url()));
  }

  static async open(browser, file, { prepare = undefined, at = "", ...options } = {}) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    const page = await context.newPage();
    const reader = new Reader(page, file);
    await prepare?.(page);
    await page.goto(pathToFileURL(file).href + at);
    return reader;
  }

  /** How many cases are to be seen, folded or not. */
  async shown() {
    return await this.page.locator(".scenario:not([hidden]) > .case:not([hidden])").count();
  }

  /** Waits until the form says so. */
  async counts(words) {
    await this.page.locator("#count", { hasText: words }).waitFor();
  }

  async picture(name, locator = this.page) {
    mkdirSync(PICTURES, { recursive: true });
    await locator.screenshot({ path: path.join(PICTURES, `${name}.png`) });
  }

  /** Nothing went wrong, and nothing was asked for but the file. */
  async isContent() {
    assert.deepEqual(this.complaints, []);
    const others = this.requests.filter((url) => !url.startsWith(pathToFileURL(this.file).href));
    assert.deepEqual(others, []);
    await this.page.context().close();
  }
}
