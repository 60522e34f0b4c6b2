// The check-in of who took a number at home: six digits.
import { actions, h, parts, plainButton, title } from "./draw.js";
import { dialled } from "./desk-model.js";
import { entered, pad, padHears } from "./scan-pad.js";

const places = 6;

/** @typedef {import("./types.d.ts").Context} Context */

/** @param {Context} c @param {string} key */
function type(c, key) {
  const digits = dialled(c.state.props.digits ?? "", key, places);
  c.set({ digits });
  if (/^[0-9]$/.test(key)) c.say(key);
}

/** @param {Context} c */
function enter(c) {
  const { digits = "" } = c.state.props;
  if (digits.length === places) c.go("scan", { text: digits, typed: true, forget: true });
}

/** @type {import("./types.d.ts").Page} */
export const checkIn = {
  always: true,
  key: (e, c) => padHears(e, (key) => type(c, key)),
  draw(root, c) {
    const { digits = "" } = c.state.props, t = (/** @type {string} */ key, /** @type {Record<string, unknown>} */ args = {}) => c.t("scan." + key, args);
    parts(root,
      [title(t("checkInTitle"), t("checkInLead")), entered(digits, places, digits ? t("digits", { n: digits.length }) : t("digitsNone")), h("p", { className: "note", key: "or" }, t("checkInScan"))],
      [pad({ label: t("pad"), clear: t("clear"), enter: t("enter"), press: (key) => type(c, key), enterNow: () => enter(c), ready: digits.length === places }),
        actions(plainButton("back", t("back"), () => c.back()))]);
  },
};
