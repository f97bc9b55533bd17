import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from "@nestjs/websockets";
import type { Socket } from "socket.io";

// All arguments of an event but the ack function come as one body. What a handler returns would be the ack's
// argument, or, as { event, data }, an event; one that returns nothing never acks. So the ack function is asked
// for by its decorator, and is called without arguments. There may be none.
@WebSocketGateway()
export class ChatGateway {
  @SubscribeMessage("enter_room")
  enter(@ConnectedSocket() socket: Socket, @MessageBody() body: [string, string], @Ack() ack?: () => void) {
    const [nickname, room] = body;
    socket.data.nickname = nickname;
    socket.join(room);
    ack?.();
    socket.to(room).emit("welcome", nickname);
  }

  @SubscribeMessage("new_message")
  say(@ConnectedSocket() socket: Socket, @MessageBody() body: [string, string], @Ack() ack?: () => void) {
    const [text, room] = body;
    socket.to(room).emit("new_message", `${socket.data.nickname}: ${text}`);
    ack?.();
  }
}
