// Lists of the desk: select all rows of the page, and say how many are selected.
const all = document.getElementById("action-toggle");
const boxes = [...document.querySelectorAll("input.action-select")];
const count = document.querySelector(".desk-count");

const tell = () => {
  const chosen = boxes.filter((box) => box.checked).length;
  if (count) count.textContent = chosen ? `${chosen} / ${boxes.length}` : "";
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
};

all?.addEventListener("change", () => {
  for (const box of boxes) box.checked = all.checked;
  tell();
});
for (const box of boxes) box.addEventListener("change", tell);
tell();
