/**
 * One person in one room: the connection, and the messages on their way.
 *
 * What is promised about a message: it is sent once, after the room was entered, in the order in which
 * it was written. If the connection is lost before its ack, nobody here can know whether it arrived. It
 * is then *unconfirmed*, and sent again only if its writer says so: said twice is worse than asked once.
 *
 * Nothing is left to the client library's own buffers. It would send what it kept when it connects,
 * before the room is entered; and `volatile` would drop what is written while a polling request is on
 * its way. Its `retries` may say a thing twice.
 */

/** How long an ack may take, in milliseconds: longer than the server's heartbeat finds out. */
const PATIENCE = 60_000;
/** The first and the longest wait before the server is asked again after it has refused, in milliseconds. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** What is said where a server has refused without a reason. */
const NO_REASON = "no reason given";

/**
 * @typedef {"waiting" | "sending" | "confirmed" | "unconfirmed" | "refused" | "discarded"} Stage
 * @typedef {{text: string, stage: Stage, reason?: string, attempt?: symbol}} Message
 * @typedef {{message: string, code?: string}} Refusal
 *
 * @typedef {object} Listener What is told; in the order in which it happens, and never later.
 * @property {(state: "connecting" | "entering" | "entered" | "away", reason?: string) => void} state
 * @property {(again: boolean) => void} entered The room has been entered; again, after a loss.
 * @property {(refusal: Refusal) => void} refused The first attempt to enter: the session is over.
 * @property {(nickname: unknown) => void} welcome Somebody else has entered.
 * @property {(line: unknown) => void} line Somebody else has written.
 * @property {(message: Message) => void} message A message has another stage.
 */

export class Session {
  #nickname;
  #room;
  #listener;
  #socket;
  /** Whether messages may be sent now. */
  #entered = false;
  /** Whether they ever could: what is refused from then on may be temporary. */
  #settled = false;
  /** @type {Message[]} In the order in which they are to be sent; those that are done are not in it. */
  #outbox = [];
  #refusals = 0;
  #timer;

  /**
   * @param {{nickname: string, room: string, transports?: string[]}} who
   * @param {Listener} listener
   */
  constructor({ nickname, room, transports }, listener) {
    this.#nickname = nickname;
    this.#room = room;
    this.#listener = listener;
    // A connection of its own, so that leaving a room is leaving for good.
    const options = { forceNew: true, autoConnect: false };
    this.#socket = globalThis.io(transports ? { ...options, transports } : options);
    this.#socket.on("connect", () => this.#enter());
    this.#socket.on("disconnect", (reason) => this.#lost(reason));
    this.#socket.on("connect_error", (error) => this.#failed(error));
    this.#socket.on("welcome", (nickname) => this.#listener.welcome(nickname));
    this.#socket.on("new_message", (line) => this.#listener.line(line));
  }

  open() {
    this.#listener.state("connecting");
    this.#socket.connect();
  }

  /** Leaves. Nothing is told from here on, and what was not sent is not sent. */
  close() {
    clearTimeout(this.#timer);
    this.#socket.off();
    for (const message of this.#outbox) message.attempt = undefined;
    this.#outbox = [];
    this.#socket.disconnect();
  }

  /** Whether it is this person in this room. */
  isOf(nickname, room) {
    return this.#nickname === nickname && this.#room === room;
  }

  /** How many messages were not confirmed yet, for whatever reason. */
  get unfinished() {
    return this.#outbox.length;
  }

  /** How many messages wait until the room is entered. */
  get waiting() {
    return this.#outbox.filter(({ stage }) => stage === "waiting").length;
  }

  /** Sends `text` now, or when the room is entered again. */
  write(text) {
    this.#queue({ text, stage: "waiting" });
  }

  /** Sends a message again, behind all others, of which nobody knows that it arrived. */
  again(message) {
    this.#forget(message);
    message.reason = undefined;
    this.#queue(message);
  }

  /** Gives a message up. */
  discard(message) {
    this.#forget(message);
    this.#stage(message, "discarded");
  }

  #queue(message) {
    this.#outbox.push(message);
    this.#stage(message, "waiting");
    if (this.#entered) this.#send(message);
  }

  #forget(message) {
    this.#outbox = this.#outbox.filter((other) => other !== message);
  }

  #stage(message, stage, reason) {
    message.stage = stage;
    message.reason = reason;
    this.#listener.message(message);
  }

  /** Callbacks and not promises, here and below: an ack keeps its place among what others say. */
  #enter() {
    this.#listener.state("entering");
    const answered = (error, answer) => {
      if (error) {
        // If the connection was lost, that is dealt with where it is noticed.
        if (this.#socket.connected) this.#refuse({ message: "no answer in time" });
        return;
      }
      const refusal = refusalIn(answer);
      if (refusal) return this.#refuse(refusal);
      const again = this.#settled;
      this.#entered = this.#settled = true;
      this.#refusals = 0;
      this.#listener.state("entered");
      this.#listener.entered(again);
      for (const message of this.#outbox.filter(({ stage }) => stage === "waiting")) {
        this.#send(message);
      }
    };
    this.#socket.timeout(PATIENCE).emit("enter_room", this.#nickname, this.#room, answered);
  }

  #send(message) {
    // What an earlier attempt is still told is of no interest.
    const attempt = Symbol("attempt");
    message.attempt = attempt;
    this.#stage(message, "sending");
    const answered = (error, answer) => {
      if (message.attempt !== attempt) return;
      const refusal = !error && refusalIn(answer);
      if (error) return this.#stage(message, "unconfirmed");
      if (refusal) return this.#stage(message, "refused", refusal.message);
      this.#forget(message);
      this.#stage(message, "confirmed");
    };
    this.#socket.timeout(PATIENCE).emit("new_message", message.text, this.#room, answered);
    // A computer that has slept is still connected for a moment, in name. The library notices and keeps
    // the message for the next connection; that is for us to do.
    if (this.#socket.sendBuffer.length > 0) {
      this.#socket.sendBuffer.length = 0;
      message.attempt = undefined;
      this.#stage(message, "waiting");
    }
  }

  #lost(reason) {
    this.#entered = false;
    if (reason === "io client disconnect") return; // our own doing, and told already
    // A server that says goodbye is not asked again by the library.
    if (!this.#socket.active) return this.#later("the server has ended the connection");
    this.#away(reason);
  }

  #failed(error) {
    // The library asks again if it could not get through, and does not if it was refused.
    if (!this.#socket.active) return this.#refuse({ message: error.message || NO_REASON });
    this.#away(error.message);
  }

  #away(reason) {
    this.#listener.state(this.#settled ? "away" : "connecting", reason);
  }

  /** The server does not let us in: our mistake the first time, and perhaps a full server later. */
  #refuse(refusal) {
    if (this.#settled) return this.#later(`the server refuses: ${refusal.message}`);
    this.close();
    this.#listener.refused(refusal);
  }

  #later(reason) {
    this.#entered = false;
    this.#socket.disconnect();
    this.#away(reason);
    const wait = Math.min(FIRST_WAIT * 2 ** this.#refusals, LONGEST_WAIT);
    this.#refusals += 1;
    // Not all of those whom the server has sent away at once come back at once.
    this.#timer = setTimeout(() => this.#socket.connect(), wait * (0.5 + Math.random()));
  }
}

/**
 * What an ack says against what was asked, if it does: `{error: {message, code}}`, or a text.
 *
 * @returns {Refusal | undefined}
 */
function refusalIn(answer) {
  const error = answer?.error;
  if (error === undefined || error === null || error === false) return undefined;
  if (typeof error !== "object") return { message: String(error) };
  return { message: String(error.message ?? error.code ?? NO_REASON), code: error.code };
}
