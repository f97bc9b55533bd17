"use strict";
// The original with its one known bug mended: it asks whether there is an ack function before it calls
// it. It is here to be right: socket.io for Node, used as everybody uses it, passes every scenario, so
// that what fails on another server is not what the suite asks of nobody.
const http = require("node:http");
const { Server } = require("socket.io");

const server = http.createServer((_request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("The seed contract on socket.io for Node, with its ack guarded.\n");
});

new Server(server).on("connection", (socket) => {
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
