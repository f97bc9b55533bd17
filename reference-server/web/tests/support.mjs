/** Tests that have a server of their own, a browser, and people in it. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const fromRoot = (name, otherwise) => path.resolve(ROOT, process.env[name] ?? otherwise);

/** The binary under test, the browser that it is tested with, and where pictures are put. */
const SERVER = fromRoot("REFERENCE_SERVER", "target/debug/reference-server");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const PICTURES = fromRoot("PAGE_SCREENSHOTS", "target/page-screenshots");

/** Far beyond what anything takes on a busy machine, in milliseconds. */
const DEADLINE = 20_000;

/** A server process, which can be ended and started again on its port. */
export class Server {
  #child;
  #port = 0;

  static async start() {
    const server = new Server();
    await server.start();
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}/`;
  }

  async start() {
    const { PORT, HOST, ...env } = process.env;
    const options = { env, stdio: ["ignore", "pipe", "inherit"] };
    this.#child = spawn(SERVER, ["--listen", `127.0.0.1:${this.#port}`], options);
    for await (const line of createInterface(this.#child.stdout)) {
      this.#port = Number(line.match(/^listening on http:\/\/127\.0\.0\.1:(\d+)$/)[1]);
      return;
    }
    throw new Error(`${SERVER} did not start`);
  }

  /** Nothing is answered any more, and nobody is told. */
  freeze() {
    this.#child.kill("SIGSTOP");
  }

  /** @param {"SIGKILL" | "SIGTERM"} signal at once, or with a goodbye to everyone */
  async stop(signal = "SIGKILL") {
    const ended = once(this.#child, "exit");
    if (this.#child.exitCode === null && this.#child.kill(signal)) await ended;
  }
}

/** A browser with a profile of its own, which it leaves behind nowhere. */
export async function browse() {
  const quiet = ["background-networking", "quic", "component-update", "sync", "gpu"];
  return await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--no-first-run", ...quiet.map((what) => `--disable-${what}`)],
  });
}

/** Tests run beside each other: much of their time is spent with waiting for a page to connect again. */
const AT_ONCE = 4;

/**
 * Declares tests that share a browser and nothing else.
 *
 * @param {string} title
 * @param {(scenario: (name: string, run: (stage: Stage) => Promise<void>, excused?: RegExp) => void) => void}
 *   declare `excused` is what a browser may complain of in this test, since the test is its cause
 */
export function scenarios(title, declare) {
  describe(title, { concurrency: AT_ONCE }, () => {
    /** @type {import("playwright-core").Browser} */
    let browser;
    before(async () => {
      browser = await browse();
    });
    after(async () => {
      await browser?.close();
    });
    declare((name, run, excused) =>
      test(name, async () => {
        const stage = new Stage(browser, await Server.start());
        try {
          await run(stage);
          for (const person of stage.people) await person.isContent(excused);
        } finally {
          await stage.clear();
        }
      }),
    );
  });
}

/** A server, and the people who have come to it. */
export class Stage {
  /** @type {Person[]} */
  people = [];
  #browser;

  constructor(browser, server) {
    this.#browser = browser;
    this.server = server;
  }

  /**
   * Somebody with a window at the page, which is not entered yet.
   *
   * @param {object} options of the window, and
   * @param {string} options.query what is added to the page's address
   * @param {(page: import("playwright-core").Page) => Promise<void>} options.prepare what is done before
   *   the page is opened
   */
  async at(nickname, { query = "", prepare = undefined, ...options } = {}) {
    const viewport = { width: 900, height: 640 };
    const context = await this.#browser.newContext({ viewport, ...options });
    const page = await context.newPage();
    const person = new Person(page, nickname);
    this.people.push(person);
    await page.addInitScript(() => {
      globalThis.violations = [];
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
        globalThis.violations.push(`${violatedDirective}: ${blockedURI} ${sample}`),
      );
      globalThis.told = [];
      addEventListener("DOMContentLoaded", () => {
        const status = document.getElementById("status");
        const watch = new MutationObserver(() => globalThis.told.push(status.textContent));
        watch.observe(status, { childList: true });
      });
    });
    await prepare?.(page);
    await page.goto(this.server.url + query);
    return person;
  }

  /** Somebody who has entered. */
  async in(room, nickname, options = {}) {
    const person = await this.at(nickname, options);
    await person.enter(room);
    return person;
  }

  async clear() {
    for (const { page } of this.people) await page.context().close();
    await this.server.stop();
  }
}

/** What somebody does and sees in a window of their own. Whatever the browser complains of is kept. */
export class Person {
  /** @type {string[]} */
  complaints = [];
  /** @type {string[]} The transports that were used, one for each request or WebSocket. */
  transports = [];
  /** How many WebSockets are open. */
  sockets = 0;

  /** @param {import("playwright-core").Page} page */
  constructor(page, nickname) {
    this.page = page;
    this.nickname = nickname;
    page.setDefaultTimeout(DEADLINE);
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.complaints.push(`${message.text()} (${message.location().url})`);
      }
    });
    page.on("dialog", (dialog) => this.complaints.push(`a dialog: ${dialog.message()}`));
    page.on("websocket", (socket) => {
      this.transports.push("websocket");
      this.sockets += 1;
      socket.on("close", () => (this.sockets -= 1));
    });
    page.on("request", (request) => {
      const transport = new URL(request.url()).searchParams.get("transport");
      if (transport) this.transports.push(transport);
    });
  }

  async enter(room) {
    await this.page.getByLabel("Nickname").fill(this.nickname);
    await this.page.getByLabel("Room").fill(room);
    await this.page.getByRole("button", { name: "Enter" }).click();
    await this.page.getByRole("heading", { name: room, level: 1 }).waitFor();
  }

  async write(text) {
    const field = this.page.getByLabel("Message", { exact: true });
    await field.fill(text);
    await field.press("Enter");
  }

  /** Everything that is said in the room, as it is read. */
  async lines() {
    return await this.page.locator("#lines > li").allInnerTexts();
  }

  /** Waits until the last line is `line`. */
  async reads(line) {
    await this.page.locator("#lines > li:last-child", { hasText: exactly(line) }).waitFor();
  }

  /** How far from the beginning of what was said one reads, and how far from its end, in pixels. */
  async place() {
    return await this.page
      .getByRole("log")
      .evaluate(({ scrollTop, scrollHeight, clientHeight }) => [
        scrollTop,
        scrollHeight - clientHeight - scrollTop,
      ]);
  }

  /** Waits until the end of more than fits is in sight. */
  async readsTheEnd() {
    await eventually(async () => {
      const [above, below] = await this.place();
      assert.ok(above > 0 && below <= 2, `${above} pixels above, ${below} below`);
    });
  }

  /** Waits until the messages that are not confirmed yet read so. */
  async hasUnconfirmed(...texts) {
    await eventually(async () => {
      const found = await this.page.locator("#outbox > li").allInnerTexts();
      assert.deepEqual(
        found.map((text) => text.replace(/\s+/g, " ")),
        texts,
      );
    });
  }

  /** Waits until the state of the connection reads so. */
  async isTold(words) {
    await this.page.getByRole("status").filter({ hasText: words }).waitFor();
  }

  /** The state of the connection has read so for a moment at least. */
  async wasTold(words) {
    await eventually(async () => {
      const told = await this.page.evaluate(() => globalThis.told);
      assert.ok(
        told.some((state) => state.includes(words)),
        `${words} in ${told.join("\n")}`,
      );
    });
  }

  /** @param {string} name of the picture that is kept for whoever wants to see what was tested */
  async picture(name) {
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
  }

  /** Nothing went wrong in this window but what the test itself has caused. */
  async isContent(excused = /^$/) {
    const complaints = this.complaints.filter((complaint) => !excused.test(complaint));
    assert.deepEqual(complaints, [], `what ${this.nickname}'s browser complains of`);
    assert.deepEqual(await this.page.evaluate(() => globalThis.violations), []);
  }
}

/** What a browser says of a server that is not there. */
export const GONE = /net::ERR_|WebSocket connection to/;

/** Runs `check` again until it passes, or fails as it failed last. */
export async function eventually(check) {
  const end = Date.now() + DEADLINE;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function exactly(text) {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
