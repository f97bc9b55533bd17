import { inspect } from "node:util";
import { io } from "socket.io-client";

const [url = "http://127.0.0.1:3000", over = "websocket"] = process.argv.slice(2);
const TRANSPORTS = { websocket: ["websocket"], polling: ["polling"], upgrade: ["polling", "websocket"] };
const LONGEST = 1000; // how long anything is waited for, in milliseconds
const OWN = ["io client disconnect", "forced close"]; // it was closed here
const began = performance.now();
const everybody = [];

const show = (values) => values.map((value) => inspect(value, { breakLength: Infinity, maxStringLength: 80 })).join(" ");
const tell = (line, at = performance.now()) => console.log(`${(at - began).toFixed(1).padStart(9)} ms  ${line}`);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function connect(name, { to = "", via = over, auth } = {}) {
  const options = { transports: TRANSPORTS[via], auth, forceNew: true, reconnection: false };
  const socket = Object.assign(io(url + to, options), { called: name, inbox: [], wake() {} });
  everybody.push(socket);
  const arrived = (what) => {
    socket.inbox.push({ at: performance.now(), what });
    socket.wake();
  };
  socket.onAny((event, ...args) => arrived(`${event} ${show(args)}`));
  socket.onAnyOutgoing((event, ...args) => tell(`${name} -> ${event} ${show(args)}`));
  socket.on("disconnect", (reason) => OWN.includes(reason) || arrived(`closed (${reason})`));
  socket.acked = (event) => (...args) => arrived(`ack of ${event} (${show(args)})`);
  tell(`${name} connects`);
  await new Promise((done) => {
    socket.once("connect", done);
    socket.once("connect_error", ({ message, data }) => done(arrived(`connect_error ${show([{ message, data }])}`)));
  });
  return socket;
}

/** Prints what arrives next, beside what the contract has there. */
async function next(socket, contract) {
  if (socket.inbox.length === 0) await Promise.race([pause(LONGEST), new Promise((done) => (socket.wake = done))]);
  const { at, what } = socket.inbox.shift() ?? { what: "nothing" };
  tell(`${socket.called} <- ${what}    [contract: ${contract}]`, at);
  return what;
}

/** Prints what arrived and should not have. That nothing more comes is waited for here, and not proven. */
async function nothing(...sockets) {
  await pause(300);
  for (const socket of sockets) while (socket.inbox.length > 0) await next(socket, "nothing");
}
