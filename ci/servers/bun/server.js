// The seed contract on socket.io, on Bun with the engine that is made for it, @socket.io/bun-engine. The
// chat is that of ../node-guarded.
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";

const io = new Server();
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);

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

  // With ECHO=1 in the environment: whatever arguments come are sent back.
  if (process.env.ECHO === "1") {
    socket.on("message", (...args) => socket.emit("message-back", ...args));
    socket.on("message-with-ack", (...args) => {
      const ack = args.pop();
      ack(...args);
    });
  }
});

function answer(ack) {
  if (typeof ack === "function") ack();
}

const server = Bun.serve({
  hostname: process.env.HOST || "127.0.0.1",
  port: process.env.PORT || 3000,
  ...engine.handler(),
});
console.log(`listening on ${server.url}`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(0));
}
