"use strict";
// A chat as many tutorials write it: a bot greets and announces, everything is a `message` of author,
// text and time, a socket has one room, and who writes hears itself. It sits behind a path and in a
// namespace of its own, and lets nobody in without a token.
const http = require("node:http");
const { Server } = require("socket.io");

const BOT = "Chat Bot";
const TOKEN = process.env.TOKEN || "let-me-in";

const server = http.createServer((_request, response) => {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end("A chat with a bot, on socket.io for Node.\n");
});

const chat = new Server(server, { path: "/ws/" }).of("/chat");

chat.use((socket, next) => {
  const { token } = socket.handshake.auth;
  next(token === TOKEN ? undefined : new Error("not authorized"));
});

const said = (username, text) => ({ username, text, time: new Date().toISOString() });

function tellUsers(room) {
  const users = [...(chat.adapter.rooms.get(room) ?? [])].map((id) => chat.sockets.get(id)?.data.username);
  chat.to(room).emit("roomUsers", { room, users });
}

chat.on("connection", (socket) => {
  socket.on("joinRoom", ({ username, room }) => {
    if (socket.data.room !== undefined) return;
    socket.data = { username, room };
    socket.join(room);
    socket.emit("message", said(BOT, "Welcome!"));
    socket.to(room).emit("message", said(BOT, `${username} has joined the chat`));
    tellUsers(room);
  });

  socket.on("chatMessage", (text) => {
    const { username, room } = socket.data;
    if (room !== undefined) chat.to(room).emit("message", said(username, text));
  });

  socket.on("disconnect", () => {
    const { username, room } = socket.data;
    if (room === undefined) return;
    chat.to(room).emit("message", said(BOT, `${username} has left the chat`));
    tellUsers(room);
  });
});

const host = process.env.HOST || "127.0.0.1";
const port = process.env.PORT || 3000;
server.listen(port, host, () => console.log(`listening on http://${host}:${server.address().port}`));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(0));
}
