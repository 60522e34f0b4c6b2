// What the screen shows, as a pure function of what happened. No rule of the queue
// is here: the machine decides, this only remembers where the visitor is.

/** Where a visitor begins: a new session, which is good for one ticket. */
export function start(session) {
  return { view: "purpose", session, language: "ja", purpose: "", service: "", ticket: null };
}

/** The next place after a visitor's act. */
export function act(at, name, value) {
  switch (name) {
    case "purpose": return { ...at, view: "service", purpose: value };
    case "service": return { ...at, view: "confirm", service: value };
    case "take": return { ...at, view: "making" };
    case "ticket": return { ...at, view: value.code && value.state === "refused" ? "refused" : "ticket", ticket: value };
    case "language": return { ...at, language: value };
    case "back": return { ...at, view: at.view === "confirm" && at.purpose ? "service" : "purpose", service: "" };
  }
  return at;
}

/** The purposes that have a service here, in the plan's order. */
export function purposes(screen) {
  return (screen.purposes ?? []).filter((p) => screen.services.some((s) => s.purpose === p.id));
}

/** The services to show: of the chosen purpose, or all where there are no purposes. */
export function services(screen, purpose) {
  return purpose ? screen.services.filter((s) => s.purpose === purpose) : screen.services;
}

/** How many people wait for the services of a purpose. */
export function waiting(screen, purpose) {
  return services(screen, purpose).reduce((n, s) => n + s.waiting, 0);
}
