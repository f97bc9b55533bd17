import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from "@nestjs/websockets";
import type { Socket } from "socket.io";

// A chat as the documentation of NestJS would have one write it: an event has one body, and a handler returns its
// answer. { event, data } becomes an event of that name, to the socket that asked; anything else is the argument of
// its ack.
@WebSocketGateway()
export class ChatGateway {
  @SubscribeMessage("join")
  join(@ConnectedSocket() socket: Socket, @MessageBody() body: { nickname: string; room: string }) {
    socket.data.nickname = body.nickname;
    socket.join(body.room);
    socket.to(body.room).emit("newcomer", { nickname: body.nickname });
    return { event: "joined", data: { room: body.room } };
  }

  @SubscribeMessage("message")
  say(@ConnectedSocket() socket: Socket, @MessageBody() body: { room: string; text: string }) {
    socket.to(body.room).emit("message", { from: socket.data.nickname, text: body.text });
    return { ok: true };
  }
}
