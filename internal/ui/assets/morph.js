// Makes a part of the page equal to what the server draws now, touching only what
// differs, so that focus, open menus and typed text stay.

/**
 * @param {Element} now in the page
 * @param {Element} next from the server
 */
export function morph(now, next) {
  if (now.hasAttribute("data-keep")) return;
  attributes(now, next);
  if (now instanceof HTMLTemplateElement) now.innerHTML = next.innerHTML;
  const wanted = [...next.childNodes];
  for (const [i, node] of wanted.entries()) place(now, i, node);
  while (now.childNodes.length > wanted.length) now.lastChild?.remove();
}

/**
 * @param {Element} parent
 * @param {number} i
 * @param {ChildNode} node
 */
function place(parent, i, node) {
  const old = find(parent, i, node);
  if (!old) {
    parent.insertBefore(document.importNode(node, true), parent.childNodes[i] ?? null);
    return;
  }
  if (old !== parent.childNodes[i]) parent.insertBefore(old, parent.childNodes[i]);
  if (old instanceof Element && node instanceof Element) morph(old, node);
  else if (old.nodeValue !== node.nodeValue) old.nodeValue = node.nodeValue;
}

/**
 * The node to change into another: the one with its key, else the one in its
 * place if it is of the same kind.
 * @param {Element} parent
 * @param {number} i
 * @param {ChildNode} node
 */
function find(parent, i, node) {
  const key = keyOf(node);
  const here = parent.childNodes[i];
  if (key) return [...parent.childNodes].slice(i).find((n) => keyOf(n) === key && n.nodeName === node.nodeName);
  return here && !keyOf(here) && here.nodeName === node.nodeName && here.nodeType === node.nodeType ? here : undefined;
}

/** @param {ChildNode} node */
function keyOf(node) {
  return node instanceof Element ? node.getAttribute("data-key") || node.id : "";
}

/**
 * The state of an opened <details> and of a field is the reader's, not the server's.
 * @param {Element} now
 * @param {Element} next
 */
function attributes(now, next) {
  for (const { name } of [...now.attributes]) {
    if (!next.hasAttribute(name) && !(name === "open" && now.nodeName === "DETAILS")) now.removeAttribute(name);
  }
  for (const { name, value } of [...next.attributes]) {
    if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
}

/**
 * Fetches the page again and takes over what stands in its parts.
 * @param {string[]} ids of the parts
 * @returns {Promise<boolean>} false where the page is not the reader's any more. Throws
 *   where the server, or what stands before it, cannot answer now.
 */
export async function refresh(ids) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(8000) });
  if (answer.status >= 500 || answer.status === 429) throw new Error("no page now: " + answer.status);
  if (!answer.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ids) {
    const [now, next] = [document.getElementById(id), page.getElementById(id)];
    if (now && next) morph(now, next);
  }
  return true;
}
