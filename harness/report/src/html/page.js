"use strict";
// The page can be read without this: it filters, searches, folds, and copies.
{
  const byId = (id) => document.getElementById(id);
  const form = byId("filter");
  const scenarios = [...document.querySelectorAll(".scenario")].map((element) => ({
    element,
    level: element.dataset.l,
    row: document.querySelector(`tr[data-s="${CSS.escape(element.id)}"]`),
    cases: [...element.querySelectorAll(".case")].map((element) => ({ element, ...element.dataset })),
  }));
  const total = scenarios.reduce((sum, { cases }) => sum + cases.length, 0);
  const checked = () => new Set([...form.querySelectorAll("[name=verdict]:checked")].map(({ value }) => value));

  /** What an element says, in lower case; read once, and only when somebody searches. */
  const said = (part) => (part.words ??= part.element.textContent.toLowerCase());
  /** What a scenario says besides its cases. */
  const head = (scenario) =>
    (scenario.head ??= [...scenario.element.children]
      .filter((child) => !child.classList.contains("case"))
      .map((child) => child.textContent.toLowerCase())
      .join("\n"));

  const show = () => {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [target, level, transport] = ["target", "level", "transport"].map((id) => byId(id)?.value ?? "");
    const verdicts = checked();
    let shown = 0;
    for (const scenario of scenarios) {
      let here = 0;
      for (const one of scenario.cases) {
        const fits =
          verdicts.has(one.v) &&
          (target === "" || one.t === target) &&
          (level === "" || scenario.level === level) &&
          (transport === "" || one.o === transport) &&
          words.every((word) => said(one).includes(word) || head(scenario).includes(word));
        one.element.hidden = !fits;
        here += fits;
      }
      scenario.element.hidden = here === 0;
      if (scenario.row) scenario.row.hidden = here === 0;
      shown += here;
    }
    for (const chapter of document.querySelectorAll(".chapter")) {
      chapter.hidden = !chapter.querySelector(".scenario:not([hidden])");
    }
    byId("count").value = `${shown} of ${total} cases shown`;
  };

  /** A page of a thousand cases is searched when somebody stops to type. */
  let waiting = 0;
  form.addEventListener("input", ({ target }) => {
    clearTimeout(waiting);
    waiting = setTimeout(show, target.id === "search" ? 150 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  const visible = (selector) => [...document.querySelectorAll(selector)].filter((element) => !element.closest("[hidden]"));
  byId("unfold").addEventListener("click", () => {
    for (const details of visible(".scenario, .case")) details.open = true;
  });
  byId("fold").addEventListener("click", () => {
    for (const details of document.querySelectorAll("details[open]")) details.open = false;
  });

  /** What an address leads to is unfolded, with all that it is in. */
  const reveal = () => {
    const place = byId(decodeURIComponent(location.hash.slice(1)));
    if (!place) return;
    for (let element = place; element; element = element.parentElement) {
      element.hidden = false;
      if (element.localName === "details") element.open = true;
    }
    place.scrollIntoView();
    place.querySelector(":scope > summary")?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);

  if (navigator.clipboard) {
    for (const again of document.querySelectorAll(".again")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(again.querySelector("code").textContent);
        button.textContent = "Copied";
      });
      again.append(" ", button);
    }
  }

  addEventListener("beforeprint", () => {
    for (const details of visible(".scenario, .case")) details.open = true;
  });
  form.hidden = false;
  show();
  reveal();
}
