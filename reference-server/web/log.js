/** The lines that were said in a room. Text is text: nothing here makes markup of it. */

/** How many lines are kept; a page that stays open for weeks must not grow for weeks. */
const KEPT = 2_000;

export class Log {
  #scroller;
  #lines;
  /** Whether the reader is at the end, and wants to stay there. */
  #following = true;
  /** How high the lines were, and how much of them could be seen, when that was last looked at. */
  #seen = { height: 0, view: 0 };

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} lines what is in it
   */
  constructor(scroller, lines) {
    this.#scroller = scroller;
    this.#lines = lines;
    scroller.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = scroller;
      const isEnd = ({ height, view }) => scrollTop + view >= height - 2;
      // At the end as it is, or as it was when the reader saw it: a line that has come since, or a room
      // that has grown smaller, is no wish to read something else.
      this.#following = isEnd({ height: scrollHeight, view: clientHeight }) || isEnd(this.#seen);
    });
    // Once a frame, however many lines came in it; also when a phone's keyboard takes half of the room.
    const sizes = new ResizeObserver(() => {
      this.#seen = { height: scroller.scrollHeight, view: scroller.clientHeight };
      if (this.#following) scroller.scrollTop = this.#seen.height;
    });
    sizes.observe(scroller);
    sizes.observe(lines);
  }

  /**
   * @param {string} text
   * @param {"said" | "own" | "notice"} kind
   */
  add(text, kind) {
    const line = document.createElement("li");
    line.className = kind;
    line.dir = "auto"; // whoever writes from right to left is read so
    line.textContent = text;
    this.#lines.append(line);
    while (this.#lines.childElementCount > KEPT) this.#lines.firstElementChild.remove();
  }

  clear() {
    this.#lines.replaceChildren();
    this.#following = true;
  }
}

/** What a server may say where a text is expected, as text. */
export function printed(value) {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
