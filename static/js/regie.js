// Lists of the desk: select all rows of the page, and say how many are selected.
const [all, ...boxes] = document.querySelectorAll("#action-toggle, input.action-select");
const tell = (event) => {
  if (event?.target === all) for (const box of boxes) box.checked = all.checked;
  const chosen = boxes.filter((box) => box.checked).length;
  document.querySelector(".desk-count").textContent = chosen ? `${chosen} / ${boxes.length}` : "";
  all.checked = chosen === boxes.length;
  all.indeterminate = chosen > 0 && !all.checked;
};
if (all) {
  onchange = tell;
  tell();
}
