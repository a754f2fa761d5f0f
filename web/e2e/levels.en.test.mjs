// The licence levels once more, shorter and in English: writing by hand, a gateway by code, a partner, and the table.
import assert from 'node:assert/strict';
import { businessOf, channelNamed, fence, refusal, saysWhatItCan, wayOf, Wizard } from './levels.mjs';
import { story } from './kit.mjs';

story('the licence levels in English', async ({ demo, person, app: appOn, step }) => {
  const { context, page } = await person();
  const outside = await fence(context);
  const app = appOn(page);
  await step('the owner signs in and takes English', async () => {
    await app.signIn(demo.info.owner_email, demo.info.owner_password);
    await page.getByRole('button', { name: /אמיר לדוגמה/ }).click();
    await page.getByRole('menuitem', { name: 'English', exact: true }).click();
    app.speak('en');
    await page.getByRole('heading', { name: 'Inbox', exact: true }).waitFor();
  });
  const { t: en } = app;
  const wizard = new Wizard(app, page);

  const own = 'Bracha’s phone';
  await step('A: a Business app without a link keeps its instant reply to be set in the app', async () => {
    await wizard.choose({ level: 'business_app', wants: ['write'], way: await wayOf(demo, 'en', 'business_app', 'none') });
    await wizard.fill(own, { phone: '050-000-0034' });
    await wizard.create();
    await page.getByRole('heading', { name: en('wizard.done_title', { name: own }) }).waitFor();
    await page.getByRole('link', { name: en('channels.open') }).click();
    await page.getByText(en('detail.reply_app')).waitFor();
  });

  await step('A: what was opened is asked about, and can be taken back', async () => {
    await app.go('/inbox?view=all');
    await app.open('Emma Example');
    await app.panel().getByRole('button', { name: en('handoff.other_number') }).click();
    await page.getByRole('menuitem', { name: own }).click();
    const box = page.getByRole('textbox', { name: en('handoff.label') });
    await box.fill('Hello Emma, shall we talk today?');
    const opening = context.waitForEvent('page');
    await box.press('Control+Enter');
    const tab = await opening;
    await tab.waitForURL(/^https:\/\/wa\.me\/972500000125\?text=Hello/);
    await tab.close();
    await page.getByRole('region', { name: en('handoff.asked') }).getByRole('button', { name: en('handoff.not_sent') }).click();
    await page.getByText(en('handoff.dropped')).waitFor();
    assert.equal(await page.locator('article[data-message]').count(), 0);
  });

  const shop = 'Sales';
  await step('B: a gateway is linked by a pairing code', async () => {
    await wizard.choose({ level: 'personal_app', wants: ['replies'], way: await wayOf(demo, 'en', 'personal_app', 'gateway_two_way'), provider: 'WAHA' });
    await wizard.fill(shop, { base_url: `${demo.sandboxUrl}/waha`, number: 'sales', token: 'sandbox-waha-key' });
    await page.getByRole('checkbox').check();
    await wizard.create();
    await page.getByRole('img', { name: en('linking.qr_alt') }).waitFor();
    await page.getByRole('radio', { name: en('linking.by_code') }).click();
    await page.getByLabel(en('linking.phone')).fill('050-000-0063');
    await app.button('linking.get_code').click();
    await page.getByText(en('linking.state_typing')).waitFor();
    await demo.sandbox('/control/link', { provider: 'waha', number: 'sales', to: 'linked', phone: '972500000063' });
    await page.getByText(en('linking.linked_as')).waitFor();
    await app.button('wizard.check_next').click();
    for (const line of await wizard.checked()) assert.ok(line.startsWith(en('check.state_ok')), line);
  });

  await step('B: a personal app has no instant reply, and a bot is refused in words', async () => {
    const { id } = await channelNamed(demo, shop);
    await app.go(`/settings/channels/${id}`);
    await page.getByText(en('detail.reply_none')).waitFor();
    await demo.sandbox('/control/persons/972500000010/text', { number: (await businessOf(demo, '972500000063')).id, text: 'Is anybody there?' });
    await app.go('/inbox?view=all');
    await app.open('Is anybody there?');
    const conversation = new URL(page.url()).pathname.split('/').at(-1);
    const said = await refusal(demo, `/conversations/${conversation}/messages`, { content: { kind: 'text', text: 'Hello' }, purpose: 'bot' }, 'en');
    assert.equal(said.code, 'level_forbids');
    assert.match(said.title, /licence level/);
    assert.ok(said.sending.levels.includes('business_api'));
  });

  await step('C: the partner’s number starts with a template', async () => {
    await app.go('/inbox?view=all');
    await app.open('Dana Example');
    await app.panel().getByRole('button', { name: en('handoff.other_number') }).click();
    await page.getByRole('menuitem', { name: 'סניף חיפה' }).click();
    await app.locked().waitFor();
    await app.button('composer.choose_template').click();
    await app.picker().getByRole('option').first().waitFor();
  });

  await step('what can this number do?', async () => {
    for (const name of [own, shop, 'קו הדיוור', 'סניף חיפה']) await saysWhatItCan({ demo, app, page, locale: 'en', name });
    await app.go('/settings/channels/capabilities');
    const { providers } = await demo.api('/capabilities');
    for (const { family, note } of providers) if (family !== 'none') await page.getByText(note.en).first().waitFor();
  });

  assert.deepEqual(outside.filter((url) => !url.startsWith('https://wa.me/')), [], 'no request left the machine');
});
