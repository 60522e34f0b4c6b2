// A strip of one line below the bar, which opens to more: practice and first hints.

/**
 * @param {HTMLElement} place
 * @param {{title: string, words: (string | Node)[], more: Node[], open: boolean}} content
 */
export function strip(place, { title, words, more, open }) {
  style();
  const details = document.createElement("details");
  details.open = open;
  const summary = document.createElement("summary");
  const name = document.createElement("strong");
  name.textContent = title;
  const line = document.createElement("span");
  line.setAttribute("role", "status");
  line.append(...words);
  summary.append(name, line);
  const rest = document.createElement("div");
  rest.append(...more);
  details.append(summary, rest);
  place.className = "strip";
  place.replaceChildren(details);
}

/** The sheet lies beside this module; whoever needs no strip does not fetch it. */
function style() {
  if (document.getElementById("strip-style")) return;
  const link = document.createElement("link");
  link.id = "strip-style";
  link.rel = "stylesheet";
  link.href = new URL("strip.css", import.meta.url).href;
  document.head.append(link);
}
