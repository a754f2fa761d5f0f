// Every screen that there is, and how a person gets to it.
import { levelScreens } from './screens-levels.mjs';
import { numberScreens } from './screens-numbers.mjs';

const inbox = (id, view = 'all') => (id ? `/inbox/${id}?view=${view}` : `/inbox?view=${view}`);

async function thread({ app, page }, one) {
  await app.go(inbox(one.id, one.view));
  await page.locator('article[data-message]').last().waitFor();
  await app.composer().or(app.locked()).first().waitFor();
}

async function picker(tools) {
  const { app, page, scene } = tools;
  await thread(tools, scene.closed);
  await app.button('composer.choose_template').click();
  const option = app.picker().getByRole('option', { name: /lead welcome.*he/ });
  await option.click();
  await app.picker().getByRole('textbox').and(page.locator('input')).nth(1).fill('משכנתא לדירה ראשונה');
  await app.picker().getByRole('button', { name: app.t('template.send') }).and(page.locator(':enabled')).waitFor();
}

const settings = (path) => async ({ app, page }) => {
  await app.go(`/settings/${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
};

async function phoneOf({ phone, page, scene, demo }) {
  const number = scene.open.contact.phone.replace(/\D/g, '');
  await page.goto(`${demo.sandboxUrl}/phone?person=${number}&business=${demo.info.phone_number_id}`);
  await phone.log().getByRole('article').last().waitFor();
}

export const allScreens = [
  ...numberScreens,
  ...levelScreens,
  { name: 'sign-in', as: 'nobody', open: async ({ app, page }) => { await app.go('/sign-in'); await page.getByLabel(app.t('sign_in.email')).waitFor(); }, allow: /\b401\b/ },
  { name: 'sign-in-wrong', as: 'nobody', open: async ({ app, page }) => { await app.go('/sign-in?link=used-long-ago'); await page.getByText(app.t('sign_in.link_used')).waitFor(); }, allow: /\b(401|404|410)\b/ },
  { name: 'setup', as: 'nobody', open: async ({ blank, app, page }) => { await page.goto(blank.setupLink); await page.getByLabel(app.t('setup.workspace')).waitFor(); } },
  { name: 'join', as: 'nobody', open: async ({ scene, page, app }) => { await page.goto(scene.invitation.href); await page.getByLabel(app.t('setup.password')).waitFor(); } },
  { name: 'first-steps', as: 'empty', open: async ({ app, page }) => { await app.go('/first-steps'); await page.getByRole('heading', { name: app.t('first.title') }).waitFor(); } },
  { name: 'first-steps-demo', open: async ({ app, page }) => { await app.go('/first-steps'); await page.getByRole('heading', { name: app.t('first.title') }).waitFor(); } },
  { name: 'inbox-empty', as: 'empty', open: async ({ app, page }) => { await app.go(inbox()); await page.getByText(app.t('inbox.empty_all')).waitFor(); } },
  { name: 'inbox', open: async ({ app }) => { await app.go(inbox()); await app.list().getByRole('listitem').nth(4).waitFor(); } },
  { name: 'inbox-open', open: (tools) => thread(tools, tools.scene.open) },
  { name: 'inbox-closed', open: picker },
  { name: 'inbox-locked', open: (tools) => thread(tools, tools.scene.closed) },
  { name: 'inbox-failed', open: async (tools) => { await thread(tools, tools.scene.failed); await tools.page.getByText(tools.app.t('fail.not_sent')).last().scrollIntoViewIfNeeded(); } },
  { name: 'media-viewer', open: async (tools) => {
    await thread(tools, tools.scene.picture);
    await tools.page.getByRole('button', { name: tools.app.t('media.open', { name: tools.app.t('kind.image') }) }).last().click();
    await tools.page.getByRole('dialog', { name: tools.app.t('media.viewer') }).getByRole('img').waitFor();
  } },
  { name: 'note', open: async (tools) => {
    await thread(tools, tools.scene.open);
    await tools.app.button('composer.note').click();
    await tools.page.getByRole('textbox', { name: tools.app.t('composer.note') }).fill(tools.look.locale === 'he' ? 'לבדוק מול הבנק לפני מחר' : 'Check with the bank before tomorrow');
  } },
  { name: 'lead-panel', size: 'narrow', open: async (tools) => {
    await thread(tools, tools.scene.open);
    await tools.app.button('action.more').click();
    await tools.page.getByRole('menuitem', { name: tools.app.t('thread.panel') }).click();
    await tools.page.getByRole('dialog', { name: tools.app.t('thread.panel') }).getByText(tools.app.t('lead.timeline')).waitFor();
  } },
  { name: 'status-menu', size: 'wide', open: async (tools) => { await thread(tools, tools.scene.open); await tools.app.statusButton().click(); await tools.page.getByRole('menu').waitFor(); } },
  { name: 'clock', open: async ({ app, page }) => { await app.go(inbox()); await app.button('demo.pill').first().click(); await page.getByRole('button', { name: app.t('demo.day') }).waitFor(); } },
  { name: 'leads', open: async ({ app, page }) => { await app.go('/leads'); await page.getByRole('row').nth(6).waitFor(); } },
  { name: 'settings-profile', open: settings('profile') },
  { name: 'settings-channels', open: async (tools) => { await settings('channels')(tools); await tools.page.getByRole('article').first().waitFor(); } },
  { name: 'settings-checker', open: async (tools) => { await settings('channels')(tools); await tools.app.button('channels.check').first().click(); await tools.page.getByRole('dialog').getByRole('img', { name: tools.app.t('check.state_ok') }).nth(5).waitFor(); } },
  { name: 'settings-connect', open: async (tools) => { await settings('channels/connect')(tools); await tools.page.getByRole('radio').first().waitFor(); } },
  { name: 'settings-users', open: async (tools) => { await settings('users')(tools); await tools.page.getByText('ori@example.com').waitFor(); } },
  { name: 'settings-invite', open: async (tools) => { await settings('users')(tools); await tools.app.button('users.invite').click(); await tools.page.getByRole('dialog').waitFor(); } },
  { name: 'settings-api-keys', open: async (tools) => { await settings('api-keys')(tools); await tools.app.button('keys_api.create').waitFor(); } },
  { name: 'settings-new-key', open: async (tools) => { await settings('api-keys')(tools); await tools.app.button('keys_api.create').click(); await tools.page.getByRole('dialog').waitFor(); } },
  { name: 'settings-quarantine', open: async (tools) => { await settings('quarantine')(tools); await tools.page.getByRole('article').first().waitFor(); } },
  { name: 'palette', open: async ({ app, page }) => { await app.go(inbox()); await app.list().getByRole('listitem').first().waitFor(); await page.keyboard.press('Control+KeyK'); await page.getByRole('option').first().waitFor(); } },
  { name: 'keys', open: async ({ app, page }) => { await app.go(inbox()); await app.list().getByRole('listitem').first().waitFor(); await page.keyboard.press('Shift+Slash'); await page.getByRole('dialog', { name: app.t('keys.title') }).waitFor(); } },
  { name: 'not-found', open: async ({ app, page }) => { await app.go('/nowhere'); await page.getByText(app.t('error.not_found')).waitFor(); } },
  { name: 'phone', open: phoneOf },
  { name: 'phone-list', open: async (tools) => { await phoneOf(tools); await tools.phone.message('מתי נוח לדבר?').getByRole('button', { name: 'בחירת מועד' }).click(); await tools.page.getByRole('dialog').getByRole('radio').first().waitFor(); } },
  { name: 'phone-chats', open: async (tools) => { await phoneOf(tools); await tools.phone.leaveChat(); } },
  { name: 'phone-attach', open: async (tools) => { await phoneOf(tools); await tools.phone.button('compose.attach').click(); await tools.page.getByRole('dialog').waitFor(); } },
  { name: 'phone-panel', size: 'narrow', open: async (tools) => { await phoneOf(tools); await tools.phone.button('panel.title').click(); await tools.page.getByRole('dialog').getByText(tools.phone.t('clock.hint')).waitFor(); } },
];
