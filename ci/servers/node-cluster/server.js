"use strict";
// The seed contract on socket.io for Node, on two workers behind one port, with @socket.io/cluster-adapter.
//
// Over WebSocket a session is one connection, and Node gives those to the workers by itself. With STICKY=1 in
// the environment @socket.io/sticky does, as polling needs; it is not what is judged, since it loses sessions
// now and then (../README.md).
const cluster = require("node:cluster");
const http = require("node:http");
const { createAdapter, setupPrimary } = require("@socket.io/cluster-adapter");
const { setupMaster, setupWorker } = require("@socket.io/sticky");
const { Server } = require("socket.io");

const WORKERS = 2;
const STICKY = process.env.STICKY === "1";

if (cluster.isPrimary) {
  primary();
} else {
  worker();
}

function primary() {
  setupPrimary();
  cluster.setupPrimary({ serialization: "advanced" }); // or what is binary would arrive as something else
  const server = http.createServer();
  if (STICKY) setupMaster(server, { loadBalancingMethod: "round-robin" });

  // Nobody is let in before both are there, so that a room has members on both.
  let ready = 0;
  cluster.on("message", (_worker, message) => {
    if (message !== "ready" || ++ready < WORKERS) return;
    if (STICKY) listen(server);
    else for (const each of Object.values(cluster.workers)) each.send("listen");
  });
  for (let i = 0; i < WORKERS; i++) cluster.fork();

  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => {
      for (const each of Object.values(cluster.workers)) each.kill("SIGKILL");
      process.exit(0);
    });
  }
}

function listen(server) {
  const host = process.env.HOST || "127.0.0.1";
  const port = process.env.PORT || 3000;
  server.listen(port, host, () => console.log(`listening on http://${host}:${server.address().port}`));
}

function worker() {
  const server = http.createServer(plain);
  const transports = STICKY ? ["polling", "websocket"] : ["websocket"];
  const io = new Server(server, { adapter: createAdapter(), transports });
  if (STICKY) setupWorker(io);
  else process.on("message", (message) => message === "listen" && listen(server));

  // What a room is to hear is said on both workers by the same means, so that it stays in order, and the ack
  // of a message waits until the other has done so: `socket.to(room).emit` would not wait.
  const say = async (...said) => {
    tell(...said);
    await io.serverSideEmitWithAck("say", ...said);
  };
  const tell = (room, except, event, text) => io.local.to(room).except(except).emit(event, text);
  io.on("say", (room, except, event, text, done) => {
    tell(room, except, event, text);
    done();
  });

  io.on("settle", (done) => done());

  io.on("connection", (socket) => {
    let last = Promise.resolve();
    const inTurn = (step) => (last = last.then(step));

    socket.on("enter_room", (nickname, room, ack) => {
      if (!texts(nickname, room)) return;
      inTurn(async () => {
        // What the other worker has told this one before its answer is not for a newcomer.
        await io.serverSideEmitWithAck("settle");
        socket.nickname = nickname;
        socket.join(room);
        answer(ack);
        return say(room, socket.id, "welcome", nickname);
      });
    });

    socket.on("new_message", (text, room, ack) => {
      if (!texts(text, room)) return;
      inTurn(async () => {
        await say(room, socket.id, "new_message", `${socket.nickname}: ${text}`);
        answer(ack);
      });
    });
  });
  process.send("ready");
}

function answer(ack) {
  if (typeof ack === "function") ack();
}

// Nothing else is told to the other worker: of an event without arguments the first is the ack function, and
// what sends a function to another process throws.
function texts(...values) {
  return values.every((value) => typeof value === "string");
}

function plain(_request, response) {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("The seed contract on socket.io for Node, on two workers.\n");
}
