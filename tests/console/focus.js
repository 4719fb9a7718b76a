// The order of focus: that of the page, nothing out of turn, nothing unseen, and a mark wherever focus is.
() => {
  const wrong = [];
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
  const closed = (e) => e.parentElement?.closest("details:not([open])") && !e.matches("details:not([open]) > summary");
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")];
  for (const e of all) if (e.tabIndex > 0) wrong.push(`tabindex ${e.tabIndex}: ${e.outerHTML.slice(0, 90)}`);
  const stops = all.filter((e) => e.tabIndex === 0 && shown(e) && !closed(e) && !e.disabled);
  for (const e of stops.slice(0, 120)) {
    e.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== e) { wrong.push(`takes no focus: ${e.outerHTML.slice(0, 90)}`); continue; }
    const style = getComputedStyle(e);
    const marked = style.outlineStyle !== "none" || e.closest("svg") || e.matches("[type=checkbox], [type=radio], [type=range]");
    if (!marked) wrong.push(`no mark of focus: ${e.outerHTML.slice(0, 90)}`);
    if (e.closest("[aria-hidden=true]")) wrong.push(`hidden from readers: ${e.outerHTML.slice(0, 90)}`);
  }
  return wrong;
}
