// Asks the browser where the visitor is, when the visitor presses the button for it. The
// answer is handed to the page and goes nowhere else.

/**
 * @param {(here: import("../travel.js").Point) => void} found
 */
export function whereabouts(found) {
  const button = document.getElementById("near");
  if (!button || !("geolocation" in navigator)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    const done = () => button.removeAttribute("aria-busy");
    navigator.geolocation.getCurrentPosition((at) => {
      done();
      found({ lat: at.coords.latitude, lng: at.coords.longitude });
    }, () => {
      done();
      const note = document.getElementById("near-note") ?? document.getElementById("order-now");
      if (note) note.textContent = button.dataset.none ?? "";
      document.querySelector("details.from")?.setAttribute("open", "");
    }, { maximumAge: 600_000, timeout: 15_000 });
  });
}
