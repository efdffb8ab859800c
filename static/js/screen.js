// Asks for its page again, says when none came, shows what holds by the clock.
const all = (what) => [...document.querySelectorAll(what)];
let old;
(async function follow() {
  const [live] = all("[data-live]");
  setTimeout(follow, live.dataset.live);
  const page = await fetch(location, { signal: AbortSignal.timeout(4e3) })
    .then((got) => got.text()).catch(String);
  const came = page.includes("data-live");
  if (came && page != old) htmx.swap(live, old = page, {}, { select: "[data-live]" });
  all(".offline")[0].hidden = came;
  const at = Date.now(), views = all("[data-until]"), now = views.filter(({ dataset: { from, until } }) => from <= at && at < until);
  for (const view of views) view.hidden = view != now[at / 12e3 % now.length | 0];
  for (const clock of all(".clock")) clock.textContent = new Date(at + +clock.dataset.zone).toISOString().slice(11, 16);
})();
