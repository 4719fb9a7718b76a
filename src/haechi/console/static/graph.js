// A graph is one stop of the tab key: arrows walk to the next node that way, + and - zoom, 0 shows all of it again.
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ZOOMS = { "+": 0.8, "=": 0.8, "-": 1.25 };
const CLOSEST = 0.2;
const ASIDE = 2; // a node aside of the way counts as so much farther

function middle(node) {
  const box = node.firstElementChild.getBBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

function next(graph, from, [right, down]) {
  const [x, y] = middle(from);
  let found = null;
  let least = Infinity;
  for (const node of graph.querySelectorAll("a")) {
    const [dx, dy] = middle(node).map((at, n) => at - (n ? y : x));
    const along = dx * right + dy * down;
    const far = along + ASIDE * Math.abs(dx * down + dy * right);
    if (node !== from && along > 0 && far < least) [found, least] = [node, far];
  }
  return found;
}

function walk(graph, from, to) {
  from.setAttribute("tabindex", "-1");
  to.setAttribute("tabindex", "0");
  to.focus({ preventScroll: true });
  to.scrollIntoView({ block: "nearest" });
}

// The part that is shown, around the node in focus and never beyond the edges of the whole.
function zoom(graph, node, by) {
  const [width, height] = ["width", "height"].map((name) => Number(graph.getAttribute(name)));
  const shown = graph.viewBox.baseVal;
  const part = by === 0 ? 1 : Math.min(1, Math.max(CLOSEST, (shown.width / width) * by));
  const [x, y] = middle(node);
  const within = (at, whole) => Math.min(Math.max(at - (whole * part) / 2, 0), whole * (1 - part));
  const box = [within(x, width), within(y, height), width * part, height * part];
  graph.setAttribute("viewBox", box.map((value) => value.toFixed(1)).join(" "));
}

document.addEventListener("keydown", (event) => {
  const node = event.target.closest("[data-graph] a");
  if (!node || event.ctrlKey || event.altKey || event.metaKey) return;
  const graph = node.closest("[data-graph]");
  const way = WAYS[event.key];
  const to = way && next(graph, node, way);
  if (to) walk(graph, node, to);
  else if (event.key in ZOOMS) zoom(graph, node, ZOOMS[event.key]);
  else if (event.key === "0") zoom(graph, node, 0);
  else if (!way) return;
  if (to && graph.viewBox.baseVal.width < Number(graph.getAttribute("width"))) zoom(graph, to, 1);
  event.preventDefault();
});
