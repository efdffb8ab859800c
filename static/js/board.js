// Every key and every drag presses one of the page's own links and buttons; htmx swaps #board.
const board = () => document.getElementById("board"), find = (selector) => board().querySelector(selector);
const on = (types, act) => types.split(" ").forEach((type) => document.addEventListener(type, act, { passive: false }));
const control = (cell) => cell.querySelector("button, a:not(.board-hard, .board-soft)");
const FIELD = "textarea, input, select", VERBS = { z: "undo", Z: "redo", y: "redo" };
let drag, kept;

on("keydown", (event) => {
  const { key, target } = event, cell = target.closest("#board td");
  if (event.altKey || target.matches(FIELD)) return;
  if (event.ctrlKey || event.metaKey) find(`[formaction*="/${VERBS[key]}/"]`)?.click();
  else if (key == "Escape") drop();
  else if (key == "n") find("[data-next]")?.focus();
  else if (cell && /^Arrow/.test(key)) { // in the row or, through all days, in the column
    const column = board().querySelectorAll(`td:nth-child(${cell.cellIndex + 1})`);
    const line = [...(/Up|Down/.test(key) ? column : cell.parentElement.cells)].map(control).filter(Boolean);
    line[line.indexOf(control(cell)) + (/Up|Left/.test(key) ? -1 : 1)]?.focus();
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
  scrollBy(0, (y > innerHeight - 50) * 20 - (y < 50) * 20);
  under(x, y)?.focus({ preventScroll: true });
});
on("pointerup pointercancel", ({ clientX, clientY }) => drag && drop(under(clientX, clientY)));
on("touchmove contextmenu", (event) => drag?.up && event.preventDefault());

function lift() {
  drag.up = document.body.classList.add("drags") ?? true;
  board().ontouchmove = (event) => event.preventDefault();
  control(drag.card)?.click();
}

function under(x, y) {
  const at = document.elementFromPoint(x, y);
  const box = at?.closest(".board-aside, .board-offer, .board-days .cell");
  return box?.matches("button") ? box : box?.querySelector(".board-offer, [name=other]");
}

function drop(onto) {
  if (!drag || drag.up) (onto ?? find("[data-cancel]"))?.click();
  clearTimeout(drag?.wait);
  document.body.classList.remove("drags");
  drag = null;
}

// A poll waits for whoever drags, types or looks elsewhere, and leaves focus and scroll alone.
const polls = ({ detail }) => detail.elt.matches("[data-hx-trigger]");
on("htmx:beforeRequest", (event) => {
  if (polls(event) && (drag || document.hidden || document.activeElement.matches(FIELD))) event.preventDefault();
});
on("htmx:beforeSwap", (event) => {
  const at = document.activeElement, name = at.href ? "href" : "value";
  kept = (drag || polls(event)) && [`[${name}="${at.getAttribute(name)}"]`, scrollY];
});
on("htmx:afterSettle", () => {
  if (!kept) return;
  find(kept[0])?.focus({ preventScroll: true });
  scrollTo(0, kept[1]);
});
on("htmx:responseError htmx:sendError", (event) => {
  const live = document.getElementById("board-live");
  if (!polls(event)) live.textContent = live.dataset.failed;
});
