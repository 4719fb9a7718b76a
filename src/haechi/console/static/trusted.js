// The only place that makes HTML of text: fragments of our own server, from a path on this host.
const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy("haechi", { createHTML: (text) => text })
  : { createHTML: (text) => text };

export function fragment(text) {
  const holder = document.createElement("template");
  holder.innerHTML = policy.createHTML(text);
  return holder.content;
}

export async function fetched(path) {
  if (!path.startsWith("/") || path.startsWith("//")) throw new Error("only our own pages");
  const answer = await fetch(path, { headers: { accept: "text/html" }, redirect: "error" });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return fragment(await answer.text());
}
