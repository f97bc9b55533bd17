"use strict";
// Everything that chatspec knows of, on socket.io for Node as everybody uses it: the seed contract, and the
// capabilities echo, leave_room, bye and room_change. It is here to be right, beside the reference: what two
// servers that were written apart both pass is not what one of them happens to do.
const http = require("node:http");
const { Server } = require("socket.io");

const server = http.createServer((_request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("The seed contract on socket.io for Node, with all extensions.\n");
});

const io = new Server(server);
const { rooms, sids } = io.of("/").adapter;

io.on("connection", (socket) => {
  socket.emit("room_change", roomList());

  socket.on("enter_room", (nickname, room, ack) => {
    const isNew = !socket.rooms.has(room);
    socket.nickname = nickname;
    socket.join(room);
    answer(ack);
    socket.to(room).emit("welcome", nickname);
    if (isNew) io.emit("room_change", roomList());
  });

  socket.on("new_message", (text, room, ack) => {
    socket.to(room).emit("new_message", `${socket.nickname}: ${text}`);
    answer(ack);
  });

  socket.on("leave_room", (room, ack) => {
    const wasIn = isRoom(room) && socket.rooms.has(room);
    // Every socket is alone in a room that is called like itself; that one is no room of the chat.
    if (wasIn) socket.leave(room);
    answer(ack);
    if (!wasIn) return;
    socket.to(room).emit("bye", socket.nickname);
    io.emit("room_change", roomList());
  });

  // Still in its rooms here, and in none when it is `disconnect`.
  socket.on("disconnecting", () => {
    socket.wasIn = [...socket.rooms].filter(isRoom);
    for (const room of socket.wasIn) socket.to(room).emit("bye", socket.nickname);
  });
  socket.on("disconnect", () => {
    if (socket.wasIn.length > 0) io.emit("room_change", roomList());
  });

  socket.on("message", (...args) => socket.emit("message-back", ...args));
  socket.on("message-with-ack", (...args) => {
    const ack = args.pop();
    if (typeof ack === "function") ack(...args);
  });
});

// Whether it is a room of the chat, and not the one that every socket is alone in.
function isRoom(room) {
  return !sids.has(room);
}

function roomList() {
  const list = [...rooms].filter(([room]) => isRoom(room)).map(([room, members]) => [nameOf(room), members.size]);
  return list.sort(([one], [other]) => compareCodePoints(one, other));
}

// A client may send anything for a room, and text cannot be made of everything.
function nameOf(room) {
  return typeof room === "string" ? room : `${JSON.stringify(room)}`;
}

// `<` compares UTF-16 units, of which those beyond the basic plane stand before some that are in it.
function compareCodePoints(one, other) {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function answer(ack) {
  if (typeof ack === "function") ack();
}

const host = process.env.HOST || "127.0.0.1";
const port = process.env.PORT || 3000;
server.listen(port, host, () => console.log(`listening on http://${host}:${server.address().port}`));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(0));
}
