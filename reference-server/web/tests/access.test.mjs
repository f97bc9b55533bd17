/** The page without a mouse, without eyes, in the dark, on a phone, and without its client. */

import assert from "node:assert/strict";
import axe from "axe-core";
import { eventually, GONE, scenarios } from "./support.mjs";

/** What a checker finds against the page as it is now, in words. */
async function barriers(person) {
  const { violations } = await person.page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n${html}\n${failureSummary}`),
  );
}

const withChecker = (page) => page.addInitScript({ content: axe.source });

scenarios("a page for everybody", (scenario) => {
  for (const colorScheme of ["light", "dark"]) {
    scenario(
      `a checker of accessibility finds nothing (${colorScheme})`,
      async (stage) => {
        const options = { colorScheme, reducedMotion: "reduce", prepare: withChecker };
        const ana = await stage.at("Ana", options);
        const dark = await ana.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        assert.equal(dark === "rgb(16, 22, 20)", colorScheme === "dark");
        assert.deepEqual(await barriers(ana), []);
        await ana.picture(`entrance-${colorScheme}`);
        await ana.page.getByRole("button", { name: "Enter" }).click();
        await ana.page.getByRole("alert").filter({ hasText: "Please choose" }).waitFor();
        assert.deepEqual(await barriers(ana), []);

        await ana.enter("lobby");
        const ben = await stage.in("lobby", "Ben");
        await ben.write("Hello!");
        await ana.reads("Ben: Hello!");
        for (let number = 1; number <= 20; number += 1) await ana.write(`line ${number}`);
        await ana.reads("You: line 20");
        assert.deepEqual(await barriers(ana), []);
        await ana.readsTheEnd();
        await ana.picture(`room-${colorScheme}`);

        stage.server.freeze();
        await ana.write("not confirmed");
        await ana.hasUnconfirmed("not confirmed sending …");
        await stage.server.stop();
        await ana.isTold("Connection lost");
        for (let number = 1; number <= 20; number += 1) await ana.write(`waiting ${number}`);
        assert.deepEqual(await barriers(ana), []);
        await ana.readsTheEnd();
        await ana.picture(`away-${colorScheme}`);
        const moving = await ana.page.evaluate(() => document.getAnimations().length);
        assert.equal(moving, 0, "something moves, and was asked not to");
      },
      GONE,
    );
  }

  scenario("everything can be done by keyboard, and it shows where one is", async (stage) => {
    const ana = await stage.at("Ana");
    const { keyboard } = ana.page;
    const isAt = (id) =>
      eventually(async () => {
        const [focused, outline] = await ana.page.evaluate(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
          return [document.activeElement.id, `${outlineStyle} ${outlineWidth}`];
        });
        assert.equal(focused, id);
        assert.equal(outline, "solid 3px");
      });
    await isAt("nickname");
    await keyboard.type("Ana");
    await keyboard.press("Tab");
    await isAt("room");
    await keyboard.type("lobby");
    await keyboard.press("Enter");
    await isAt("text");
    await keyboard.type("by hand");
    await keyboard.press("Enter");
    await ana.reads("You: by hand");
    await isAt("text");
    await keyboard.type("by another hand");
    await keyboard.press("Tab");
    await isAt("send");
    await keyboard.press("Space");
    await ana.reads("You: by another hand");
    await isAt("text");
    await keyboard.press("Shift+Tab");
    await isAt("log");
    await keyboard.press("Shift+Tab");
    await isAt("leave");
    await keyboard.press("Enter");
    await isAt("room");
  });

  scenario("what is said and how the connection is reaches who cannot see it", async (stage) => {
    const ana = await stage.in("lobby", "Ana");
    await ana.write("hello");
    await ana.reads("You: hello");
    assert.equal(
      await ana.page.locator("body").ariaSnapshot(),
      `- banner:
  - heading "lobby" [level=1]
  - button "Leave"
  - status: Connected.
- main:
  - region "lobby":
    - log "Messages":
      - list:
        - listitem: "You: hello"
    - alert
    - text: Message
    - textbox "Message":
      - /placeholder: Write a message
    - button "Send"`,
    );
    const live = await ana.page.getByRole("log").getAttribute("aria-live");
    assert.equal(live, "polite");
  });

  scenario("it fits on a small phone", async (stage) => {
    const phone = { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true };
    const ana = await stage.at("Ana", phone);
    const fits = async () => {
      const { wide, low } = await ana.page.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        low: [...document.querySelectorAll("input, button")].filter((element) => {
          const { bottom, height, right } = element.getBoundingClientRect();
          return height > 0 && (bottom > 568 || right > 320 || height < 44 || height > 48);
        }).length,
      }));
      assert.equal(wide, 320, "it scrolls sideways");
      assert.equal(low, 0, "fields or buttons are out of sight, or not of a finger's size");
    };
    await fits();
    await ana.picture("phone-entrance");
    const name = "room-".repeat(20);
    await ana.enter(name);
    await ana.write("word".repeat(50));
    for (let number = 1; number <= 20; number += 1) await ana.write(`line ${number}`);
    await ana.reads("You: line 20");
    await fits();
    await ana.readsTheEnd();
    await ana.picture("phone-room");
  });

  scenario(
    "without its client it says what is missing",
    async (stage) => {
      const words = "Something is missing.\n\n  npm ci --prefix <somewhere>\n";
      const prepare = (page) =>
        page.route("**/socket.io/socket.io.js", (route) =>
          route.fulfill({ status: 404, contentType: "text/plain; charset=utf-8", body: words }),
        );
      const ana = await stage.at("Ana", { prepare });
      const { page } = ana;
      await page.getByRole("heading", { name: "Something is missing" }).waitFor();
      assert.equal(await page.locator("#what-is-missing").textContent(), words);
      assert.equal(await page.getByLabel("Nickname").isVisible(), false);
      await ana.picture("without-client");
    },
    /status of 404 .*socket\.io\.js\)$/,
  );
});
