/** The page of a run: by mouse and keyboard, without eyes, in the dark, on paper, without its script. */

import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import { browse, chatspec, folder, Reader } from "./support.mjs";

const FEW = ["--target", "mutant:none", "--target", "mutant:welcome-to-everyone"];
/** They break nearly every case, and at once. */
const MANY = ["ack-with-arguments", "ack-with-null", "welcome-to-everyone"].flatMap((name) => ["--target", `mutant:${name}`]);
const FAILURE = "2:chat/welcome/announced-to-room@websocket";

describe("the page of a run", () => {
  const place = folder();
  const few = path.join(place, "few.html");
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    browser = await browse();
    const { code } = await chatspec(["run", "chat/welcome", "chat/text", "--jobs", "1", "--seed", "7", ...FEW, "--html", few]);
    assert.equal(code, 1);
  });
  after(async () => await browser?.close());

  const withChecker = (page) => page.addInitScript({ content: axe.source });
  /** What a checker of accessibility finds, in words. */
  const barriers = async (reader) => {
    const { violations } = await reader.page.evaluate(() => globalThis.axe.run());
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}\n${html.slice(0, 300)}`));
  };
  const failure = (reader) => reader.page.locator(`[id="${FAILURE}"]`);

  for (const colorScheme of ["light", "dark"]) {
    test(`a checker of accessibility finds nothing (${colorScheme})`, async () => {
      const reader = await Reader.open(browser, few, { colorScheme, prepare: withChecker });
      const paper = await reader.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(paper, colorScheme === "dark" ? "rgb(20, 24, 29)" : "rgb(255, 255, 255)");
      assert.deepEqual(await barriers(reader), []);
      await reader.picture(`top-${colorScheme}`);
      await failure(reader).locator("> summary").click();
      for (const more of await failure(reader).locator("details > summary").all()) await more.click();
      assert.deepEqual(await barriers(reader), []);
      await reader.picture(`failure-${colorScheme}`, failure(reader));
      await reader.isContent();
    });
  }

  test("a failure says everything about itself", async () => {
    const reader = await Reader.open(browser, few, { at: `#${FAILURE}` });
    const case_ = failure(reader);
    await case_.locator("dt", { hasText: "expected" }).waitFor();
    const words = await case_.innerText();
    for (const part of ["FAIL", "ana received", "expected", "actual", "anomaly", "took", "announced-to-room.chat:"]) {
      assert.ok(words.includes(part), `${part} in ${words}`);
    }
    assert.match(words, /Again: chatspec run chat\/welcome\/announced-to-room@websocket --target mutant:welcome-to-everyone --seed 7/);
    const svg = case_.locator("svg");
    assert.match(await svg.getAttribute("aria-label"), /^Sequence of chat\/welcome\/announced-to-room@websocket/);
    assert.match(await svg.locator("text.k").first().textContent(), /^> welcome "Eve"/);
    assert.equal(await svg.locator("rect.b").count(), 1);
    await case_.getByText("Line by line").click();
    const row = case_.locator("tr.m");
    assert.match(await row.innerText(), /^> [\d.]+\s+ana <- welcome "Eve"\s+42\["welcome","Eve"\]\s*$/);
    const passed = reader.page.locator(`[id="${FAILURE.replace("2:", "1:")}"]`);
    await passed.locator("> summary").click();
    assert.match(await passed.innerText(), /proven by flush and fence/);
    const scenario = reader.page.locator('[id="chat/welcome/announced-to-room"]');
    assert.equal(await scenario.getAttribute("open"), "");
    await scenario.getByText("The scenario", { exact: false }).click();
    assert.match(await scenario.locator("pre").first().innerText(), /^# A newcomer is announced/);
    await scenario.getByRole("link", { name: "seed.welcome" }).click();
    const clause = reader.page.locator('[id="clause:seed.welcome"] + dd');
    await clause.getByText("Everyone else in the room is told").waitFor();
    assert.equal(await clause.getByRole("link", { name: "seed contract" }).getAttribute("href"), "#seed-contract");
    await reader.isContent();
  });

  test("the matrix leads to the cases", async () => {
    const reader = await Reader.open(browser, few);
    const table = reader.page.getByRole("region", { name: "Cases of chat/welcome" });
    assert.deepEqual(await table.getByRole("columnheader").allInnerTexts(), ["scenario", "level", "mutant:none", "mutant:welcome-to-everyone"]);
    const row = table.getByRole("row", { name: /^announced-to-room/ });
    assert.equal(await row.getByRole("cell").nth(1).innerText(), "pass");
    await row.getByRole("link", { name: "websocket" }).click();
    await failure(reader).locator("dl").first().waitFor();
    await reader.isContent();
  });

  test("filters and search", async () => {
    const reader = await Reader.open(browser, few);
    const { page } = reader;
    const all = await page.locator(".case").count();
    await reader.counts(`${all} of ${all} cases shown`);
    await page.getByLabel("pass", { exact: false }).first().uncheck();
    await page.waitForFunction(() => !document.querySelector('.case[data-v="pass"]:not([hidden])'));
    const broken = await reader.shown();
    assert.ok(broken > 0 && broken < all);
    await page.getByLabel("Transport").selectOption("polling");
    await page.getByLabel("Search").fill("ANNOUNCED-to-room");
    await reader.counts(`1 of ${all} cases shown`);
    assert.equal(await page.locator(".chapter:not([hidden])").count(), 1);
    await page.getByLabel("Search").fill("no such words");
    await reader.counts(`0 of ${all} cases shown`);
    await page.getByLabel("Search").fill('42["welcome","Eve"]'); // packets are searched too
    await page.waitForFunction(() => !document.getElementById("count").value.startsWith("0 of"));
    await page.getByLabel("Search").fill("");
    await page.getByRole("combobox", { name: "Target" }).selectOption({ label: "mutant:none" });
    await reader.counts(`0 of ${all} cases shown`);
    // What a link leads to is shown, whatever is asked for.
    await page.evaluate((at) => (location.hash = at), `#${FAILURE}`);
    await failure(reader).locator("dl").first().waitFor();
    await reader.isContent();
  });

  test("everything can be done by keyboard, and it shows where one is", async () => {
    const reader = await Reader.open(browser, few);
    const { page } = reader;
    const at = () => page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return [document.activeElement.innerText || document.activeElement.id, `${outlineStyle} ${outlineWidth}`];
    });
    await page.keyboard.press("Tab");
    assert.deepEqual(await at(), ["to the cases", "solid 3px"]);
    await page.getByLabel("Search").focus();
    await page.keyboard.type("announced-to-room everyone");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => /^[369] of /.test(document.getElementById("count").value));
    await failure(reader).locator("> summary").focus();
    await page.keyboard.press("Enter");
    await failure(reader).locator("dl").first().waitFor();
    assert.equal((await at())[1], "solid 3px");
    await page.keyboard.press("Space");
    await failure(reader).locator("dl").first().waitFor({ state: "hidden" });
    await reader.isContent();
  });

  test("it is read without its script", async () => {
    const reader = await Reader.open(browser, few, { javaScriptEnabled: false });
    const { page } = reader;
    assert.equal(await page.locator("#filter").isVisible(), false);
    await failure(reader).locator("> summary").click();
    await failure(reader).locator("dt", { hasText: "expected" }).waitFor();
    assert.ok(await failure(reader).locator("svg").isVisible());
    await reader.picture("without-script");
    await reader.isContent();
  });

  test("what a server sends stays text", async () => {
    const evil = [`"><script>alert(1)</script>`, `</details></main><img src=x onerror=alert(2)>`, `<svg/onload=alert(3)>`, `<!--`];
    const lines = evil.map((text) => `ana -> new_message ${JSON.stringify(text)} lobby => ()\nben <- new_message "never"\n`);
    const files = evil.map((_, index) => {
      const file = path.join(place, `evil-${index}.chat`);
      const head = `# ${evil[index]} is text.\nmust     seed.relay\ncatches  no-relay\nover     websocket\nclients  ana ben\nrooms    lobby\nin       lobby: ana ben\n\n`;
      writeFileSync(file, head + lines[index]);
      return file;
    });
    const html = path.join(place, "evil.html");
    const command = `cmd:node -e "console.error('</pre><script>alert(4)</script>'); process.exit(3)"`;
    const { code } = await chatspec(["run", ...files, "--target", "reference", "--target", command, "--html", html]);
    assert.equal(code, 1);
    const reader = await Reader.open(browser, html);
    await reader.page.getByRole("button", { name: "Unfold what is shown" }).click();
    assert.equal(await reader.page.locator("script").count(), 1);
    assert.equal(await reader.page.locator("img").count(), 0);
    const words = await reader.page.locator("body").textContent();
    for (const text of evil) assert.ok(words.includes(text), text);
    assert.ok(words.includes("<script>alert(4)</script>"));
    await reader.isContent();
  });

  test("nothing could run or load that is not ours", async () => {
    const html = path.join(place, "injected.html");
    const page = readFileSync(few, "utf8");
    writeFileSync(html, page.replace("<h1>", `<script>globalThis.ran = true</script><img src="https://example.org/x.png"><h1>`));
    const reader = await Reader.open(browser, html);
    await reader.counts("cases shown");
    assert.equal(await reader.page.evaluate(() => globalThis.ran), undefined);
    assert.equal(reader.complaints.length, 2, "the policy refuses both");
    assert.ok(reader.complaints.every((words) => words.includes("Content Security Policy")), reader.complaints.join("\n"));
    await reader.page.context().close();
  });

  test("it fits on a small phone, and on paper everything is unfolded", async () => {
    const phone = { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true };
    const reader = await Reader.open(browser, few, { ...phone, at: `#${FAILURE}` });
    const wide = await reader.page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(wide, 320, "it scrolls sideways");
    await reader.picture("phone");
    await reader.page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await reader.page.locator(".case:not([open])").count(), 0);
    await reader.isContent();
  });

  test("a thousand failures stay usable", async () => {
    const html = path.join(place, "many.html");
    await chatspec(["run", "--seed", "7", "--jobs", "16", ...MANY, "--html", html]);
    const bytes = statSync(html).size;
    assert.ok(bytes < 5_000_000, `${bytes} bytes`);
    const reader = await Reader.open(browser, html, { prepare: withChecker });
    const { page } = reader;
    await page.getByLabel("pass", { exact: false }).first().uncheck();
    await page.getByLabel("skipped", { exact: false }).first().uncheck();
    const begin = performance.now();
    await page.getByLabel("Search").fill("announced-to-room@polling");
    await page.waitForFunction(() => /^[1-9] of /.test(document.getElementById("count").value));
    const search = performance.now() - begin;
    await page.getByLabel("Search").fill("");
    await page.waitForFunction(() => /^\d{3,} of |^1\d{3} of /.test(document.getElementById("count").value));
    const broken = await reader.shown();
    assert.ok(broken >= 900, `${broken} cases are broken`);
    const loaded = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd);
    console.log(`${broken} cases to look at, ${(bytes / 1e6).toFixed(2)} MB; read in ${loaded.toFixed(0)} ms, searched in ${search.toFixed(0)} ms`);
    await page.evaluate(() => document.querySelector(".case[data-v=fail]").scrollIntoView());
    await reader.picture("a-thousand");
    await reader.isContent();
  });
});
