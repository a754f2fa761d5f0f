// Every level and family of providers on the real demo.
const settings = (path) => `/settings/channels${path}`;
const at = (name, path, ready, more = {}) => ({ name: `levels-${name}`, open: async (tools) => { await tools.app.go(typeof path === 'function' ? path(tools.scene) : path); await ready(tools); }, ...more });
const heading = (key) => ({ app, page }) => page.getByRole('heading', { name: app.t(key), exact: true }).waitFor();
const pageOf = (provider) => (scene) => settings(`/${scene.numbers[provider].id}`);
const connect = (query) => (scene) => settings(`/connect?${typeof query === 'function' ? query(scene) : query}`);

export const levelScreens = [
  at('channels', settings(''), ({ page }) => page.getByRole('article').nth(3).waitFor()),
  at('own-app', pageOf('none'), ({ app, page }) => page.getByText(app.t('detail.reply_app')).waitFor()),
  at('gateway', pageOf('waha'), heading('channels.can')),
  at('partner', pageOf('360dialog'), heading('move.open')),
  at('partner-check', pageOf('360dialog'), async ({ app, page }) => { await app.button('channels.check').click(); await page.getByRole('dialog').getByText(app.t('check.active'), { exact: true }).waitFor(); }),
  at('move', connect((scene) => `move=${scene.numbers['360dialog'].id}&level=business_api`), heading('wizard.ways')),
  at('move-fields', connect((scene) => `move=${scene.numbers['360dialog'].id}&level=business_api&link=api&provider=twilio`), ({ app, page }) => page.getByText(app.t('move.number')).waitFor()),
  at('providers', connect('level=business_api&link=api'), heading('wizard.provider')),
  at('gateways', connect('level=business_app&link=gateway_one_way'), heading('wizard.provider')),
  at('table', (scene) => settings(`/capabilities?channel=${scene.numbers.waha.id}`), heading('can.providers')),
  at('table-providers', settings('/capabilities'), async (tools) => { await heading('can.providers')(tools); await tools.page.getByRole('heading', { name: tools.app.t('can.providers'), exact: true }).evaluate((element) => element.scrollIntoView()); }),
  at('mailings', '/campaigns', ({ page }) => page.getByRole('main').getByRole('link').nth(1).waitFor()),
  at('mailing', (scene) => `/campaigns/${scene.mailing.id}`, async ({ page }) => { await page.getByRole('main').getByRole('listitem').nth(4).waitFor(); }),
  at('mailing-new', '/campaigns/new', async ({ page, app }) => {
    await page.getByRole('radio').first().check();
    await page.getByLabel(app.t('mailing.text'), { exact: true }).fill('שלום {{contact.first_name}}, לבדוק מחדש את המשכנתא?');
    await page.getByLabel(app.t('mailing.pasted')).fill('050-000-0070, יעל כהן\n050-000-0071');
    await page.getByText(app.t('mailing.plan_why')).waitFor();
  }),
  at('by-hand', (scene) => `/inbox/${scene.byHand.id}?view=all`, ({ page, app }) => page.getByRole('textbox', { name: app.t('handoff.label') }).waitFor()),
  at('reached', (scene) => `/inbox/${scene.reached}?view=all`, ({ page }) => page.locator('article[data-message]').last().waitFor()),
];
