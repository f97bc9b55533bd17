"use strict";
// A chat that speaks as the example of socket.io's own documentation does: one room for everybody, a
// nickname that is added once, no acks. Nothing of it has the suite's names; target.toml says what it
// calls things.
const http = require("node:http");
const { Server } = require("socket.io");

const server = http.createServer((_request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("One room for everybody, on socket.io for Node.\n");
});

// With TWICE=1 it has a bug: what is said is relayed twice. So it is seen that a chat of another dialect
// is not passed for its dialect.
const relays = process.env.TWICE === "1" ? 2 : 1;

let users = 0;

new Server(server).on("connection", (socket) => {
  let username;

  socket.on("add user", (name) => {
    if (username !== undefined) return;
    username = name;
    users += 1;
    socket.emit("login", { numUsers: users });
    socket.broadcast.emit("user joined", { username, numUsers: users });
  });

  socket.on("new message", (message) => {
    for (let relay = 0; relay < relays; relay += 1) {
      socket.broadcast.emit("new message", { username, message });
    }
  });

  for (const event of ["typing", "stop typing"]) {
    socket.on(event, () => socket.broadcast.emit(event, { username }));
  }

  socket.on("disconnect", () => {
    if (username === undefined) return;
    users -= 1;
    socket.broadcast.emit("user left", { username, numUsers: users });
  });
});

const host = process.env.HOST || "127.0.0.1";
const port = process.env.PORT || 3000;
server.listen(port, host, () => console.log(`listening on http://${host}:${server.address().port}`));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(0));
}
