/** What becomes of people and their messages when the connection does not last. */

import assert from "node:assert/strict";
import { GONE, scenarios } from "./support.mjs";

const BACK = "You are back. What was written meanwhile is not shown here.";

/**
 * Says something else to the page than its server did: `change` is given each packet and the way to the
 * page, and what it gives back is passed on.
 */
const changed = (change) => ({
  query: "?transports=websocket",
  prepare: (page) =>
    page.routeWebSocket(/socket\.io/, (socket) => {
      const connection = socket.connectToServer();
      connection.onMessage((packet) => socket.send(change(packet, socket)));
    }),
});

scenarios("a connection that does not last", (scenario) => {
  // At once, or in good order.
  for (const signal of ["SIGKILL", "SIGTERM"]) {
    scenario(
      `what is written while the server is away is sent when it is back (${signal})`,
      async (stage) => {
        const ana = await stage.in("lobby", "Ana");
        const ben = await stage.in("lobby", "Ben");
        await ana.reads("Ben has entered.");
        await stage.server.stop(signal);
        await ana.isTold("Connection lost");
        await ben.isTold("Connection lost");
        await ana.write("one");
        await ana.write("two");
        await ana.hasUnconfirmed(
          "one waiting for the connection",
          "two waiting for the connection",
        );
        await ana.isTold("2 messages wait.");
        await ana.picture(`away-${signal}`);

        // Ana comes back when ben is there to hear her.
        await ana.page.context().setOffline(true);
        await stage.server.start();
        await ben.reads(BACK);
        await ana.page.context().setOffline(false);
        await ana.reads("You: two");
        await ben.reads("Ana: two");
        assert.deepEqual(await ana.lines(), ["Ben has entered.", BACK, "You: one", "You: two"]);
        assert.deepEqual(await ben.lines(), [BACK, "Ana has entered.", "Ana: one", "Ana: two"]);
        await ana.hasUnconfirmed();
        await ana.isTold("Connected.");
        // The room hears her again, and she hears the room.
        await ben.write("three");
        await ana.reads("Ben: three");
      },
      GONE,
    );
  }

  scenario(
    "of a message whose ack was lost nobody knows, and its writer is asked",
    async (stage) => {
      const ana = await stage.in("lobby", "Ana");
      const ben = await stage.in("lobby", "Ben");
      const again = ana.page.getByRole("button", { name: "Send again" });
      stage.server.freeze();
      await ana.write("maybe");
      await ana.write("never mind");
      await ana.hasUnconfirmed("maybe sending …", "never mind sending …");
      await stage.server.stop();
      const unknown = "not confirmed: it may have arrived or not Send again Discard";
      await ana.hasUnconfirmed(`maybe ${unknown}`, `never mind ${unknown}`);
      await ana.page.getByRole("alert").filter({ hasText: "2 messages were not" }).waitFor();
      await ana.page.context().setOffline(true);
      await stage.server.start();
      await ben.reads(BACK);
      await ana.page.context().setOffline(false);
      await ana.reads(BACK);
      // Had it been sent by itself, it would be before this one.
      await ana.write("later");
      await ben.reads("Ana: later");
      await ana.picture("not-confirmed");
      await again.first().click();
      await ben.reads("Ana: maybe");
      await ana.hasUnconfirmed(`never mind ${unknown}`);
      await ana.page.getByRole("button", { name: "Discard" }).click();
      await ana.hasUnconfirmed();
      const heard = [BACK, "Ana has entered.", "Ana: later", "Ana: maybe"];
      assert.deepEqual(await ben.lines(), heard);
    },
    GONE,
  );

  scenario(
    "a computer that wakes up sends what is written then once, and into the room",
    async (stage) => {
      const ana = await stage.in("lobby", "Ana");
      const ben = await stage.in("lobby", "Ben");
      // It slept for longer than a heartbeat, and nothing has noticed yet.
      await ana.page.evaluate(() => {
        globalThis.rightNow = Date.now;
        Date.now = () => globalThis.rightNow() + 600_000;
      });
      await ana.write("good morning");
      await ana.wasTold("Connection lost (ping timeout)");
      await ana.page.evaluate(() => {
        Date.now = globalThis.rightNow;
      });
      await ben.reads("Ana: good morning");
      assert.deepEqual(await ben.lines(), ["Ana has entered.", "Ana: good morning"]);
      assert.deepEqual(await ana.lines(), ["Ben has entered.", BACK, "You: good morning"]);
    },
  );

  scenario(
    "who comes too early is told, and enters when the server is there",
    async (stage) => {
      const ana = await stage.at("Ana");
      await stage.server.stop();
      const entering = ana.enter("lobby");
      await ana.isTold("No connection (");
      await ana.picture("no-connection");
      await stage.server.start();
      await entering;
      await ana.write("hello");
      await ana.reads("You: hello");
    },
    GONE,
  );

  // As to one who reads too slowly, or by a server that ends. The library would stay away for good.
  scenario("who is sent away by the server comes back", async (stage) => {
    let say;
    const goodbye = changed((packet, socket) => {
      say = (words) => socket.send(words);
      return packet;
    });
    const ana = await stage.in("lobby", "Ana", goodbye);
    say("41");
    await ana.wasTold("Connection lost (the server has ended the connection)");
    await ana.write("still here");
    await ana.reads("You: still here");
    assert.deepEqual(await ana.lines(), [BACK, "You: still here"]);
  });

  scenario("a message that the server refuses is kept, with the reason", async (stage) => {
    const refusal = `[{"error":{"code":"text_too_long","message":"the text is <too> long","limit":3}}]`;
    const instead = changed((packet) => (packet.startsWith("431") ? `431${refusal}` : packet));
    const ana = await stage.in("lobby", "Ana", instead);
    await ana.write("hello");
    await ana.hasUnconfirmed("hello not sent: the text is <too> long Send again Edit");
    assert.deepEqual(await ana.lines(), []);
    await ana.picture("refused");
    await ana.page.getByRole("button", { name: "Edit" }).click();
    await ana.hasUnconfirmed();
    assert.equal(await ana.page.getByLabel("Message", { exact: true }).inputValue(), "hello");
    await ana.write("hi");
    await ana.reads("You: hi");
  });

  scenario("who is not let in is told why, and may try again", async (stage) => {
    const reasons = new Map([
      ["430", `430[{"error":{"code":"room_too_long","message":"the room's name is too long"}}]`],
      ["40{", `44{"message":"the server is full"}`],
    ]);
    const instead = changed((packet) => {
      const start = packet.slice(0, 3);
      const refusal = reasons.get(start);
      reasons.delete(start);
      return refusal ?? packet;
    });
    const ana = await stage.at("Ana", instead);
    const { page } = ana;
    const isRefused = (words) => page.getByRole("alert").filter({ hasText: words }).waitFor();
    await page.getByLabel("Nickname").fill("Ana");
    await page.getByLabel("Room").fill("lobby");
    const enter = page.getByRole("button", { name: "Enter", exact: true });
    await enter.click();
    await isRefused("The server does not let you in: the server is full");
    assert.equal(await page.evaluate(() => document.activeElement.id), "enter");
    await enter.click();
    await isRefused("The server does not let you in: the room's name is too long");
    assert.equal(await page.evaluate(() => document.activeElement.id), "room");
    await enter.click();
    await ana.isTold("Connected.");
  });

  scenario(
    "who is not let in again waits, and keeps what was written",
    async (stage) => {
      let refused = 0;
      const connects = [];
      const instead = changed((packet) => {
        if (!packet.startsWith("40{") || connects.push(packet) !== 2) return packet;
        refused += 1;
        return `44{"message":"the server is full"}`;
      });
      const ana = await stage.in("lobby", "Ana", instead);
      await stage.server.stop();
      await ana.isTold("Connection lost");
      await ana.write("still here");
      await stage.server.start();
      await ana.wasTold("the server refuses: the server is full");
      await ana.reads("You: still here");
      assert.equal(refused, 1);
      assert.deepEqual(await ana.lines(), [BACK, "You: still here"]);
    },
    GONE,
  );
});
