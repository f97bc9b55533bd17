/** The reader's own messages until they are confirmed, with what can be done about those that were not. */

/** @import { Message } from "./session.js" */

export class Outbox {
  #list;
  #actions;
  /** @type {Map<Message, HTMLElement>} */
  #items = new Map();

  /**
   * @param {HTMLElement} list
   * @param {{again: (message: Message) => void, edit: (message: Message) => void,
   *   discard: (message: Message) => void}} actions
   */
  constructor(list, actions) {
    this.#list = list;
    this.#actions = actions;
  }

  /** Shows a message at its stage. @param {Message} message */
  show(message) {
    const { stage } = message;
    if (stage === "confirmed" || stage === "discarded") return this.#remove(message);
    const item = this.#items.get(message) ?? document.createElement("li");
    const text = element("span", "text", message.text);
    text.dir = "auto";
    item.dataset.stage = stage;
    const actions = element("span", "actions", "");
    actions.append(...this.#buttons(message));
    item.replaceChildren(text, element("span", "stage", wording(message)), actions);
    // Behind the others when it is sent again: in the order in which they will be sent.
    if (!this.#items.has(message) || stage === "waiting") this.#list.append(item);
    this.#items.set(message, item);
  }

  clear() {
    this.#items.clear();
    this.#list.replaceChildren();
  }

  /** How many of them need a decision. */
  get undecided() {
    return this.#list.querySelectorAll("[data-stage=unconfirmed], [data-stage=refused]").length;
  }

  #remove(message) {
    this.#items.get(message)?.remove();
    this.#items.delete(message);
  }

  #buttons(message) {
    const { again, edit, discard } = this.#actions;
    switch (message.stage) {
      case "unconfirmed":
        return [
          button("Send again", () => again(message)),
          button("Discard", () => discard(message)),
        ];
      case "refused":
        return [button("Send again", () => again(message)), button("Edit", () => edit(message))];
      default:
        return [];
    }
  }
}

/** @param {Message} message */
function wording({ stage, reason }) {
  switch (stage) {
    case "waiting":
      return "waiting for the connection";
    case "sending":
      return "sending …";
    case "refused":
      return `not sent: ${reason}`;
    default:
      return "not confirmed: it may have arrived or not";
  }
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function button(label, action) {
  const made = element("button", "quiet", label);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}
