// The screen at the door: a code that changes, so that whoever has read it is there.
// The key of the screen stands behind the # of the address and is only ever sent in a
// body. Without a key the page is the sheet that is printed.

const key = location.hash.slice(1);
const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const screen_ = /** @type {HTMLElement} */ (document.getElementById("screen"));
const sheet = /** @type {HTMLElement} */ (document.getElementById("sheet"));
const also = /** @type {HTMLElement} */ (document.getElementById("screen-also"));
const usual = also.textContent;
const again = 3000; // ms after a failure

/** @type {ReturnType<typeof setTimeout> | undefined} */
let ends;

/** A code that is too old is worse than none. */
function fade() {
  screen_.classList.add("stale");
  also.textContent = main.dataset.stale ?? "";
}

/** @param {{code: string, path: string, size: number}} now */
function draw(now) {
  const qr = /** @type {Element} */ (document.getElementById("screen-qr"));
  const ns = "http://www.w3.org/2000/svg";
  const ground = document.createElementNS(ns, "rect");
  ground.setAttribute("width", String(now.size));
  ground.setAttribute("height", String(now.size));
  ground.setAttribute("fill", "#fff");
  const squares = document.createElementNS(ns, "path");
  squares.setAttribute("d", now.path);
  qr.setAttribute("viewBox", `0 0 ${now.size} ${now.size}`);
  qr.replaceChildren(ground, squares);
  /** @type {HTMLElement} */ (document.getElementById("screen-code")).textContent = now.code.slice(0, 3) + " " + now.code.slice(3);
  screen_.classList.remove("stale");
  also.textContent = usual;
  main.dataset.code = now.code;
}

async function follow() {
  let wait = again;
  try {
    const answer = await fetch(location.pathname, { method: "POST", body: new URLSearchParams({ key }), signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const now = await answer.json();
    draw(now);
    wait = now.changes_in_ms;
    clearTimeout(ends);
    ends = setTimeout(fade, wait + 60_000); // codes are taken a while longer than they are shown
  } catch {
    if (main.dataset.code === undefined) fade();
  }
  setTimeout(follow, wait);
}

if (key) {
  sheet.hidden = true;
  screen_.hidden = false;
  follow();
} else {
  const print_ = /** @type {HTMLButtonElement} */ (document.getElementById("print"));
  print_.hidden = false;
  print_.addEventListener("click", () => print());
}
