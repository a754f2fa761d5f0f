// Numbers without a demo's provider behind them, at the pretend server: connecting, writing by hand, a mailing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch, openPage } from './browser.mjs';
import { startMock } from './mock.mjs';
import { App } from './pages.mjs';

const scene = (name, act) =>
  test(name, { timeout: 90_000 }, async (t) => {
    const mock = await startMock({ links: true });
    t.after(() => mock.stop());
    const browser = await launch();
    t.after(() => browser.close());
    const { page, context, errors } = await openPage(browser);
    context.setDefaultTimeout(10_000);
    await act({ page, context, app: new App(page, mock.url) });
    assert.deepEqual(errors, [], 'the pages said no errors');
  });

scene('a number without a link is ready at once', async ({ page, app }) => {
  await app.go('/settings/channels/connect');
  await page.getByRole('radio', { name: app.t('wizard.have_personal_app') }).check();
  await page.getByRole('button', { name: /בחירה: אפליקציה אישית$/ }).click();
  await page.getByLabel(app.t('connect.name')).fill('הנייד של נועם');
  await page.locator('[name=phone]').fill('050-000-0123');
  await app.button('wizard.create').click();
  await page.getByRole('link', { name: app.t('wizard.first_message') }).waitFor();
});

scene('a gateway is not linked before its risk is accepted', async ({ page, app }) => {
  await app.go('/settings/channels/connect?level=business_app&link=gateway_two_way&provider=waha');
  await page.getByLabel(app.t('connect.name')).fill('מכירות');
  for (const [name, value] of [['base_url', 'http://127.0.0.1:3000'], ['number', 'default'], ['token', 'a-key']]) await page.locator(`[name=${name}]`).fill(value);
  await app.button('wizard.create').click();
  await page.getByRole('alert').filter({ hasText: app.t('wizard.accept_first') }).waitFor();
  await page.getByRole('checkbox').check();
  await app.button('wizard.create').click();
  await page.getByRole('img', { name: app.t('linking.qr_alt') }).waitFor();
  await app.button('wizard.check_next').click({ timeout: 20_000 });
  await page.getByText(app.t('check.linked_ok')).waitFor();
});

scene('a text opens in WhatsApp, and Y says that it was sent', async ({ page, context, app }) => {
  await context.route('https://wa.me/**', (route) => route.fulfill({ body: 'WhatsApp' }));
  await app.go('/inbox/v5?view=all');
  await app.button('wording.title').click();
  await page.getByRole('dialog').getByRole('listitem').first().getByRole('button').first().click();
  const box = page.getByRole('textbox', { name: app.t('handoff.label') });
  await page.waitForFunction((element) => element.value.includes('דוד'), await box.elementHandle());
  const tab = context.waitForEvent('page');
  await box.press('Control+Enter');
  const opened = await tab;
  await opened.waitForURL(/^https:\/\/wa\.me\/972500000044\?text=/);
  await opened.close();
  await page.getByRole('region', { name: app.t('handoff.asked') }).waitFor();
  await box.evaluate((element) => element.blur());
  await page.keyboard.press('KeyY');
  await app.message('קיבלתי את הפנייה').waitFor();
  await page.getByRole('region', { name: app.t('handoff.asked') }).waitFor({ state: 'hidden' });
});

scene('a mailing says what will happen, runs, and can be stopped', async ({ page, app }) => {
  await app.go('/campaigns/new');
  await page.getByRole('radio').first().check();
  await page.getByLabel(app.t('mailing.name')).fill('ריביות דצמבר');
  await page.getByLabel(app.t('mailing.text'), { exact: true }).fill('שלום {{contact.first_name}}, לבדוק מחדש?');
  await page.getByLabel(app.t('mailing.pasted')).fill('050-000-1001, יעל\n050-000-1002\n050-000-1001\nלא טלפון');
  const send = page.getByRole('button', { name: 'שליחה לשני נמענים' });
  await send.click();
  await page.getByRole('dialog').getByRole('button', { name: app.t('mailing.start') }).click();
  await page.waitForURL(/\/campaigns\/g\d+$/);
  await app.button('mailing.stop').click();
  await page.getByRole('dialog').getByRole('button', { name: app.t('mailing.stop'), exact: true }).click();
  await page.getByRole('link', { name: app.t('mailing.to_rest') }).click();
  await page.getByText(app.t('mailing.plan_why')).waitFor();
});
