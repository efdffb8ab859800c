// Keys and drags press the page's own links and buttons; htmx swaps #board.
const live = document.getElementById("board-live"), VERBS = { z: "undo", Z: "redo", y: "redo" };
const all = (selector) => [...document.querySelectorAll(`#board ${selector}`)], find = (selector) => all(selector)[0];
const on = (types, act) => types.split(" ").forEach((type) => document.addEventListener(type, act, { passive: false }));
const control = (cell) => cell.querySelector("button, a:not([class])");
const isField = (at) => at.matches("textarea, input, select");
let drag, kept;

on("keydown", (event) => {
  const { key, target } = event, cell = target.closest("#board td");
  if (event.altKey || isField(target)) return;
  if (event.ctrlKey || event.metaKey) find(`#${VERBS[key]}`)?.click();
  else if (key == "Escape") drop();
  else if (key == "n") find("[data-next]")?.focus();
  else if (cell && /^Arrow/.test(key)) { // days follow each other
    const cells = /Up|Down/.test(key) ? all(`td:nth-child(${cell.cellIndex + 1})`) : [...cell.parentElement.cells];
    const line = cells.map(control).filter(Boolean), step = /Up|Left/.test(key) ? -1 : 1;
    line[line.indexOf(control(cell)) + step]?.focus();
    event.preventDefault();
  }
});

// A mouse lifts a card at once, a finger after a while: until then it scrolls.
on("pointerdown", ({ target, button, pointerType, clientX: x, clientY: y }) => {
  const card = target.closest("#board .cell:is(.is-held, :has([href*='held=']))");
  if (!card || button || target.closest("a, button")) return;
  drag = { card, x, y, wait: pointerType != "mouse" && setTimeout(lift, 300) };
});
on("pointermove", ({ clientX: x, clientY: y }) => {
  if (!drag || (!drag.up && Math.hypot(x - drag.x, y - drag.y) < 6)) return;
  if (!drag.up) return drag.wait ? drop() : lift();
  document.body.style = `--x:${x}px;--y:${y}px`;
  scrollBy(0, y < 50 ? -20 : y > innerHeight - 50 && 20);
  under(x, y)?.focus({ preventScroll: true });
});
on("pointerup pointercancel", ({ clientX, clientY }) => drag && drop(under(clientX, clientY)));
on("touchmove contextmenu", (event) => drag?.up && event.preventDefault());

function lift() {
  drag.up = document.body.className += " drags";
  find("").ontouchmove = (event) => event.preventDefault(); // the swap takes the card away
  control(drag.card)?.click();
}

function under(x, y) {
  const box = document.elementFromPoint(x, y)?.closest("aside, .board-offer, .board-days .cell");
  return box?.matches("button") ? box : box?.querySelector(".board-offer, [name=other]");
}

function drop(onto) {
  if (!drag || drag.up) (onto ?? find("[data-cancel]"))?.click();
  clearTimeout(drag?.wait);
  document.body.classList.remove("drags");
  drag = null;
}

// Polls wait for whoever drags, types or looks elsewhere.
const polls = ({ detail }) => detail.requestConfig.elt.matches("[data-hx-trigger]");
on("htmx:beforeRequest", (event) => {
  if (polls(event) && (drag || document.hidden || isField(document.activeElement))) event.preventDefault();
});
// The list stays scrolled, details open.
on("htmx:beforeSwap", ({ detail }) => {
  if (drag) detail.serverResponse = detail.serverResponse.replaceAll(" autofocus", "");
  kept = all("aside, details").reverse().map(({ id, open, scrollTop }) => [id, { open, scrollTop }]);
  find("").hidden = detail.shouldSwap;
});
on("htmx:afterSwap", () => kept.forEach(([id, was]) => Object.assign(find(`#${id}`) ?? {}, was)));
on("htmx:responseError htmx:sendError", (event) => polls(event) || live.replaceChildren(live.dataset.failed));
