// Two people change one lead at once: who was second is told, and nothing is lost.
import assert from 'node:assert/strict';
import { eventually, story } from './kit.mjs';

const NAME = 'תמר לדוגמה';

story('two people and one lead', async ({ demo, person, app: appOn, phone: phoneOn, step }) => {
  const one = await person();
  const two = await person();
  const first = appOn(one.page);
  const second = appOn(two.page);
  const { t: he } = first;
  const amount = he('lead.amount');

  await step('both have the lead before them', async () => {
    await first.signIn(demo.info.owner_email, demo.info.owner_password);
    const phone = phoneOn(await one.context.newPage());
    await phone.open();
    await phone.becomeNew(NAME);
    await phone.write('שלום, אשמח לפרטים');
    await phone.page.close();
    const { invite_url } = await one.page.evaluate(async () => (await fetch('/api/v1/users', {
      method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'colleague-1' },
      body: JSON.stringify({ name: 'דניאל לדוגמה', email: 'daniel@example.com', role: 'manager', locale: 'he' }),
    })).json());
    await two.page.goto(invite_url);
    await two.page.getByLabel(he('setup.password')).fill('ארבע מילים בלי קשר');
    await two.page.getByRole('button', { name: he('join.submit'), exact: true }).click();
    await second.list().waitFor();
    for (const app of [first, second]) {
      await app.view('unassigned');
      await app.open(NAME);
      await app.field(amount).waitFor();
    }
  });

  await step('a change of one is seen by the other', async () => {
    await first.setField(amount, '1000');
    await second.field(amount).filter({ hasText: '1,000' }).waitFor();
  });

  // The second one's change leaves with what was known before the first one's came.
  const hold = async () => {
    let letGo;
    const gate = new Promise((done) => (letGo = done));
    let held;
    const caught = new Promise((done) => (held = done));
    await two.page.route('**/api/v1/leads/*', async (route) => {
      if (route.request().method() !== 'PATCH') return route.fallback();
      held();
      await gate;
      return route.fallback();
    });
    return { caught, letGo };
  };

  await step('at the same moment: the second is told, and the value of the first stands', async () => {
    const { caught, letGo } = await hold();
    await second.setField(amount, '3000');
    await caught;
    await first.setField(amount, '2000');
    await first.field(amount).filter({ hasText: '2,000' }).waitFor();
    await eventually('the first change is kept', async () => assert.equal(await amountNow(demo), 200_000));
    letGo();
    await two.page.getByRole('alert').filter({ hasText: he('error.changed_to', { value: '2000' }) }).waitFor();
    await two.page.unroute('**/api/v1/leads/*');
    assert.equal(await amountNow(demo), 200_000);
    await first.field(amount).filter({ hasText: '2,000' }).waitFor();
  });

  await step('what the second typed is not lost: it is still in the field', async () => {
    const input = second.panel().getByRole('textbox', { name: amount, exact: true });
    assert.equal(await input.inputValue(), '3000');
    await input.press('Enter');
    await first.field(amount).filter({ hasText: '3,000' }).waitFor();
    assert.equal(await amountNow(demo), 300_000);
  });

  await step('two different facts at the same moment are both kept', async () => {
    const { caught, letGo } = await hold();
    await second.setField(amount, '4000');
    await caught;
    const status = await other(first);
    await first.setStatus(status);
    await second.row(NAME).getByText(status, { exact: true }).waitFor();
    letGo();
    await first.field(amount).filter({ hasText: '4,000' }).waitFor();
    await two.page.unroute('**/api/v1/leads/*');
    for (const app of [first, second]) {
      await app.field(amount).filter({ hasText: '4,000' }).waitFor();
      await eventually('the status is kept', async () => assert.equal(await app.statusButton().textContent(), status));
    }
  });
});

async function amountNow(demo) {
  const { items } = await demo.api(`/leads?search=${encodeURIComponent(NAME)}`);
  return items[0].amount_minor;
}

async function other(app) {
  const now = await app.statusButton().textContent();
  await app.statusButton().click();
  const items = app.page.getByRole('menuitem');
  await items.first().waitFor();
  const name = (await items.allTextContents()).find((text) => text !== now);
  await app.page.keyboard.press('Escape');
  await items.first().waitFor({ state: 'hidden' });
  return name;
}
