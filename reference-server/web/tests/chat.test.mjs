/** What people do with the page, when all goes well. */

import assert from "node:assert/strict";
import { eventually, scenarios } from "./support.mjs";

/** Two in one room and a third in another, over the transports that the address asks for. */
async function chat(stage, query) {
  const ana = await stage.in("lobby", "Ana", { query });
  const eve = await stage.in("kitchen", "Eve", { query });
  const ben = await stage.in("lobby", "Ben", { query });
  await ana.reads("Ben has entered.");
  await ana.write("Hello, Ben!");
  await ben.reads("Ana: Hello, Ben!");
  await ben.write("Hello, Ana.");
  await ana.reads("Ben: Hello, Ana.");
  const expected = ["Ben has entered.", "You: Hello, Ben!", "Ben: Hello, Ana."];
  assert.deepEqual(await ana.lines(), expected);
  await ben.reads("You: Hello, Ana.");
  assert.deepEqual(await ben.lines(), ["Ana: Hello, Ben!", "You: Hello, Ana."]);

  // What eve hears now was sent after all of that, and there is nothing before it.
  const dan = await stage.in("kitchen", "Dan", { query });
  await dan.write("Anybody here?");
  await eve.reads("Dan: Anybody here?");
  assert.deepEqual(await eve.lines(), ["Dan has entered.", "Dan: Anybody here?"]);
  return [ana, ben, eve, dan];
}

scenarios("a chat", (scenario) => {
  scenario("two chat in a room, and a third in another hears nothing", async (stage) => {
    const people = await chat(stage, "");
    const [ana] = people;
    assert.equal(await ana.page.title(), "lobby – Chat");
    await ana.isTold("Connected.");
    await ana.hasUnconfirmed();
    await ana.picture("two-in-a-room");
    for (const { transports } of people)
      assert.ok(transports.includes("websocket"), `${transports}`);
  });

  scenario("the same over polling, without a WebSocket", async (stage) => {
    const people = await chat(stage, "?transports=polling");
    for (const { transports } of people) assert.deepEqual([...new Set(transports)], ["polling"]);
  });

  scenario("markup is text, wherever it comes from", async (stage) => {
    const script = `<script>globalThis.broken = "script"</script>`;
    const image = `<img src="x" onerror="globalThis.broken = 'image'"><b>bold</b> &amp; {{1}}`;
    const room = "<u>lobby</u>";
    const ana = await stage.in(room, "Ana");
    const eve = await stage.in(room, "<i>Eve</i>");
    await ana.reads("<i>Eve</i> has entered.");
    await eve.write(script);
    await ana.reads(`<i>Eve</i>: ${script}`);
    await eve.write(image);
    await ana.reads(`<i>Eve</i>: ${image}`);
    await eve.reads(`You: ${image}`);
    for (const person of [ana, eve]) {
      assert.equal(await person.page.evaluate(() => globalThis.broken), undefined);
      const elements = person.page.locator("main, header").locator("script, img, i, b, u");
      assert.equal(await elements.count(), 0);
      assert.equal(await person.page.title(), `${room} – Chat`);
    }
    await ana.picture("markup-is-text");
  });

  scenario("nothing that is empty is sent", async (stage) => {
    const ana = await stage.at("Ana");
    const { page } = ana;
    const problem = (words) => page.getByRole("alert").filter({ hasText: words }).waitFor();
    const isFocused = (label) =>
      eventually(async () => {
        const focused = await page.evaluate(() => document.activeElement.labels?.[0]?.textContent);
        assert.equal(focused, label);
      });
    const enter = page.getByRole("button", { name: "Enter" });
    await enter.click();
    await problem("Please choose a nickname and a room.");
    await isFocused("Nickname");
    await page.getByLabel("Nickname").fill("Ana");
    await page.getByLabel("Room").fill("  ");
    await enter.click();
    await problem("Please choose a room.");
    await isFocused("Room");
    await ana.picture("no-room");
    assert.deepEqual(ana.transports, []);

    await ana.enter("lobby");
    await isFocused("Message");
    const ben = await stage.in("lobby", "Ben");
    await ana.write(" ");
    await problem("Please write something first.");
    await isFocused("Message");
    await ana.page.getByLabel("Message", { exact: true }).fill("something");
    await ana.page.getByRole("button", { name: "Send", exact: true }).click();
    await ben.reads("Ana: something");
    assert.deepEqual(await ben.lines(), ["Ana: something"]);
  });

  scenario("whoever leaves hears nothing more, and may enter another room", async (stage) => {
    const ana = await stage.in("lobby", "Ana");
    const ben = await stage.in("lobby", "Ben");
    const dan = await stage.in("attic", "Dan");
    await ana.reads("Ben has entered.");
    await eventually(() => assert.equal(ana.sockets, 1));
    await ana.page.getByRole("button", { name: "Leave" }).click();
    await ana.isTold("You have left the room.");
    await eventually(() => assert.equal(ana.sockets, 0));
    assert.equal(await ana.page.title(), "Chat");
    await ana.enter("attic");
    await dan.reads("Ana has entered.");
    await ben.write("Ana?");
    await ben.reads("You: Ana?");
    await dan.write("Hello, Ana!");
    await ana.reads("Dan: Hello, Ana!");
    assert.deepEqual(await ana.lines(), ["Dan: Hello, Ana!"]);
  });

  scenario(
    "who reads what was said before is left there, and who reads the end stays at it",
    async (stage) => {
      const ana = await stage.in("lobby", "Ana");
      const ben = await stage.in("lobby", "Ben");
      const log = ana.page.getByRole("log");
      for (let number = 1; number <= 30; number += 1) await ben.write(`line ${number}`);
      await ana.reads("Ben: line 30");
      await ana.readsTheEnd();
      // Her own come and go below before they are there, and what is in sight changes with them.
      for (let number = 1; number <= 10; number += 1) await ana.write(`line ${number}`);
      await ana.reads("You: line 10");
      await ana.readsTheEnd();
      await log.evaluate((element) => element.scrollTo({ top: 40, behavior: "instant" }));
      await eventually(async () => assert.equal((await ana.place())[0], 40));
      await ben.write("line 31");
      await ana.reads("Ben: line 31");
      // Two frames: one that lays the line out, and one in which what follows from it is seen.
      await ana.page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      assert.equal((await ana.place())[0], 40);
    },
  );
});
