// The live feed: rows are collected and put in once a frame, the oldest leave; lists under a hand are only counted.
import { fragment } from "./trusted.js";

const list = document.getElementById("feed");
const wall = document.getElementById("wall");
const state = document.getElementById("feed-state");
const pill = document.getElementById("new");
const where = (list ?? pill)?.dataset.feed;

function say(name) {
  if (state) state.textContent = name ? state.dataset[name] : "";
}

let waiting = [];
let shown = null;
function frame() {
  if (shown !== null) wall.replaceChildren(shown);
  shown = null;
  if (!waiting.length) return;
  const rows = document.createDocumentFragment();
  for (const part of waiting.reverse()) rows.append(part);
  waiting = [];
  document.getElementById("quiet")?.remove();
  list.prepend(rows);
  const most = Number(list.dataset.rowsMax);
  while (list.childElementCount > most) list.lastElementChild.remove();
}

function later() {
  if (document.hidden) setTimeout(frame, 1000);
  else requestAnimationFrame(frame);
}

function open() {
  const source = new EventSource(where);
  let pending = 0;
  source.onopen = () => say("");
  source.onerror = () => say("lost");
  source.addEventListener("rows", (event) => {
    waiting.push(fragment(event.data));
    if (pending++ === 0) later();
    setTimeout(() => { pending = 0; });
  });
  source.addEventListener("wall", (event) => {
    shown = fragment(event.data);
    later();
  });
  source.addEventListener("count", (event) => {
    pill.hidden = event.data === "0";
    pill.querySelector("span").textContent = pill.dataset.words.replace(/[\d,]+/, event.data);
  });
  for (const [name, word] of [["gone", "gone"], ["reload", "behind"]]) {
    source.addEventListener(name, () => {
      source.close();
      say(word);
    });
  }
  window.addEventListener("pagehide", () => source.close(), { once: true });
}

if (where) open();
window.addEventListener("pageshow", (event) => { if (event.persisted && where) open(); });
