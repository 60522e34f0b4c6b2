import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Hall, office, screens } from "./press.js";
import { soon } from "./server.js";

/** @type {Hall} */
let hall;

before(async () => { hall = await Hall.open(); });
after(async () => { await hall?.close(); });

test("one press of the clerk changes the clerk's, a colleague's and the wall's screen", { timeout: 3 * soon }, async () => {
  const { server, pages } = hall;
  for (const round of [1, 2]) {
    const { number } = await server.issue(office);
    const times = await hall.call(number);
    console.log(`round ${round}: ` + screens.map((screen) => `${screen} ${times[screen].toFixed(0)} ms`).join(", "));
    const shown = pages.wall.locator("#call, #recent li", { hasText: number });
    assert.match((await shown.first().textContent()) ?? "", /3番窓口/);
    await server.post(`${office}/tickets/${number}/finish`, { counter: "3" });
    await pages.colleague.locator(".colleagues [data-key=c3] strong", { hasText: "—" }).waitFor();
  }
  assert.deepEqual(hall.complaints, []);
});
