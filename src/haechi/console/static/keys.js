// Keys press what is on the page: [data-key] is pressed by its key, [data-go] by g and then its key; what decides
// ([data-twice]) by the same key twice, the first time that somebody does so.
const busy = (element) => element.closest("input, textarea, select, [contenteditable]");
let went = false;

function rows(step) {
  const all = [...document.querySelectorAll("[data-row]")];
  if (!all.length) return;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
  (next.querySelector("a") ?? next.querySelector("button, input") ?? next).focus();
  next.scrollIntoView({ block: "nearest" });
}

function choose() {
  const row = document.activeElement.closest("[data-row]");
  row?.querySelector("input[type=checkbox]")?.click();
}

function press(selector) {
  const found = [...document.querySelectorAll(selector)].find((one) => one.getClientRects().length);
  if (!found) return false;
  if (found.matches("input, textarea, select")) found.focus();
  else if (found.dataset.twice && document.activeElement !== found && !sessionStorage.twice) found.focus();
  else {
    if (found.dataset.twice) sessionStorage.twice = "1";
    found.click();
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && busy(event.target)) return event.target.blur();
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || busy(event.target)) return;
  const key = CSS.escape(event.key);
  if (went) {
    went = false;
    if (press(`[data-go="${key}"]`)) event.preventDefault();
    return;
  }
  if (event.key === "g") went = true;
  else if (event.key === "j" || event.key === "k") rows(event.key === "j" ? 1 : -1);
  else if (event.key === "x") choose();
  else if (event.key === "/") document.getElementById("bar")?.focus();
  else if (!press(`[data-key="${key}"]`)) return;
  event.preventDefault();
});
