// Languages and ways of showing, as numbered choices for those who press keys.
import { actions, choice, choices, parts, title } from "../draw.js";
import { languages } from "../words.js";
import { back } from "./common.js";

export const always = true;

/** @type {import("../types.d.ts").Page["draw"]} */
export function draw(root, c) {
  const { language, modes } = c.state;
  const items = languages.map(([id, name], i) => {
    const e = choice(i + 1, id, name, null, () => c.language(id), id === language ? "on" : "");
    e.lang = id;
    e.ariaPressed = String(id === language);
    return e;
  });
  for (const [i, name] of /** @type {const} */ (["large", "contrast", "low", "voice"]).entries()) {
    const e = choice(6 + i, name, c.t("visit." + name), null, () => c.mode(name), modes[name] ? "on" : "");
    e.ariaPressed = String(modes[name]);
    items.push(e);
  }
  parts(root, [title(c.t("visit.options"), c.t("visit.optionsSub"))], [choices(items, "two"), actions(back(c))]);
}
