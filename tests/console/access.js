// Roles, names, contrast, one h1, labels: what a screen reader and tired eyes need. Gives a list of what is wrong.
() => {
  const wrong = [];
  const seen = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const text = (e) => (e.innerText || e.textContent || "").trim();
  const name = (e) => {
    const by = e.getAttribute("aria-labelledby");
    if (by) return by.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();
    const label = e.labels?.length ? text(e.labels[0]) || e.labels[0].textContent.trim() : "";
    return e.getAttribute("aria-label") || label || text(e) || e.getAttribute("title") || e.querySelector?.("title")?.textContent || e.alt || "";
  };
  for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=img], [role=group]")) {
    if ((seen(e) || e.matches("[role=img]")) && !name(e)) wrong.push(`no name: ${e.outerHTML.slice(0, 120)}`);
  }
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
  if (!document.documentElement.lang) wrong.push("no language");
  for (const e of document.querySelectorAll("table")) if (!e.querySelector("th")) wrong.push("a table without heads");
  for (const e of document.querySelectorAll("img:not([alt])")) wrong.push(`no alt: ${e.outerHTML}`);
  const number = (c) => c.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const over = ([r, g, b, a = 1], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a)];
  const ground = (e) => {
    const stack = [];
    for (let at = e; at; at = at.parentElement) stack.push(number(getComputedStyle(at).backgroundColor));
    return stack.reverse().reduce((below, c) => (c.length === 4 && c[3] === 0 ? below : over(c, below)), [255, 255, 255]);
  };
  const told = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || !seen(e) || e.closest("[aria-hidden], .hidden, .skip, svg, option")) continue;
    const style = getComputedStyle(e);
    const below = ground(e);
    const ink = over(number(style.color), below);
    const [a, b] = [light(ink), light(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    const key = `${style.color} on ${below.map(Math.round)}`;
    if (ratio < (large ? 3 : 4.5) && !told.has(key)) {
      told.add(key);
      wrong.push(`contrast ${ratio.toFixed(2)}: ${key} in ${e.outerHTML.slice(0, 90)}`);
    }
  }
  return wrong;
}
