// A load generator on socket.io-client, as its documentation would have it: one socket for each member,
// over WebSocket. It puts the load on a chat server that `chatspec bench` puts on it, so that the two can
// be compared, and prints one line of JSON.
import { readFileSync } from "node:fs";
import { createHistogram } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { io } from "socket.io-client";

const WARM_UP = 1; // seconds in which the load is on, and not measured
const WRITERS = 8; // members of a room who have a message under way each, where the rate is 0
const AT_ONCE = 50; // members who connect at the same time
const PATIENCE = 5_000; // milliseconds that an answer may take; and in which nothing has come when the rest is lost
const TEXT = 64; // bytes in the text of a message

const USAGE = `usage: node --expose-gc client.mjs URL CLIENTS ROOM_SIZE SECONDS RATE
  RATE  messages a second over all rooms, on a schedule that waits for nobody;
        0 for as many as there can be: ${WRITERS} members of each room have one under way each`;

const [url, ...numbers] = process.argv.slice(2);
const [clients, roomSize, seconds, rate] = numbers.map(Number);
const whole = [clients, roomSize].every(Number.isInteger) && roomSize > 1 && clients % roomSize === 0;
if (numbers.length !== 4 || !whole || !(clients > 0 && seconds > 0 && rate >= 0)) {
  console.error(USAGE);
  process.exit(2);
}

// Whole microseconds on the clock of this process, which nobody sets.
const now = () => Math.round(performance.now() * 1_000);

// What has arrived.
const latencies = createHistogram();
let welcomes = 0;
let received = 0;
let acked = 0;
let measured = 0;
let window = { from: Infinity, to: Infinity };
let lastArrival = now();

function arrived(line) {
  const at = now();
  lastArrival = at;
  received += 1;
  // "nickname: due and padding"
  const due = Number.parseInt(line.slice(line.indexOf(": ") + 2), 10);
  if (due < window.from || due >= window.to) return;
  measured += 1;
  latencies.record(Math.max(1, at - due));
}

function enter(member) {
  const room = `room-${Math.floor(member / roomSize)}`;
  return new Promise((resolve, reject) => {
    // A member who is cut off does not come back unnoticed.
    const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
    socket.on("connect_error", reject);
    socket.on("disconnect", (reason) => {
      if (!leaving) fail(`a member was cut off: ${reason}`);
    });
    socket.on("welcome", () => {
      welcomes += 1;
      lastArrival = now();
    });
    socket.on("new_message", arrived);
    socket.on("connect", () => {
      socket.timeout(PATIENCE).emit("enter_room", `member-${member}`, room, (error) => {
        if (error) reject(error);
        else resolve({ socket, room });
      });
    });
  });
}

// Everybody, in the order of their rooms; a few come at once.
async function enterAll() {
  const members = [];
  for (let first = 0; first < clients; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, clients - first) }, (_, at) => first + at);
    members.push(...(await Promise.all(some.map(enter))));
  }
  return members;
}

// Waits until so much has come, or nothing has for a while.
async function settled(done) {
  lastArrival = now();
  while (!done() && now() - lastArrival < PATIENCE * 1_000) await pause(20);
}

function say({ socket, room }, due, next) {
  socket.emit("new_message", `${due}`.padEnd(TEXT), room, () => {
    acked += 1;
    next?.();
  });
}

// Each message is due at a time that was known before; what a timer is late is late.
async function openLoop(members) {
  const senders = members.filter((_, at) => at % roomSize === 0);
  const begin = now();
  window = { from: begin + WARM_UP * 1e6, to: begin + (WARM_UP + seconds) * 1e6 };
  const dues = Math.round((WARM_UP + seconds) * rate);
  for (let sent = 0; sent < dues; ) {
    const due = begin + Math.round((sent * 1e6) / rate);
    if (due > now()) {
      await pause((due - now()) / 1_000);
    } else {
      say(senders[sent % senders.length], due);
      sent += 1;
    }
  }
  return dues;
}

// The next message of a member when the last one is acked.
async function closedLoop(members) {
  const writers = members.filter((_, at) => at % roomSize < WRITERS);
  const begin = now();
  window = { from: begin + WARM_UP * 1e6, to: begin + (WARM_UP + seconds) * 1e6 };
  let sent = 0;
  const next = (writer) => {
    const due = now();
    if (due >= window.to) return;
    sent += 1;
    say(writer, due, () => next(writer));
  };
  writers.forEach(next);
  await pause((WARM_UP + seconds) * 1_000);
  return sent;
}

function memory() {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

let leaving = false;
const before = memory();
const members = await enterAll().catch((error) => fail(`not everybody came in: ${error.message}`));
const rooms = clients / roomSize;
await settled(() => welcomes >= (rooms * roomSize * (roomSize - 1)) / 2);
const joined = memory();

const sent = rate > 0 ? await openLoop(members) : await closedLoop(members);
const owed = sent * (roomSize - 1);
await settled(() => received >= owed && acked >= sent);

const manifest = new URL("./node_modules/socket.io-client/package.json", import.meta.url);
console.log(
  JSON.stringify({
    client: `socket.io-client ${JSON.parse(readFileSync(manifest)).version}`,
    clients,
    memory_per_client: Math.round((joined - before) / clients),
    received: measured,
    frames_per_second: measured / seconds,
    p50_us: latencies.percentile(50),
    p99_us: latencies.percentile(99),
    lost: owed - received,
    unanswered: sent - acked,
  }),
);
leaving = true;
for (const { socket } of members) socket.disconnect();
