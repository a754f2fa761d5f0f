// Numbers of every level and family, writing by hand, and mailings: at the pretend server, which has them in every state.
const at = (name, path, ready, more = {}) => ({ name, as: 'mock', open: async (tools) => { await tools.app.go(path); await ready(tools); }, ...more });
const heading = (key) => ({ app, page }) => page.getByRole('heading', { name: app.t(key), exact: true }).waitFor();
const wizard = (query) => `/settings/channels/connect?${query}`;

const BY_HAND = 'v5', RHYTHM = 'v14', RESTRICTED = 'v16', UNLINKED = 'v20', WITH_WINDOW = 'v1';
const thread = (id) => `/inbox/${id}?view=all`;
const line = (key) => ({ app, page }) => page.getByText(typeof app.t(key) === 'string' ? app.t(key) : new RegExp(app.t(key).source.replace(/^\^|\$$/g, ''))).first().waitFor();

/** A text that was opened in WhatsApp a moment ago. */
async function opened(page, id) {
  await page.evaluate(async (conversation) => {
    await fetch(`/api/v1/conversations/${conversation}/handoffs`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text: 'שלום, קיבלתי את הפנייה שלך. מתי נוח לדבר?' }) });
  }, id);
}
async function settle(page) {
  await page.evaluate(async () => {
    const { items } = await (await fetch('/api/v1/handoffs?state=open')).json();
    await Promise.all(items.map(({ id }) => fetch(`/api/v1/handoffs/${id}/drop`, { method: 'POST' })));
  });
}

async function filledMailing({ app, page, look }) {
  await app.go('/campaigns/new');
  await page.getByRole('radio').first().check();
  await page.getByLabel(app.t('mailing.name')).fill(look.locale === 'he' ? 'ריביות דצמבר' : 'December rates');
  await page.getByLabel(app.t('mailing.text'), { exact: true }).fill(look.locale === 'he' ? 'שלום {{contact.first_name}}, הריבית ירדה החודש. כדאי לבדוק מחדש את המשכנתא?' : 'Hello {{contact.first_name}}, rates went down this month. Shall we look at your mortgage again?');
  const lines = Array.from({ length: 312 }, (_, i) => `050-000-${1000 + i}, לקוח ${i + 1}`);
  await page.getByLabel(app.t('mailing.pasted')).fill([...lines, '050-000-1001', 'לא טלפון', '0500'].join('\n'));
  await page.getByText(app.t('mailing.plan_why')).waitFor();
}

export const numberScreens = [
  at('channels', '/settings/channels', ({ page }) => page.getByRole('article').nth(3).waitFor()),
  at('channels-empty', '/settings/channels', async ({ page, app }) => {
    await page.route('**/api/v1/channels', (route) => route.fulfill({ json: { items: [], next: null } }));
    await page.reload();
    await heading('channels.empty')({ page, app });
    await page.unroute('**/api/v1/channels');
  }),
  at('channels-table', '/settings/channels/capabilities?channel=c4', heading('can.providers')),
  at('connect-need', wizard('level=business_app&want=write,mailing,bot'), heading('wizard.ways')),
  at('connect-provider', wizard('level=business_app&link=gateway_one_way'), heading('wizard.provider')),
  at('connect-official', wizard('level=business_api&link=api&provider=twilio'), heading('wizard.step_fields')),
  at('connect-gateway', wizard('level=business_app&link=gateway_one_way&provider=waha'), async (tools) => { await heading('wizard.warn_title')(tools); await tools.page.getByRole('checkbox').scrollIntoViewIfNeeded(); }),
  at('connect-qr', wizard('level=business_app&link=gateway_one_way&provider=evolution&channel=c6'), ({ page, app }) => page.getByRole('img', { name: app.t('linking.qr_alt') }).waitFor()),
  at('connect-code', wizard('level=business_app&link=gateway_one_way&provider=evolution&channel=c6'), async ({ page, app }) => {
    await page.getByRole('radio', { name: app.t('linking.by_code') }).click();
    await app.button('linking.get_code').click();
    await page.getByRole('img', { name: 'K S H R 2 0 2 6' }).waitFor();
  }),
  at('connect-ready', wizard('level=personal_app&link=none&provider=none&channel=c3'), ({ page, app }) => page.getByRole('link', { name: app.t('wizard.first_message') }).waitFor()),
  at('channel-gateway', '/settings/channels/c4', heading('channels.can')),
  at('channel-meta', '/settings/channels/c2', ({ page, app }) => page.getByRole('listitem').filter({ hasText: app.t('setup_meta.two_factor') }).waitFor()),
  at('channel-in-app', '/settings/channels/c8', ({ page, app }) => page.getByText(app.t('detail.reply_app')).waitFor()),
  at('channel-unlink', '/settings/channels/c4', async ({ page, app }) => { await app.button('detail.unlink').click(); await page.getByRole('dialog').getByText(app.t('detail.unlink_body')).waitFor(); }, { size: 'wide' }),
  at('by-hand', thread(BY_HAND), ({ page, app }) => page.getByRole('textbox', { name: app.t('handoff.label') }).waitFor()),
  at('by-hand-wordings', thread(BY_HAND), async ({ page, app }) => { await app.button('wording.title').click(); await page.getByRole('dialog').getByRole('listitem').nth(2).waitFor(); }),
  at('by-hand-asked', thread(BY_HAND), async ({ page, app }) => { await opened(page, BY_HAND); await page.reload(); await page.getByRole('region', { name: app.t('handoff.asked') }).waitFor(); }),
  at('by-hand-waiting', '/inbox?view=all', async ({ page, app }) => {
    await opened(page, 'v22');
    await page.reload();
    await page.getByRole('region', { name: app.t('handoff.list') }).getByRole('button').first().click();
    await page.getByRole('region', { name: app.t('handoff.list') }).getByRole('link', { name: /\p{L}/u }).first().waitFor();
    await settle(page);
  }),
  at('wording-editor', thread(BY_HAND), async ({ page, app }) => { await app.button('wording.title').click(); await app.button('wording.new').click(); await page.getByRole('dialog').getByLabel(app.t('wording.name')).waitFor(); }, { size: 'wide' }),
  at('write-from-lead', thread(WITH_WINDOW), async ({ page, app }) => { await app.panel().getByRole('button', { name: app.t('handoff.write') }).click(); await page.getByRole('dialog').getByRole('textbox').waitFor(); }, { size: 'wide' }),
  at('other-number', thread(WITH_WINDOW), async ({ page, app }) => { await app.panel().getByRole('button', { name: app.t('handoff.other_number') }).click(); await page.getByRole('menuitem').nth(4).waitFor(); }, { size: 'wide' }),
  at('composer-rhythm', thread(RHYTHM), line('decision.rhythm_gap')),
  at('composer-restricted', thread(RESTRICTED), line('decision.number_restricted')),
  at('composer-unlinked', thread(UNLINKED), line('decision.number_unlinked')),
  at('mailings', '/campaigns', ({ page }) => page.getByRole('main').getByRole('link').nth(2).waitFor()),
  at('mailing', '/campaigns/g1', heading('mailing.people')),
  at('mailing-stop', '/campaigns/g1', async ({ page, app }) => { await app.button('mailing.stop').click(); await page.getByRole('dialog').getByText(/\d/).first().waitFor(); }, { size: 'wide' }),
  at('mailing-stopped', '/campaigns/g2', ({ page, app }) => page.getByRole('link', { name: app.t('mailing.to_rest') }).waitFor()),
  { name: 'mailing-new', as: 'mock', open: async (tools) => { await filledMailing(tools); } },
  { name: 'mailing-confirm', as: 'mock', open: async (tools) => { await filledMailing(tools); await tools.page.getByRole('button', { name: /312/ }).click(); await tools.page.getByRole('dialog').getByRole('button', { name: tools.app.t('mailing.start') }).waitFor(); } },
  at('mailing-choose', '/campaigns/new', async ({ page, app }) => { await page.getByRole('radio', { name: app.t('mailing.to_choose') }).click(); await page.getByRole('checkbox').nth(5).waitFor(); await page.getByRole('checkbox').nth(1).check(); }),
];
