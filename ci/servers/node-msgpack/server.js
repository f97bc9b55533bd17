"use strict";
// The chat of ../node-guarded with packets of another encoding, that of socket.io-msgpack-parser. A client has
// to use the same: one that does not is not understood, and its connection is closed.
const http = require("node:http");
const { Server } = require("socket.io");
const parser = require("socket.io-msgpack-parser");

const server = http.createServer((_request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("The seed contract on socket.io for Node, with socket.io-msgpack-parser.\n");
});

new Server(server, { parser }).on("connection", (socket) => {
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

function answer(ack) {
  if (typeof ack === "function") ack();
}

const host = process.env.HOST || "127.0.0.1";
const port = process.env.PORT || 3000;
server.listen(port, host, () => console.log(`listening on http://${host}:${server.address().port}`));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(0));
}
