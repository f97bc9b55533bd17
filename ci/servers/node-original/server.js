"use strict";
// The chat whose behaviour is the contract. It calls the ack without asking whether there is one, and
// so dies when a client sends none: that is in its ledger (target.toml), not to be mended here.
const http = require("node:http");
const { Server } = require("socket.io");

const server = http.createServer((_request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("The seed contract on socket.io for Node, as first written.\n");
});

new Server(server).on("connection", (socket) => {
  socket.on("enter_room", (nickname, room, ack) => {
    socket.nickname = nickname;
    socket.join(room);
    ack();
    socket.to(room).emit("welcome", nickname);
  });

  socket.on("new_message", (text, room, ack) => {
    socket.to(room).emit("new_message", `${socket.nickname}: ${text}`);
    ack();
  });

  // With ECHO=1 in the environment: whatever arguments come are sent back, as the echo server of
  // Socket.IO's own protocol suite does.
  if (process.env.ECHO === "1") {
    socket.on("message", (...args) => socket.emit("message-back", ...args));
    socket.on("message-with-ack", (...args) => {
      const ack = args.pop();
      ack(...args);
    });
  }
});

const host = process.env.HOST || "127.0.0.1";
const port = process.env.PORT || 3000;
server.listen(port, host, () => console.log(`listening on http://${host}:${server.address().port}`));

// The first process of a container has no default action for these.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(0));
}
