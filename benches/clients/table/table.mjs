// Puts what the load generators have said beside each other, as one Markdown table.
//
//   node table.mjs DIR DELAY
//
// In DIR, `latency` and `throughput` hold a file for each run, called TURN-GENERATOR.json: the line that a
// generator of this folder prints, or what `chatspec bench --json` writes. DELAY is what the server held
// each message back in the runs for the latency, in milliseconds.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import hdr from "hdr-histogram-js";

const [dir, delay] = [process.argv[2], Number(process.argv[3])];
if (!dir || !Number.isFinite(delay)) {
  console.error("usage: node table.mjs DIR DELAY");
  process.exit(2);
}

// All runs of one kind: what each generator found, turn by turn.
function runs(kind) {
  const found = new Map();
  for (const file of readdirSync(join(dir, kind)).sort()) {
    const generator = file.replace(/^\d+-/, "").replace(/\.json$/, "");
    const text = readFileSync(join(dir, kind, file), "utf8");
    const said = JSON.parse(text);
    const run = "targets" in said ? ours(said) : said;
    if (run) found.set(generator, [...(found.get(generator) ?? []), run]);
  }
  return found;
}

// What `chatspec bench` found in its one turn, in the words of the others; nothing where there was none.
function ours(bench) {
  const [{ turns, failed }] = bench.targets;
  if (failed || turns.length === 0) {
    console.error(`chatspec bench did not measure: ${failed}`);
    process.exitCode = 1;
    return undefined;
  }
  const [turn] = turns;
  const { harness, reach, joined } = turn;
  const latency = hdr.decodeFromCompressedBase64(turn.latency);
  return {
    client: `chatspec ${bench.chatspec}`,
    clients: joined.members,
    memory_per_client: (harness["memory-joined"] - harness["memory-before"]) / joined.members,
    received: reach.received,
    frames_per_second: reach.received / turn.measured,
    p50_us: latency.getValueAtPercentile(50),
    p99_us: latency.getValueAtPercentile(99),
    lost: reach.owed - reach.received,
    unanswered: reach.sent - reach.acked,
  };
}

function median(runs, of) {
  if (!runs?.length) return undefined;
  const values = runs.map(of).sort((one, other) => one - other);
  const middle = values.length / 2;
  return (values[Math.floor(middle)] + values[Math.ceil(middle) - 1]) / 2;
}

const cell = (value, show) => (value === undefined ? "failed" : show(value));
const count = (value) => Math.round(value).toLocaleString("en-US");
const kibibytes = (bytes) => `${(bytes / 1_024).toFixed(1)} KiB`;
const error = (micros) => {
  const off = micros / 1_000 - delay;
  return `${off < 0 ? "−" : "+"}${Math.abs(off).toFixed(2)} ms`;
};

const [latency, throughput] = [runs("latency"), runs("throughput")];
const generators = [...new Set([...latency.keys(), ...throughput.keys()])];
console.log("| generator | memory a client | frames/s received | p50 error | p99 error |");
console.log("| --- | ---: | ---: | ---: | ---: |");
const notes = [];
for (const generator of generators) {
  const [slow, fast] = [latency.get(generator), throughput.get(generator)];
  const { client } = [...(slow ?? []), ...(fast ?? [])][0];
  const cells = [
    client,
    cell(median(slow, (run) => run.memory_per_client), kibibytes),
    cell(median(fast, (run) => run.frames_per_second), count),
    cell(median(slow, (run) => run.p50_us), error),
    cell(median(slow, (run) => run.p99_us), error),
  ];
  console.log(`| ${cells.join(" | ")} |`);
  for (const [what, all] of [["latency", slow], ["throughput", fast]]) {
    for (const [missing, key] of [["deliveries", "lost"], ["acks", "unanswered"]]) {
      const most = Math.max(0, ...(all ?? []).map((run) => run[key]));
      if (most > 0) notes.push(`- ${client}, ${what}: up to ${count(most)} ${missing} of a turn never came.`);
    }
  }
}
if (notes.length > 0) console.log(`\n${notes.join("\n")}`);
