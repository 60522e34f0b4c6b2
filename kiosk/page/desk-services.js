// Closing and opening services for the whole office.
import { askFirst } from "./desk-ask.js";
import { call, desk, inDesk, serviceName, t, to } from "./desk-call.js";
import { actions, choice, choices, h, parts, plainButton, title } from "./draw.js";

/** @typedef {import("./types.d.ts").Context} Context */
/** @typedef {import("./types.d.ts").Service} Service */

/** Why a service takes nobody, where it was not staff who closed it. */
const notByStaff = ["outside_reception_hours", "day_closed", "office_full"];

/** @param {Service} s */
const state = (s) => (s.accepting ? "yes" : notByStaff.includes(s.code ?? "") ? "hours" : "no");

/** @param {Context} c @param {Service} s */
async function toggle(c, s) {
  const name = serviceName(c, s.id);
  if (state(s) !== "no") {
    return askFirst(c, {
      head: t(c, "closeAsk", { name }), text: t(c, "closeText"), yes: t(c, "closeYes"), no: t(c, "closeNo"), body: { action: "service_close", service: s.id },
      done: { head: t(c, "closed", { name }) }, then: "desk_services", back: "desk_services",
    });
  }
  if (c.state.props.working) return;
  c.set({ working: true });
  if (await call(c, "act", { action: "service_open", service: s.id }, { then: "desk_services" })) to(c, "desk_done", { head: t(c, "opened", { name }), then: "desk_services" });
}

/** @type {import("./types.d.ts").Page} */
export const services = {
  ...desk,
  draw(root, c) {
    inDesk(root, c);
    const items = c.state.screen.services.map((s, i) => {
      const now = state(s), detail = h("span", { className: "detail" }, h("span", { className: "chip " + now }, t(c, "accepting." + now)), " → ", t(c, now === "no" ? "open" : "close"));
      return choice(i < 9 ? i + 1 : 0, s.id, serviceName(c, s.id), detail, () => toggle(c, s), "small");
    });
    parts(root, [title(t(c, "servicesTitle"), t(c, "servicesLead"))], [choices(items, "two"), actions(plainButton("back", t(c, "back"), () => to(c, "desk_home")))]);
  },
};
