// Makes the form of the rule easier to set: a slider beside each number, and the
// sentences follow while it is moved. The form works without.

import { loadTexts, write } from "../draw.js";
import { present } from "../present.js";
import { nearest, says } from "./rule-says.js";

const { texts } = await loadTexts();
present();
const form = /** @type {HTMLFormElement} */ (document.getElementById("rule-form"));
const list = document.getElementById("says");
const numbers = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[type=number]")]);

for (const number of numbers) {
  const slider = document.createElement("input");
  slider.type = "range";
  [slider.min, slider.max, slider.step, slider.value] = [number.min, number.max, number.step, number.value];
  slider.setAttribute("aria-label", form.querySelector(`label[for="${number.id}"]`)?.textContent ?? "");
  number.closest(".rule-field")?.append(slider);
  const bounds = { min: Number(number.min), low: Number(number.dataset.low), max: Number(number.max) };
  slider.addEventListener("input", () => {
    number.value = String(nearest(Number(slider.value), bounds));
    tell();
  });
  number.addEventListener("input", () => {
    slider.value = number.value;
    tell();
  });
  number.addEventListener("change", () => {
    number.value = slider.value = String(nearest(Number(number.value), bounds));
    tell();
  });
}
form.addEventListener("change", tell);
document.getElementById("result")?.scrollIntoView();

function tell() {
  const fields = Object.fromEntries(numbers.map((n) => [n.name, Number(n.value)]));
  const choose = String(new FormData(form).get("choose"));
  says(texts, fields, choose).forEach((text, i) => write(list?.children[i], text));
}
