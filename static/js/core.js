// On every page: errors come into view, typed text survives a lost answer, open menus close.

const KEPT = "kept:", live = document.getElementById("live");

// Fields with data-keep are remembered in this tab until a page with a success message ([data-kept-done]) arrives.
function keyOf(field) {
  return `${KEPT}${location.pathname}#${field.name}`;
}

function restoreTyped(root) {
  for (const field of root.querySelectorAll("[data-keep]")) {
    const kept = sessionStorage.getItem(keyOf(field));
    if (kept && !field.value) field.value = kept;
  }
}

function forgetTyped(root) {
  for (const { dataset } of root.querySelectorAll("[data-stored]")) localStorage.removeItem(dataset.stored);
  if (!root.querySelector("[data-kept-done]")) return;
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(KEPT)) sessionStorage.removeItem(key);
  }
}

function announceFailure() {
  live?.replaceChildren(navigator.onLine ? live.dataset.failed : live.dataset.offline);
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

function arrive(root) {
  root.querySelector("[data-focus]")?.focus();
  forgetTyped(document);
  restoreTyped(root);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches?.("[data-keep]")) sessionStorage.setItem(keyOf(target), target.value);
});
document.addEventListener("click", ({ target }) => closeMenus(target));
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  closeMenus(null);
  menu?.querySelector("summary").focus();
});
document.addEventListener("htmx:load", ({ target }) => {
  if (target !== document.body) arrive(target);
});
document.addEventListener("htmx:responseError", announceFailure);
document.addEventListener("htmx:sendError", announceFailure);
document.addEventListener("htmx:beforeRequest", () => live?.replaceChildren());

arrive(document);
