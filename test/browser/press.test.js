import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Hall, office, screens } from "./press.js";
import { open, soon } from "./server.js";

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

test("several numbers of a delivery desk stand on the wall with their counter", { timeout: 3 * soon }, async () => {
  const { server, pages, chrome } = hall;
  await server.post(`${office}/counters/11/open`);
  const numbers = [];
  let page = "";
  for (let n = 0; n < 2; n++) {
    const { number, status_url: status } = await server.issue(office);
    await server.post(`${office}/tickets/${number}/call`, { counter: "3" });
    await server.post(`${office}/tickets/${number}/finish`, { counter: "3", processing: true });
    await server.post(`${office}/tickets/${number}/ready`);
    numbers.push(number);
    page = server.url + new URL(status, server.url).pathname;
  }
  await server.post(`${office}/counters/11/announce`, { numbers });
  for (const number of numbers) await pages.wall.locator("#ready-list li[data-counter]", { hasText: number }).filter({ hasText: "11番窓口" }).waitFor();
  const { page: mine, context } = await open(chrome);
  await mine.goto(page);
  await mine.locator("#turn", { hasText: "11番窓口へお越しください" }).waitFor();
  await context.close();
});
