// The board by keyboard: results are spoken, Escape lets go, arrows walk the cells, N takes the next waiting session.
// Every action is a plain form or link; htmx only swaps the same fragment.

const live = document.getElementById("board-live");
const board = () => document.getElementById("board");
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function speak(text) {
  live.textContent = "";
  setTimeout(() => { live.textContent = text; }, 50);
}

function control(cell) {
  return cell?.querySelector("button, a:not(.board-hard, .board-soft)");
}

// From a cell in one direction to the nearest one that holds a control; days follow each other.
function walk(from, [down, across]) {
  const rows = [...board().querySelectorAll("tbody tr")];
  let row = rows.indexOf(from.parentElement);
  let column = from.cellIndex;
  for (;;) {
    row += down;
    column += across;
    const cell = rows[row]?.cells[column];
    if (!cell && !(down && rows[row])) return;
    if (control(cell)) {
      control(cell).focus();
      return;
    }
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("textarea, input")) return;
  const inside = event.target.closest("#board") || event.target === document.body;
  const cell = event.target.closest("#board td");
  if (event.key === "Escape") {
    board().querySelector("[data-cancel]")?.click();
  } else if (STEPS[event.key] && cell) {
    event.preventDefault();
    walk(cell, STEPS[event.key]);
  } else if (event.key.toLowerCase() === "n" && inside) {
    const next = board().querySelector("[data-next]");
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }
});

document.addEventListener("htmx:afterSettle", () => {
  speak(board().dataset.said ?? "");
});
for (const failed of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failed, () => speak(live.dataset.failed));
}
