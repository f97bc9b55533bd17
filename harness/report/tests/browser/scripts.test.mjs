/** The scripts on socket.io-client that stand in for scenarios. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chatspec, folder, reference } from "./support.mjs";

const run = promisify(execFile);
const place = folder();
symlinkSync(fileURLToPath(new URL("node_modules", import.meta.url)), path.join(place, "node_modules"));

/** The file that the script of a scenario is in. */
async function script(id) {
  const { stdout } = await chatspec(["explain", id, "--javascript"]);
  const file = path.join(place, `${id.replaceAll("/", "-")}.mjs`);
  writeFileSync(file, stdout);
  return file;
}

test("every scenario has a script that Node understands", async () => {
  const { stdout } = await chatspec(["list", "--json"]);
  const ids = JSON.parse(stdout).map(({ id }) => id);
  assert.ok(ids.length > 100);
  for (const id of ids) await run(process.execPath, ["--check", await script(id)]);
});

test("a script does what its scenario says, on every transport", async () => {
  const server = await reference();
  try {
    const file = await script("chat/welcome/announced-to-room");
    for (const transport of ["websocket", "polling", "upgrade"]) {
      const { stdout } = await run(process.execPath, [file, server.url, transport]);
      const lines = stdout.trimEnd().split("\n").map((line) => line.replace(/^ *[\d.]+ ms {2}/, "").replace(/'\w+-(\w+)'/, "'$1'"));
      assert.deepEqual(lines.sort(), [
        "ana -> enter_room 'Ana' 'lobby'",
        "ana <- ack of enter_room ()    [contract: ack ()]",
        "ana <- welcome 'Ben'    [contract: welcome \"Ben\"]",
        "ana connects",
        "ben -> enter_room 'Ben' 'lobby'",
        "ben <- ack of enter_room ()    [contract: ack ()]",
        "ben connects",
        "eve -> enter_room 'Eve' 'kitchen'",
        "eve <- ack of enter_room ()    [contract: ack ()]",
        "eve connects",
      ], transport);
    }
  } finally {
    await server.stop();
  }
});

test("groups, rooms that people are in already, and series", async () => {
  const server = await reference();
  try {
    for (const id of ["chat/relay/to-every-member", "chat/relay/in-a-burst", "chat/order/of-one-sender"]) {
      const { stdout } = await run(process.execPath, [await script(id), server.url]);
      const unlike = stdout.split("\n").filter((line) => {
        const [, what, contract] = line.match(/<- (.*) {4}\[contract: (.*)\]$/) ?? [];
        return what && what.split(" ")[0] !== contract.split(" ")[0];
      });
      assert.deepEqual(unlike, [], id);
      assert.match(stdout, /\[contract: new_message /, id);
    }
  } finally {
    await server.stop();
  }
});
