// The slip: prints at a press.

const button = document.getElementById("print");
button?.toggleAttribute("hidden", false);
button?.addEventListener("click", () => print());
