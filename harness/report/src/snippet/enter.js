
/** Everybody enters in turn, under a name of their own; whoever is inside already is told. */
async function enter(room, inside, ...sockets) {
  for (const socket of sockets) {
    const name = socket.called.replace(".", "");
    const nickname = name[0].toUpperCase() + name.slice(1);
    socket.emit("enter_room", nickname, room, socket.acked("enter_room"));
    await next(socket, "ack ()");
    for (const earlier of inside) await next(earlier, `welcome "${nickname}"`);
    inside.push(socket);
  }
}
