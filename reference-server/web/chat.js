/** The page: the entrance, the room, and what the session says of both. */

import { Log, printed } from "./log.js";
import { Outbox } from "./outbox.js";
import { Session } from "./session.js";

const at = (id) => document.getElementById(id);
const [title, leave, status, entrance, conversation] = [
  "title",
  "leave",
  "status",
  "entrance",
  "conversation",
].map(at);
const [nickname, room, enter, writing, text] = ["nickname", "room", "enter", "writing", "text"].map(
  at,
);

const log = new Log(at("log"), at("lines"));
const outbox = new Outbox(at("outbox"), {
  again: (message) => decide(() => session.again(message)),
  discard: (message) => decide(() => session.discard(message)),
  edit: (message) =>
    decide(() => {
      session.discard(message);
      text.value = [message.text, text.value].filter(Boolean).join(" ");
    }),
});

/** @type {Session | undefined} */
let session;
/** What the session said last about its connection. */
let connection = {};

if (globalThis.io) {
  entrance.hidden = false;
  nickname.value = remembered("nickname");
  room.value = remembered("room");
  (nickname.value ? room : nickname).focus();
} else {
  sayWhatIsMissing();
}

entrance.addEventListener("submit", (event) => {
  event.preventDefault();
  problem("entrance", "");
  const empty = [nickname, room].filter((field) => mark(field, field.value.trim() === ""));
  if (empty.length > 0) {
    const names = empty.map((field) => (field === nickname ? "a nickname" : "a room"));
    return complain("entrance", empty[0], `Please choose ${names.join(" and ")}.`);
  }
  const [who, where] = [nickname.value.trim(), room.value.trim()];
  // Asked twice for the same, as by a second click, it goes on with the first.
  if (!session?.isOf(who, where)) begin(who, where);
});

writing.addEventListener("submit", (event) => {
  event.preventDefault();
  if (mark(text, text.value.trim() === "")) {
    return complain("writing", text, "Please write something first.");
  }
  problem("writing", "");
  session.write(text.value);
  text.value = "";
  text.focus(); // a phone's keyboard stays where it is
});

leave.addEventListener("click", () => {
  const unfinished = session.unfinished;
  if (unfinished > 0 && !confirm("Not all of your messages were confirmed. Leave all the same?"))
    return;
  end();
  status.textContent = "You have left the room.";
  room.focus();
});

addEventListener("beforeunload", (event) => {
  if (session?.unfinished > 0) event.preventDefault(); // the browser asks
});

function begin(who, where) {
  session?.close();
  remember("nickname", who);
  remember("room", where);
  log.clear();
  outbox.clear();
  enter.textContent = "Entering …";
  session = new Session(
    { nickname: who, room: where, transports: transports() },
    {
      state(name, reason) {
        connection = { name, reason, room: where };
        showConnection();
      },
      entered(again) {
        if (again) log.add("You are back. What was written meanwhile is not shown here.", "notice");
        else showRoom(where);
      },
      refused({ message, code }) {
        end();
        // Whose fault it is, if it is a field's; otherwise it is only to be tried again.
        const field = [nickname, room].find(({ name }) => String(code).includes(name));
        if (field) mark(field, true);
        complain("entrance", field ?? enter, `The server does not let you in: ${message}`);
      },
      welcome: (newcomer) => log.add(`${printed(newcomer)} has entered.`, "notice"),
      line: (line) => log.add(printed(line), "said"),
      message(message) {
        if (message.stage === "confirmed") log.add(`You: ${message.text}`, "own");
        outbox.show(message);
        showConnection();
        showUndecided();
      },
    },
  );
  session.open();
}

/** Back to the entrance. */
function end() {
  session.close();
  session = undefined;
  connection = {};
  showConnection();
  problem("writing", "");
  conversation.hidden = leave.hidden = true;
  entrance.hidden = false;
  title.textContent = document.title = "Chat";
  enter.textContent = "Enter";
}

function showRoom(name) {
  title.textContent = name;
  document.title = `${name} – Chat`;
  entrance.hidden = true;
  conversation.hidden = leave.hidden = false;
  mark(text, false);
  text.focus();
}

function showConnection() {
  const { name, reason, room } = connection;
  const because = reason ? ` (${reason})` : "";
  const waiting = session?.waiting ?? 0;
  const kept =
    waiting === 0
      ? "What you write is kept."
      : waiting === 1
        ? "A message waits."
        : `${waiting} messages wait.`;
  status.dataset.state = name ?? "";
  const words = {
    connecting: reason ? `No connection${because}. Trying again …` : "Connecting …",
    entering: `Entering ${room} …`,
    entered: "Connected.",
    away: `Connection lost${because}. Trying again … ${kept}`,
  };
  say(status, words[name] ?? "");
}

/** Says aloud that a message needs a decision; which one and why stands beside it. */
function showUndecided() {
  const undecided = outbox.undecided;
  const one = "A message was not sent or not confirmed. You can send it again.";
  const many = `${undecided} messages were not sent or not confirmed. You can send them again.`;
  problem("writing", undecided === 0 ? "" : undecided === 1 ? one : many);
}

/** Does what a button of the outbox asks for. The button is gone then, and with it the focus. */
function decide(action) {
  action();
  text.focus();
}

/** Marks a field as wrong or not, and says which it is. */
function mark(field, wrong) {
  if (wrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  return wrong;
}

function complain(form, field, words) {
  problem(form, words);
  field.focus();
}

function problem(form, words) {
  say(at(`${form}-problem`), words);
}

/** Says what is new, and does not say it twice. */
function say(where, words) {
  if (where.textContent !== words) where.textContent = words;
}

/** What the page's address asks for, as `?transports=polling` where a proxy breaks WebSocket. */
function transports() {
  const known = ["polling", "websocket"];
  const asked = new URLSearchParams(location.search).get("transports")?.split(",") ?? [];
  const chosen = asked.filter((name) => known.includes(name));
  return chosen.length > 0 ? chosen : undefined;
}

/** The server knows what is missing and what to do about it. */
async function sayWhatIsMissing() {
  let words = "The Socket.IO browser client could not be loaded. Please try again later.";
  try {
    const answer = await fetch("/socket.io/socket.io.js");
    if (answer.status === 404) words = await answer.text();
  } catch {
    // No server, no better words.
  }
  at("what-is-missing").textContent = words;
  at("missing").hidden = false;
}

/** For a reload; a browser that keeps nothing is no reason not to chat. */
function remember(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // It will be asked for again.
  }
}

function remembered(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}
