// Every licence level through the real product, in Hebrew: an agent's own app, a gateway both ways and one way, an
// official partner. Each is connected in the wizard, used, and refused what it may not do.
import assert from 'node:assert/strict';
import { businessOf, channelNamed, chat, fence, refusal, saysWhatItCan, toNext, wayOf, Wizard } from './levels.mjs';
import { eventually, story } from './kit.mjs';

const LEAD = 'ורד לדוגמה';
const LEAD_PHONE = '972500000127';

story('the licence levels in Hebrew', async ({ t, demo, person, app: appOn, phone: phoneOn, step }) => {
  const { context, page } = await person();
  const outside = await fence(context);
  const app = appOn(page);
  const { t: he } = app;
  const wizard = new Wizard(app, page);
  await step('the owner signs in', () => app.signIn(demo.info.owner_email, demo.info.owner_password));

  // Level A: an app without a link.
  const own = 'הנייד של ברכה';
  await step('A: a personal app is connected, and there is nothing to link', async () => {
    await wizard.choose({ level: 'personal_app', way: await wayOf(demo, 'he', 'personal_app', 'none') });
    await wizard.fill(own, { phone: '050-000-0033' });
    await wizard.create();
    await page.getByRole('heading', { name: he('wizard.done_title', { name: own }) }).waitFor();
    await page.getByRole('link', { name: he('wizard.first_message') }).click();
    await page.getByRole('heading', { name: he('leads.title'), exact: true }).waitFor();
  });

  const byHand = 'שלום ורד, כאן ברכה. קיבלתי את הפנייה, מתי נוח לדבר?';
  await step('A: a lead is written to from the app, and one key says that it was sent', async () => {
    await page.getByRole('button', { name: LEAD }).click();
    await app.panel().getByRole('button', { name: he('handoff.write') }).click();
    const layer = page.getByRole('dialog');
    await layer.getByLabel(he('handoff.channel')).selectOption({ label: `${own} · 050-000-0033` });
    const box = layer.getByRole('textbox', { name: he('handoff.label') });
    await box.fill(byHand);
    const opening = context.waitForEvent('page');
    await box.press('Control+Enter');
    const tab = await opening;
    await tab.waitForURL(/^https:\/\/wa\.me\//);
    assert.equal(new URL(tab.url()).pathname, `/${LEAD_PHONE}`);
    assert.equal(new URL(tab.url()).searchParams.get('text'), byHand);
    await tab.close();
    await page.getByRole('region', { name: he('handoff.asked') }).waitFor();
    await page.bringToFront();
    await page.keyboard.press('KeyY');
    await layer.waitFor({ state: 'hidden' });
  });

  await step('A: it is on the timeline of that number', async () => {
    await app.panel().getByRole('button', { name: he('handoff.other_number') }).click();
    await page.getByRole('menuitem', { name: own }).click();
    await app.message(byHand).waitFor();
    await page.getByRole('textbox', { name: he('handoff.label') }).waitFor();
    await page.getByText(he('decision.opens_app').replace(/<\/?b>/g, '')).waitFor();
  });

  await step('A: an exported chat is looked at, comes onto the timeline, and is undone', async () => {
    await app.go('/import');
    await page.getByLabel(he('import.channel')).selectOption({ label: own });
    await page.getByLabel(he('import.pick')).last().setInputFiles(await chat('ios_he_1to1.txt'));
    await page.getByRole('heading', { name: he('import.preview') }).waitFor();
    await page.getByRole('radio', { name: 'משרד לוי' }).check();
    await app.button('import.new_save').click();
    await page.getByText(he('import.will_make')).waitFor();
    await page.getByRole('button', { name: /^ייבוא \p{L}+ הודעות$|^ייבוא \d+ הודעות$/u }).click();
    await page.getByRole('heading', { name: /לציר הזמן$/ }).waitFor();
    await page.getByRole('link', { name: he('import.open_thread') }).click();
    await app.message('אפשר לשאול שאלה קצרה?').waitFor();
    await app.message('כן בטח').waitFor();
    await page.goBack();
    await app.button('import.undo').click();
    await page.getByRole('heading', { name: he('import.undone'), exact: true }).waitFor();
    await page.getByRole('link', { name: he('import.open_thread') }).waitFor({ state: 'hidden' });
  });

  // Level B: a gateway both ways.
  const shop = 'מכירות';
  await step('B: WAHA is connected both ways: the risk, the code, the link', async () => {
    await wizard.choose({ level: 'business_app', wants: ['replies', 'instant_reply'], way: await wayOf(demo, 'he', 'business_app', 'gateway_two_way'), provider: 'WAHA' });
    await wizard.fill(shop, { base_url: `${demo.sandboxUrl}/waha`, number: 'shop', token: 'sandbox-waha-key' });
    await wizard.create();
    await page.getByRole('alert').filter({ hasText: he('wizard.accept_first') }).waitFor();
    await page.getByRole('checkbox').check();
    await wizard.create();
    await page.getByRole('img', { name: he('linking.qr_alt') }).waitFor();
    await page.getByText(he('linking.state_awaiting_code')).waitFor();
    await demo.sandbox('/control/link', { provider: 'waha', number: 'shop', to: 'linked', phone: '972500000061' });
    await page.getByText(he('linking.linked_as')).waitFor();
    await app.button('wizard.check_next').click();
    for (const line of await wizard.checked()) t.diagnostic(`    ${line}`);
    await page.getByRole('link', { name: he('wizard.done') }).click();
    await page.getByRole('article', { name: shop }).getByText(he('channels.health_ok'), { exact: true }).waitFor();
  });

  const reply = 'תודה שפנית, נחזור אליך תוך שעה.';
  await step('B: its instant reply is switched on', async () => {
    await page.getByRole('link', { name: `${he('channels.open')}: ${shop}` }).click();
    await page.getByText(he('detail.reply_on'), { exact: true }).click();
    await page.getByRole('textbox', { name: he('detail.reply_text'), exact: true }).fill(reply);
    await page.locator('form').filter({ has: page.getByRole('textbox', { name: he('detail.reply_text'), exact: true }) }).getByRole('button', { name: he('action.save') }).click();
    await page.getByText(he('profile.saved')).waitFor();
  });

  const first = 'היי, הגעתי דרך חברים';
  const phone = phoneOn(await context.newPage());
  await step('B: somebody writes from a phone: a lead, a conversation, one instant reply', async () => {
    const { id } = await businessOf(demo, '972500000061');
    await phone.page.goto(`${demo.sandboxUrl}/phone?person=972500000010&business=${id}`);
    await phone.box().waitFor();
    await phone.write(first);
    await phone.message(reply).waitFor();
    await app.go('/inbox?view=unassigned');
    await app.open('דנה לדוגמה');
    await app.message(first).waitFor();
    await app.message(reply).waitFor();
    await app.panel().getByText(he('source.whatsapp'), { exact: true }).first().waitFor();
    await phone.write('אפשר פרטים?');
    await app.message('אפשר פרטים?').waitFor();
    assert.equal(await phone.log().getByRole('article').filter({ hasText: reply }).count(), 1);
  });

  await step('B: an answer goes out at the rhythm, and what is typed on the phone is here', async () => {
    const answer = 'בשמחה. על איזה סכום מדובר?';
    await app.answer(answer);
    await demo.api('/demo/clock', { advance_s: 30 });
    await phone.message(answer).waitFor();
    await demo.sandbox('/control/typed', { provider: 'waha', number: 'shop', to: '972500000010', text: 'ענינו גם מהנייד' });
    await app.message('ענינו גם מהנייד').getByText(he('message.phone'), { exact: true }).waitFor();
    assert.equal(await page.getByRole('button', { name: he('composer.template'), exact: true }).count(), 0, 'a gateway has no templates');
  });

  await step('B: a bot and a template are refused, with the level that would allow them', async () => {
    const conversation_id = new URL(page.url()).pathname.split('/').at(-1);
    const channel = await channelNamed(demo, shop);
    const templates = (await demo.api('/templates?limit=50')).items;
    const template = await refusal(demo, `/conversations/${conversation_id}/messages`, { content: { kind: 'template', template_id: templates[0].id, variables: [] } }, 'he');
    assert.deepEqual([template.code, template.sending.levels], ['content_forbidden', ['business_api']]);
    const robot = await refusal(demo, `/conversations/${conversation_id}/messages`, { content: { kind: 'text', text: 'שלום' }, purpose: 'bot' }, 'he');
    assert.deepEqual([robot.code, robot.sending.reason.params.purpose, robot.sending.levels], ['level_forbids', 'bot', ['business_app', 'business_api']]);
    assert.match(robot.title + robot.mend, /רמת הרישיון/);
    await app.go(`/settings/channels/capabilities?channel=${channel.id}`);
    const { pairs, rows } = await demo.api('/capabilities');
    const pair = pairs.find(({ level, link }) => level === 'business_app' && link === 'gateway_two_way');
    const bot = pair.cells.find(({ row }) => row === 'bot');
    assert.equal(bot.code, 'no');
    const line = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: rows.find(({ row }) => row === 'bot').title.he, exact: true }) });
    await line.getByText(bot.text.he).first().waitFor();
    await page.getByText(he('can.this'), { exact: true }).first().waitFor();
  });

  // The gateway one way: mailings.
  const line = 'קו הדיוור';
  await step('B: the mailing that is over tells what became of it', async () => {
    await app.go('/campaigns');
    await page.getByRole('link', { name: /הריבית ירדה/ }).click();
    await page.getByRole('heading', { name: he('mailing.results') }).waitFor();
    const all = page.getByRole('tab', { name: new RegExp(`^${he('mailing.all')}`) });
    await all.waitFor();
    await page.getByRole('tab', { name: new RegExp(`^${he('mailing_state.answered')}`) }).click();
    const people = page.getByRole('listitem').filter({ has: page.getByText(/נענתה|בקשת הסרה/) });
    await eventually('those who answered', async () => assert.equal(await people.count(), 4));
  });

  let mailing;
  await step('B: a mailing says what will happen, and starts', async () => {
    await app.go('/campaigns/new');
    await page.getByRole('radio', { name: new RegExp(line) }).check();
    await page.getByLabel(he('mailing.name')).fill('ריביות דצמבר');
    await page.getByLabel(he('mailing.text'), { exact: true }).fill('שלום {{contact.first_name}}, לבדוק מחדש את המשכנתא?');
    await page.getByLabel(he('mailing.pasted')).fill(['050-000-0070, יעל כהן', '050-000-0071, דן לוי', '050-000-0072', '050-000-0070', 'לא טלפון', `0${LEAD_PHONE.slice(3)}`].join('\n'));
    await page.getByText('ארבעה נמענים').or(page.getByText('4 נמענים')).first().waitFor();
    await page.getByText('כפילות אחת הוסרה').waitFor();
    await page.getByText('שורה אחת לא תקינה').waitFor();
    await page.getByText(he('mailing.plan_why')).waitFor();
    await page.getByRole('button', { name: /^שליחה ל/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: he('mailing.start') }).click();
    await page.waitForURL(/\/campaigns\/camp_/);
    mailing = new URL(page.url()).pathname.split('/').at(-1);
  });

  await step('B: it goes out one by one, and is stopped', async () => {
    const { now } = await demo.sandbox('/control/clock');
    let waiting = 4;
    while (waiting > 2) {
      const before = waiting;
      // The first leaves by itself, within the hours.
      if (before < 4 || Date.parse((await demo.api(`/campaigns/${mailing}`)).next_at) - Date.parse(now) > 60_000) await toNext(demo, mailing);
      waiting = await eventually('one more has left', async () => {
        const { counts } = await demo.api(`/campaigns/${mailing}`);
        assert.ok(counts.waiting < before && counts.sent + counts.delivered + counts.read === 4 - counts.waiting);
        return counts.waiting;
      });
    }
    await page.reload();
    await page.getByText(/^(שתיים|2) מתוך 4 נשלחו$/).waitFor();
    await app.button('mailing.stop').click();
    await page.getByRole('dialog').getByRole('button', { name: he('mailing.stop'), exact: true }).click();
    await page.getByText('שני נמענים לא קיבלו').waitFor();
    await page.getByRole('link', { name: he('mailing.to_rest') }).waitFor();
    const { items } = await demo.sandbox('/control/ledger?provider=waha&limit=1000');
    const texts = items.filter(({ to }) => ['972500000070', '972500000071'].includes(to)).map(({ text }) => text);
    assert.deepEqual(texts.toSorted(), ['שלום דן, לבדוק מחדש את המשכנתא?', 'שלום יעל, לבדוק מחדש את המשכנתא?']);
  });

  await step('B: the card counts them, and a gateway that starts again does not begin its warm-up anew', async () => {
    await demo.sandbox('/control/link', { provider: 'waha', number: 'default', to: 'disconnected' });
    await demo.sandbox('/control/link', { provider: 'waha', number: 'default', to: 'linked' });
    await app.go('/settings/channels');
    const card = page.getByRole('article', { name: line });
    await card.getByRole('region', { name: he('today.title') }).getByText(/מתוך 1,000/).waitFor();
    await card.getByRole('region', { name: he('today.title') }).getByText('2', { exact: true }).waitFor();
  });

  // Level C: an official partner.
  const branch = 'סניף נתניה';
  await step('C: 360dialog is connected and checked', async () => {
    await demo.sandbox('/control/setup', { gateways: [{ provider: '360dialog', phone: '972500000062', account: '200000000000062', key: 'sandbox-360-second', waba: '102030405060702', name: branch }] });
    await wizard.choose({ level: 'business_api', wants: ['bot', 'many_agents'], way: await wayOf(demo, 'he', 'business_api', 'api'), provider: '360dialog' });
    await wizard.fill(branch, { phone: '050-000-0062', token: 'sandbox-360-second', base_url: `${demo.sandboxUrl}/360dialog` });
    await wizard.create();
    for (const line of await wizard.checked()) t.diagnostic(`    ${line}`);
  });

  const free = 'תודה! נתראה במשרד.';
  await step('C: a template first, the answer opens the window, then free words', async () => {
    await app.go('/leads');
    await page.getByRole('button', { name: LEAD }).click();
    await app.panel().getByRole('button', { name: he('handoff.other_number') }).click();
    await page.getByRole('menuitem', { name: branch }).click();
    await app.locked().waitFor();
    await app.button('composer.choose_template').click();
    const picker = app.picker();
    await picker.getByRole('searchbox', { name: he('template.search') }).fill('תזכורת לפגישה');
    await picker.getByRole('option').first().click();
    const fields = picker.getByRole('textbox').and(picker.locator('input'));
    await eventually('both variables have a field', async () => assert.equal(await fields.count(), 2));
    await fields.nth(0).fill('ורד');
    await fields.nth(1).fill('27.11 בשעה 10:30');
    await picker.getByRole('button', { name: he('template.send') }).click();
    await app.message('שלום ורד, תזכורת לפגישה ב-27.11 בשעה 10:30.').waitFor();
    await app.tick('תזכורת לפגישה', 'delivered').waitFor();
    await demo.sandbox(`/control/persons/${LEAD_PHONE}/text`, { number: '972500000062', text: 'מאשרת, תודה' });
    await app.message('מאשרת, תודה').waitFor();
    await app.answer(free);
    await app.tick(free, 'delivered').waitFor();
  });

  await step('C: a day later the window is closed, and the way on is inside', async () => {
    await demo.api('/demo/clock', { advance_s: 25 * 3600 });
    await app.locked().waitFor();
    await page.getByText(he('decision.window_closed')).waitFor();
    await app.button('composer.choose_template').waitFor();
    assert.equal(await app.composer().count(), 0);
  });

  await step('C: the number moves to another partner, and its conversations go on', async () => {
    const thread = page.url();
    await demo.sandbox('/control/setup', { gateways: [{ provider: 'infobip', phone: '972500000062', account: '972500000062', key: 'sandbox-infobip-second', waba: '102030405060702', name: branch }] });
    await app.go(`/settings/channels/${(await channelNamed(demo, branch)).id}`);
    await page.getByRole('link', { name: he('move.open') }).click();
    await page.getByRole('heading', { name: he('move.title', { name: branch }) }).waitFor();
    await page.getByText(he('move.body')).waitFor();
    await page.getByRole('button', { name: `${he('wizard.choose')}: ${await wayOf(demo, 'he', 'business_api', 'api')}`, exact: true }).click();
    await page.getByRole('button', { name: `${he('wizard.choose')}: Infobip`, exact: true }).click();
    assert.equal(await page.getByLabel(he('connect.name')).inputValue(), branch);
    await page.getByText(he('move.number')).waitFor();
    await page.locator('[name=token]').fill('sandbox-infobip-second');
    await page.locator('[name=base_url]').fill(`${demo.sandboxUrl}/infobip`);
    await app.button('move.submit').click();
    for (const line of await wizard.checked()) t.diagnostic(`    ${line}`);
    const moved = await channelNamed(demo, branch);
    assert.deepEqual([moved.provider, moved.phone], ['infobip', '+972500000062']);
    await page.goto(thread);
    await app.message(free).waitFor();
    await app.button('composer.choose_template').waitFor();
  });

  await step('what can this number do? each page says it of its own', async () => {
    for (const name of [own, shop, line, branch]) await saysWhatItCan({ demo, app, page, locale: 'he', name });
  });

  assert.deepEqual(outside.filter((url) => !url.startsWith('https://wa.me/')), [], 'no request left the machine');
});
