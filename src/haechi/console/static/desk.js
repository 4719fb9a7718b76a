// What one writes into a condition is looked at a moment later; the answer replaces the findings beside it.
import { fetched } from "./trusted.js";

const WAIT_MS = 250;
let timer = 0;
let asked = 0;

async function look(field) {
  const mine = ++asked;
  try {
    const found = await fetched(`${field.dataset.check}?condition=${encodeURIComponent(field.value)}`);
    if (mine === asked) document.getElementById("findings").replaceChildren(found);
  } catch {
    if (mine === asked) document.getElementById("findings").setAttribute("aria-busy", "true");
  }
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.matches("[data-check]")) {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS, field);
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-apply]")) event.target.form.requestSubmit();
});
