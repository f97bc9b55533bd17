/**
 * Makes the picture of the page that the README shows: `npm run screenshot`, after a build of the server.
 */

import { fileURLToPath } from "node:url";
import { browse, Server, Stage } from "./support.mjs";

const PICTURE = fileURLToPath(new URL("../page.png", import.meta.url));

const browser = await browse();
const stage = new Stage(browser, await Server.start());
try {
  const options = { viewport: { width: 900, height: 480 }, colorScheme: "light" };
  const ana = await stage.in("lobby", "Ana", options);
  const ben = await stage.in("lobby", "Ben", options);
  await ana.reads("Ben has entered.");
  const talk = [
    [ana, "Hello, Ben! Did it reach everybody this time?"],
    [ben, "Everybody, once, and in order."],
    [ben, "And <b>this</b> is text, as it should be."],
    [ana, "How do you know?"],
    [ben, "I have chatspec."],
  ];
  for (const [speaker, text] of talk) {
    const listener = speaker === ana ? ben : ana;
    await speaker.write(text);
    await listener.reads(`${speaker.nickname}: ${text}`);
    await speaker.reads(`You: ${text}`);
  }
  await ana.page.screenshot({ path: PICTURE });
  await ana.isContent();
} finally {
  await stage.clear();
  await browser.close();
}
