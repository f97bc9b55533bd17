"use strict";
// Has chatspec's scenarios played by socket.io-client: what comes in on standard input is done with the library's
// own interface, and what the library says goes out on standard output (harness/runner/DRIVERS.md).
const readline = require("node:readline");
const { Manager } = require("socket.io-client");

const TRANSPORTS = { websocket: ["websocket"], polling: ["polling"], upgrade: ["polling", "websocket"] };

const clients = new Map(); // by number: { manager, socket }

const commands = {
  open({ client, url, path, transport, namespace, auth }) {
    // A scenario says itself when a client comes back.
    const manager = new Manager(url, { path, transports: TRANSPORTS[transport], reconnection: false });
    const socket = manager.socket(namespace, { auth });
    clients.set(client, { manager, socket });

    manager.engine?.on("upgrade", () => tell({ is: "upgraded", client }));
    manager.on("error", (error) => tell({ is: "failed", client, cause: causeOf(error) }));
    socket.on("connect", () => tell({ is: "connected", client }));
    socket.on("connect_error", (error) => {
      // The library reports both with one event: what the server refused, and what never got to a server.
      if (manager.engine?.readyState === "open") tell({ is: "refused", client, data: refusal(error) });
    });
    socket.on("disconnect", (reason) => tell({ is: "closed", client, cause: reason }));
    socket.onAny((event, ...args) => {
      // A server that asks for an ack is given none: scenarios have no words for one.
      const plain = args.filter((arg) => typeof arg !== "function");
      tell({ is: "event", client, event, args: plain.map(outward) });
    });
  },

  emit({ client, event, args, ack }) {
    const { socket } = clients.get(client);
    const inwards = args.map(inward);
    if (ack === undefined) socket.emit(event, ...inwards);
    else socket.emit(event, ...inwards, (...answer) => tell({ is: "ack", client, ack, args: answer.map(outward) }));
  },

  // A namespace that does not exist, on the same connection: its refusal comes behind all that was written there
  // before.
  fence({ client, fence, namespace }) {
    const { manager } = clients.get(client);
    const socket = manager.socket(namespace);
    const answered = () => {
      socket.off();
      tell({ is: "fenced", client, fence });
    };
    socket.on("connect_error", answered);
    socket.on("connect", answered);
  },

  close({ client }) {
    clients.get(client)?.socket.disconnect();
    clients.delete(client);
  },
};

// Bytes are { "$bytes": "<base64>" } on the way here, and on the way back.
function inward(value) {
  if (Array.isArray(value)) return value.map(inward);
  if (value === null || typeof value !== "object") return value;
  if (typeof value.$bytes === "string") return Buffer.from(value.$bytes, "base64");
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inward(inner)]));
}

function outward(value) {
  if (value === undefined) return null;
  if (Buffer.isBuffer(value) || value instanceof ArrayBuffer) {
    return { $bytes: Buffer.from(value).toString("base64") };
  }
  if (Array.isArray(value)) return value.map(outward);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, outward(inner)]));
}

// What the server gave as its reason, as far as the library has kept it.
function refusal(error) {
  return error.data === undefined ? { message: error.message } : { message: error.message, data: outward(error.data) };
}

function causeOf(error) {
  return error.description?.message || error.context?.statusText || error.message || String(error);
}

function tell(report) {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

readline
  .createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { do: what, ...rest } = JSON.parse(line);
    // A client that is gone cannot do any more, and has said that it is.
    if (what === "open" || clients.has(rest.client)) commands[what](rest);
  })
  .on("close", () => process.exit(0));
