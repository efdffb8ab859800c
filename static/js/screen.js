// Asks for its page again, says when there was no answer, shows what holds by the clock.
const all = (what) => [...document.querySelectorAll(what)];
let old;
(async function follow() {
  const [live] = all("[data-live]");
  setTimeout(follow, live.dataset.live);
  const got = await fetch(location, { cache: "no-cache", signal: AbortSignal.timeout(4e3) }).catch(() => 0);
  const page = got.ok && await got.text(), at = Date.now() / 1e3;
  if (page && page != old) htmx.swap(live, old = page, {}, { select: "[data-live]" });
  all(".offline")[0].hidden = page;
  for (const clock of all(".clock")) clock.textContent = new Date((at + +clock.dataset.zone) * 1e3).toISOString().slice(11, 16);
  const views = all("[data-until]"), now = views.filter(({ dataset: { from, until } }) => from <= at && at < until);
  for (const view of views) view.hidden = view != now[at / 12 % now.length | 0];
})();
