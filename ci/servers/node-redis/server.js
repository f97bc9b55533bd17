"use strict";
// One node of the seed contract on socket.io for Node, with @socket.io/redis-adapter: the chat of
// ../node-guarded, and the adapter as its documentation sets it up. REDIS_URL says where Redis is.
const http = require("node:http");
const { createAdapter } = require("@socket.io/redis-adapter");
const { createClient } = require("redis");
const { Server } = require("socket.io");

const server = http.createServer((_request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("The seed contract on socket.io for Node, a node of several.\n");
});

const publisher = createClient({ url: process.env.REDIS_URL || "redis://127.0.0.1:6379" });
const subscriber = publisher.duplicate();
for (const client of [publisher, subscriber]) {
  // Without a listener the process would die when Redis is away; with one, the client comes back.
  client.on("error", (error) => console.error(`redis: ${error.message}`));
}

async function main() {
  await Promise.all([publisher.connect(), subscriber.connect()]);
  const io = new Server(server, { adapter: createAdapter(publisher, subscriber) });
  io.on("connection", (socket) => {
    socket.on("enter_room", (nickname, room, ack) => {
      socket.nickname = nickname;
      socket.join(room);
      answer(ack);
      socket.to(room).emit("welcome", nickname);
    });

    socket.on("new_message", (text, room, ack) => {
      socket.to(room).emit("new_message", `${socket.nickname}: ${text}`);
      answer(ack);
    });
  });
  const host = process.env.HOST || "127.0.0.1";
  const port = process.env.PORT || 3000;
  server.listen(port, host, () => console.log(`listening on http://${host}:${server.address().port}`));
}

function answer(ack) {
  if (typeof ack === "function") ack();
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(0));
}

main();
