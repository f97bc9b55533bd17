// Measures how fast servers fan out, how fast a room fills and what a connection costs, and prints it as
// Markdown: the reference beside Node's socket.io, python-socketio, and a raw writer of the same frames.
//
//   node benches/servers.mjs CHATSPEC     the path of a release build of chatspec
//
// All servers take turns in each run of `chatspec bench`, and the middle turn of each is shown. The servers of
// ci/servers must be set up (ci/test does it). Takes about six minutes. From the environment:
//   DURATION=5   seconds that are measured of each turn
//   TURNS=3      turns of each server
//
// Exit code: 1 when a run has failed.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const chatspec = process.argv[2];
if (!chatspec) {
  console.error("usage: node benches/servers.mjs CHATSPEC (the path of a release build)");
  process.exit(2);
}
const duration = process.env.DURATION ?? "5";
const turns = process.env.TURNS ?? "3";
const work = mkdtempSync(join(tmpdir(), "chatspec-servers-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

const REFERENCE = "reference";
const NODE = "node-original";
const PYTHON = "python-ordered";
const RAW = "null";
const titles = { [REFERENCE]: "reference", [NODE]: "Node socket.io", [PYTHON]: "python-socketio", [RAW]: "raw writer" };

// The turns of each server, by its name.
function bench(servers, options) {
  const file = join(work, "run.json");
  const targets = servers
    .filter((name) => name !== RAW)
    .flatMap((name) => ["--target", name === REFERENCE ? name : join("ci/servers", name)]);
  const command = ["bench", ...targets, "--senders", "1", "--polling", "0", "--json", file, ...options];
  if (!servers.includes(RAW)) command.push("--no-null");
  console.error(command.join(" "));
  const done = spawnSync(chatspec, command, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  // 1 and 3 are verdicts, about losses and about latencies; what was counted is there all the same.
  if (![0, 1, 3].includes(done.status)) {
    console.error(done.stderr);
    process.exit(1);
  }
  const report = JSON.parse(readFileSync(file, "utf8"));
  return new Map([
    ...report.targets.map((target) => [target.name, target.turns]),
    ...(report.null ? [[RAW, report.null.turns]] : []),
  ]);
}

function middle(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

const of = (measured, server, figure) => middle(measured.get(server).map(figure));
const perSecond = (turn) => turn.reach.received / turn.measured;
const perConnection = ({ server, joined }) => (server["memory-peak"] - server["memory-before"]) / joined.members;
const count = (number) => Math.round(number).toLocaleString("en-US");
const times = (ratio) => `${ratio.toFixed(ratio < 10 ? 1 : 0)}x`;
const row = (cells) => `| ${cells.join(" | ")} |`;
const table = (heads, rows) =>
  [row(heads), row(["---", ...heads.slice(1).map(() => "---:")]), ...rows.map(row)].join("\n");

// What did not arrive once, in its order and only where it should, over all turns.
function wrong(measured) {
  const faults = [];
  for (const [server, all] of measured) {
    const sum = (key) => all.reduce((total, { reach }) => total + reach[key], 0);
    const lost = sum("owed") - sum("received");
    const other = sum("duplicates") + sum("misordered") + sum("misdirected");
    if (lost !== 0 || other !== 0) faults.push(`${titles[server]} lost ${lost}, and ${other} came wrong`);
  }
  return faults;
}

const fanOut = [];
const faults = [];
for (const members of [100, 1000]) {
  for (const outstanding of [1, 32]) {
    const load = ["--rooms", "1", "--members", `${members}`, "--outstanding", `${outstanding}`];
    const pace = ["--duration", duration, "--warm-up", "1", "--repeats", turns];
    const measured = bench([REFERENCE, NODE, PYTHON, RAW], [...load, ...pace]);
    faults.push(...wrong(measured));
    const [ours, node, python, raw] = [REFERENCE, NODE, PYTHON, RAW].map((it) => of(measured, it, perSecond));
    fanOut.push([
      `${count(members)} members, ${outstanding} outstanding`,
      ...[ours, node, python, raw].map(count),
      times(ours / node),
      times(ours / python),
      `${Math.round((100 * ours) / raw)} %`,
    ]);
  }
}

const idle = ["--outstanding", "1", "--duration", "1", "--warm-up", "1"];
const filling = bench([REFERENCE, NODE, PYTHON], ["--rooms", "1", "--members", "1000", ...idle, "--repeats", turns]);
const crowd = ["--rooms", "5000", "--members", "2", "--rate", "100", "--duration", "2", "--warm-up", "1"];
const connected = bench([REFERENCE, NODE, PYTHON], [...crowd, "--repeats", "1"]);
faults.push(...wrong(filling), ...wrong(connected));
const beside = [REFERENCE, NODE, PYTHON].map((server) => {
  const joined = of(filling, server, ({ joined }) => joined.took);
  const memory = of(connected, server, perConnection);
  return [titles[server], `${Math.round(1000 * joined)} ms`, `${(memory / 1024).toFixed(1)} KiB`];
});

const heads = ["", REFERENCE, NODE, PYTHON, RAW].map((name) => titles[name] ?? name);
console.log(`Deliveries a second in one room with one sender, over WebSocket, with texts of 64 bytes; middle of
${turns} turns of ${duration} s in which all servers take part. The raw writer is the null server, which writes ready
frames into sockets and does nothing else.

${table([...heads, "over Node", "over python", "of raw"], fanOut)}

${faults.length === 0 ? "Every delivery arrived, once and in order." : `Not everything arrived: ${faults.join("; ")}.`}

${table(["", "1,000 members enter one room", "memory of one of 10,000 connections"], beside)}

Who enters is welcomed by all who are there: a thousand who enter are half a million packets. Memory is
what the process has grown by at its peak, in 5,000 rooms of two who say next to nothing.`);
process.exit(faults.length === 0 ? 0 : 1);
