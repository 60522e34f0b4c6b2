// What goes to and comes from the machine.

async function json(path, options) {
  const answer = await fetch(path, { cache: "no-store", ...options });
  const body = await answer.json();
  if (!answer.ok && !body.command) throw new Error(body.code ?? String(answer.status));
  return body;
}

/** Fetches what to show. */
export const screen = () => json("screen");

/** Fetches what became of a press. */
export const ticket = (command) => json(`ticket/${encodeURIComponent(command)}`);

/** Presses the button. */
export const press = (choice) => json("press", {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(choice),
});
