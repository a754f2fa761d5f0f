// Setting up: the checker of a channel, a colleague by an invitation, a key that is shown once.
import assert from 'node:assert/strict';
import { eventually, story } from './kit.mjs';

story('the settings', async ({ demo, person, app: appOn, phone: phoneOn, step }) => {
  const { context, page } = await person();
  const app = appOn(page);
  const { t: he } = app;

  await step('the owner signs in', () => app.signIn(demo.info.owner_email, demo.info.owner_password));

  await step('a message has come in since the start', async () => {
    const phone = phoneOn(await context.newPage());
    await phone.open();
    await phone.becomeNew('בודק לדוגמה');
    await phone.write('בדיקה');
    await phone.tick('בדיקה', 'delivered').waitFor();
    await phone.page.close();
  });

  await step('the checker finds each thing in order', async () => {
    await app.go('/settings/channels');
    await app.button('channels.check').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(he('check.all_ok')).waitFor();
    const lines = await dialog.getByRole('listitem').evaluateAll((items) => items.map((item) => `${item.querySelector('[role=img]')?.getAttribute('aria-label')} ${item.textContent}`));
    assert.equal(lines.length, 9, lines.join('\n'));
    for (const line of lines) assert.ok(line.startsWith(he('check.state_ok')), line);
    await dialog.getByRole('button', { name: he('action.done'), exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  });

  let invitation;
  await step('a colleague is invited', async () => {
    await app.go('/settings/users');
    await app.button('users.invite').click();
    const dialog = page.getByRole('dialog', { name: he('users.invite_title') });
    await dialog.getByLabel(he('setup.name')).fill('נועם לדוגמה');
    await dialog.getByLabel(he('sign_in.email')).fill('noam@example.com');
    await dialog.getByRole('button', { name: he('users.make_invite'), exact: true }).click();
    const link = page.getByRole('dialog', { name: he('users.link_title') }).getByRole('textbox');
    invitation = await link.inputValue();
    assert.ok(invitation.startsWith(`${demo.url}/join?token=`), invitation);
    await page.getByRole('dialog').getByRole('button', { name: he('action.done'), exact: true }).click();
    await page.getByRole('listitem').filter({ hasText: 'noam@example.com' }).getByText(he('users.invited'), { exact: true }).waitFor();
  });

  await step('the link lets the colleague in, once', async () => {
    const other = await person();
    await other.page.goto(invitation);
    await other.page.getByLabel(he('setup.password')).fill('ארבע מילים בלי קשר');
    await other.page.getByRole('button', { name: he('join.submit'), exact: true }).click();
    const theirs = appOn(other.page);
    await theirs.list().waitFor();
    await other.page.getByRole('button', { name: he('nav.user', { name: 'נועם לדוגמה' }) }).first().waitFor();
    // An agent sees no settings of the workspace.
    await theirs.go('/settings/users');
    await other.page.getByText(he('settings.no_right')).waitFor();
    await other.close();
    const late = await person();
    await late.page.goto(invitation);
    await late.page.getByLabel(he('setup.password')).fill('עוד ארבע מילים בלי קשר');
    await late.page.getByRole('button', { name: he('join.submit'), exact: true }).click();
    await late.page.getByRole('alert').filter({ hasText: /\p{L}/u }).waitFor();
    await late.close();
    await page.reload();
    await page.getByRole('listitem').filter({ hasText: 'noam@example.com' }).getByText(he('users.active'), { exact: true }).waitFor();
  });

  await step('a key is shown once, works, and stops when it is revoked', async () => {
    await app.go('/settings/api-keys');
    await app.button('keys_api.create').click();
    const dialog = page.getByRole('dialog', { name: he('keys_api.create') });
    await dialog.getByLabel(he('keys_api.name')).fill('טופס האתר');
    await dialog.getByRole('checkbox').first().check();
    await dialog.getByRole('button', { name: he('connect.generate'), exact: true }).click();
    const made = page.getByRole('dialog', { name: he('keys_api.created_title') });
    const key = await made.getByRole('textbox').inputValue();
    assert.ok(key.length > 20, key);
    const ask = () => fetch(`${demo.url}/api/v1/conversations`, { headers: { Authorization: `Bearer ${key}` } });
    const first = (await ask()).status;
    assert.ok([200, 403].includes(first), `the key answers ${first}`);
    await made.getByRole('button', { name: he('action.done'), exact: true }).click();
    const item = page.getByRole('listitem').filter({ hasText: 'טופס האתר' });
    await item.waitFor();
    await page.reload();
    await item.waitFor();
    assert.ok(!(await page.content()).includes(key), 'the key is not shown again');
    await item.getByRole('button', { name: he('keys_api.revoke'), exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: he('keys_api.revoke'), exact: true }).click();
    await item.getByText(he('keys_api.revoked'), { exact: true }).waitFor();
    await eventually('the key is refused', async () => assert.equal((await ask()).status, 401));
  });
});
