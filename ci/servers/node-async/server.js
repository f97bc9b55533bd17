"use strict";
// The same chat where every effect waits a little before it is done, as one does that asks a database.
// One client's events are still done one after the other: each waits for the end of the one before.
// Between two clients nothing is in step, which is what a suite has to live with.
//
// Unlike the original it asks whether there is an ack function: it is here for its timing, and has
// nothing to be excused for.
const http = require("node:http");
const { setTimeout: pause } = require("node:timers/promises");
const { Server } = require("socket.io");

const server = http.createServer((_request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("The seed contract on socket.io for Node, with a pause before each effect.\n");
});

const aWhile = () => pause(1 + 4 * Math.random()); // milliseconds: 1 to 5

new Server(server).on("connection", (socket) => {
  let last = Promise.resolve();
  // Does the steps of one event, in order, once those of the client's earlier events are done.
  const inTurn = (...steps) => {
    last = last.then(async () => {
      for (const step of steps) {
        await aWhile();
        step();
      }
    });
  };

  socket.on("enter_room", (nickname, room, ack) => {
    inTurn(
      () => {
        socket.nickname = nickname;
        socket.join(room);
      },
      () => answer(ack),
      () => socket.to(room).emit("welcome", nickname),
    );
  });

  socket.on("new_message", (text, room, ack) => {
    inTurn(
      () => socket.to(room).emit("new_message", `${socket.nickname}: ${text}`),
      () => answer(ack),
    );
  });

  // With ECHO=1 in the environment: whatever arguments come are sent back.
  if (process.env.ECHO === "1") {
    socket.on("message", (...args) => inTurn(() => socket.emit("message-back", ...args)));
    socket.on("message-with-ack", (...args) => {
      const ack = args.pop();
      // Without an ack function, the last one was an argument, and there is nobody to answer.
      if (typeof ack === "function") inTurn(() => ack(...args));
    });
  }
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
