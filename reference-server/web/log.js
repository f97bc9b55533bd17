/** The lines that were said in a room. Text is text: nothing here makes markup of it. */

/** How many lines are kept; a page that stays open for weeks must not grow for weeks. */
const KEPT = 2_000;

export class Log {
  #scroller;
  #lines;
  /** Whether the reader is at the end, and wants to stay there. */
  #following = true;
  /** How high the lines were when that was last looked at. */
  #height = 0;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} lines what is in it
   */
  constructor(scroller, lines) {
    this.#scroller = scroller;
    this.#lines = lines;
    scroller.addEventListener("scroll", () => {
      // Against the height that the reader has seen: a line that has come since does not count.
      this.#following = scroller.scrollTop + scroller.clientHeight >= this.#height - 2;
    });
    // Once a frame, however many lines came in it; also when a phone's keyboard takes half of the room.
    const sizes = new ResizeObserver(() => {
      this.#height = scroller.scrollHeight;
      if (this.#following) scroller.scrollTop = this.#height;
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
