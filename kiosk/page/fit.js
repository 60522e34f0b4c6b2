// Makes a page fit its screen: there is nothing to scroll on a machine without
// gestures. Letters shrink in steps until nothing is cut off.

const steps = [1, .95, .9, .85, .8, .75, .7, .65, .6];

/**
 * Sets the size of letters for what is drawn.
 * @param {HTMLElement} main
 */
export function fit(main) {
  const { style } = document.documentElement;
  for (const step of steps) {
    style.setProperty("--fit", String(step));
    if (!cut(main)) return;
  }
}

/** @param {HTMLElement} main @returns {boolean} whether something does not fit */
export function cut(main) {
  const boxes = [main, ...main.querySelectorAll(".tell, .touch, .choices, .board, button")];
  if (boxes.some((e) => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)) return true;
  return [...main.querySelectorAll(".tell, .touch")].some((part) => {
    const { top, bottom, right } = part.getBoundingClientRect();
    return [...part.children].some((e) => {
      const box = e.getBoundingClientRect();
      return box.top < top - 1 || box.bottom > bottom + 1 || box.right > right + 1;
    });
  });
}
