// Single keys: #keys lists them and switches them off.
const [on, ...rows] = document.querySelectorAll("#keys input,[data-row]"), kept = localStorage;
on.checked = !kept.noKeys;
on.onchange = () => { kept.noKeys = on.checked ? "" : 1; };
onkeydown = ({ key, target, ctrlKey, altKey, metaKey }) => {
  if (!on.checked || ctrlKey || altKey || metaKey || /^(text|sea|sel)/.test(target.type)) return;
  const at = rows.findIndex((row) => row.contains(target)) + (key == "j") - (key == "k");
  const box = rows[at]?.querySelector("input,a");
  const named = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const moves = /^[jk]$/.test(key) && !named, it = moves || key == "x" ? box : named;
  it?.focus();
  if (!moves) it?.click();
};
