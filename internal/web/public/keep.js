// Makes the pages an application that opens without a line, and brings a page that was
// shown without one back as soon as there is one.

/** Milliseconds between two looks for a line. */
const look = 5000;

export function keep() {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/worker.js").catch(() => {}); // it works without
  const again = document.querySelector("[data-again]");
  again?.addEventListener("click", (event) => { event.preventDefault(); location.reload(); });
  const instead = again && location.pathname !== "/offline"; // shown in the place of another page
  if (!document.documentElement.hasAttribute("data-offline") && !instead) return;
  const back = async () => {
    const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
    if (answer?.ok) location.reload();
  };
  addEventListener("online", back);
  setInterval(back, look);
}
