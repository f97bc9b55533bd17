// A chat on NestJS with its Socket.IO platform, whose events a gateway handles (chat.gateway.ts).
import "reflect-metadata";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ChatGateway } from "./chat.gateway.js";

@Module({ providers: [ChatGateway] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ["error", "warn"] });
await app.listen(process.env.PORT || 3000, process.env.HOST || "127.0.0.1");
console.log(`listening on ${await app.getUrl()}`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => process.exit(0));
}
