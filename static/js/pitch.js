// Keeps what is typed until it is stored, offers it back, counts near limits, completes tags.

const form = document.querySelector("form[data-kept]");
const key = form.dataset.kept;
const SKIP = ["name", "email", "code"];

function typed() {
  const fields = new URLSearchParams(new FormData(form));
  SKIP.forEach((name) => fields.delete(name));
  return fields.toString();
}

// "seen" is a token, no text.
const words = (fields) => fields.replace(/(^|&)seen=[^&]*/, "");

const begun = typed();
let timer;

function keep() {
  clearTimeout(timer);
  if (words(typed()) !== words(begun)) localStorage.setItem(key, typed());
}

// The server puts any number of sessions back.
function resume(kept) {
  const carrier = document.createElement("form");
  carrier.method = "post";
  const fields = new URLSearchParams(kept);
  if (form.elements.code) fields.set("code", form.elements.code.value);
  fields.set("do", "restore");
  for (const [name, value] of fields) {
    carrier.append(Object.assign(document.createElement("textarea"), { name, value }));
  }
  carrier.hidden = true;
  document.body.append(carrier);
  carrier.submit();
}

function offer(kept) {
  const notice = document.getElementById("kept-offer").content.firstElementChild.cloneNode(true);
  notice.querySelector("[data-take]").onclick = () => resume(kept);
  notice.querySelector("[data-drop]").onclick = () => {
    localStorage.removeItem(key);
    notice.remove();
  };
  form.before(notice);
}

function count(field) {
  const { max } = field.dataset;
  const { length } = [...field.value];
  const near = length > max * 0.8;
  let note = field.nextElementSibling;
  if (near && !note) field.after((note = Object.assign(document.createElement("p"), { className: "count" })));
  if (note) note.textContent = near ? `${length} / ${max}` : "";
}

const tags = [...document.getElementById("known-tags").options].map(({ value }) => value);

function complete({ value, list }) {
  const before = value.slice(0, value.lastIndexOf(",") + 1);
  list.replaceChildren(...tags.map((tag) => new Option(tag, before ? `${before} ${tag}` : tag)));
}

form.addEventListener("input", ({ target }) => {
  clearTimeout(timer);
  timer = setTimeout(keep, 400);
  if (target.dataset.max) count(target);
  if (target.name === "tags") complete(target);
});
addEventListener("pagehide", keep);

const kept = localStorage.getItem(key);
if ("answer" in form.dataset) localStorage.setItem(key, begun);
else if (kept && words(kept) !== words(begun)) offer(kept);
