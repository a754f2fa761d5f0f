// All of the inbox from a keyboard in Hebrew: the place of a key counts, not its letter, and the focus comes back.
import assert from 'node:assert/strict';
import { eventually, focused, hebrewKeyboard, story } from './kit.mjs';

story('the keyboard in Hebrew', async ({ demo, person, app: appOn, step }) => {
  const { page } = await person();
  const app = appOn(page);
  const { t: he } = app;
  const press = await hebrewKeyboard(page);
  const focusIs = (what, test) => eventually(`the focus is on ${what}`, async () => {
    const at = await focused(page);
    assert.ok(at && test(at), `${what}, but it is on ${JSON.stringify(at)}`);
  });
  const rowFocused = (index) => eventually(`the focus is on row ${index}`, async () => assert.equal(await page.evaluate(() => document.activeElement?.closest('[data-index]')?.dataset.index), String(index)));

  await step('J and K walk through the list', async () => {
    await app.signIn(demo.info.owner_email, demo.info.owner_password);
    await app.view('all');
    await eventually('there are rows', async () => assert.ok((await app.list().getByRole('listitem').count()) > 3));
    await page.evaluate(() => document.activeElement?.blur());
    await press('KeyJ');
    await rowFocused(0);
    await press('KeyJ');
    await rowFocused(1);
    await press('KeyK');
    await rowFocused(0);
  });

  await step('one with an open window is found', async () => {
    const open = app.list().getByRole('listitem').filter({ has: page.getByRole('img', { name: /נותרו/ }) }).first();
    const index = Number(await open.getAttribute('data-index'));
    for (let at = 0; at < index; at++) {
      await press('KeyJ');
      await rowFocused(at + 1);
    }
    await press('Enter');
    await app.composer().waitFor();
    await eventually('the address names it', async () => assert.match(page.url(), /\/inbox\/[^?]+/));
  });

  await step('R writes, Ctrl Enter sends, and the focus stays where it was', async () => {
    await press('KeyR');
    await focusIs('the composer', (at) => at.name === he('composer.label'));
    await page.keyboard.insertText('נכתב בלי עכבר');
    await press('Enter', { ctrl: true });
    await app.message('נכתב בלי עכבר').waitFor();
    await focusIs('the composer', (at) => at.name === he('composer.label'));
    await eventually('the box is empty', async () => assert.equal(await app.composer().inputValue(), ''));
  });

  await step('a letter in the box is a letter', async () => {
    await press('KeyT');
    await eventually('it was written', async () => assert.equal(await app.composer().inputValue(), 'א'));
    await app.composer().fill('');
    await press('Escape');
    await focusIs('nothing', (at) => at.tag === 'BODY');
  });

  await step('T chooses a template, Esc leads back to the box', async () => {
    await press('KeyT');
    await focusIs('the search of the templates', (at) => at.name === he('template.search'));
    await press('Escape');
    await app.picker().waitFor({ state: 'hidden' });
    await focusIs('the composer', (at) => at.name === he('composer.label'));
    await press('Escape');
  });

  await step('S opens the status, A the agents, and the focus comes back', async () => {
    const row = page.locator('[data-index] a[aria-current]');
    await row.focus();
    for (const key of ['KeyS', 'KeyA']) {
      await press(key);
      await page.getByRole('menu').waitFor();
      await focusIs('the menu', (at) => at.role === 'menu' || at.role === 'menuitem');
      await page.keyboard.press('ArrowDown');
      await focusIs('an entry of the menu', (at) => at.role === 'menuitem');
      await press('Escape');
      await page.getByRole('menu').waitFor({ state: 'hidden' });
      await eventually('the focus is back on the row', async () => assert.ok(await row.evaluate((element) => element === document.activeElement)));
    }
  });

  await step('Ctrl K finds a person, and Esc leads back', async () => {
    await app.statusButton().focus();
    await press('KeyK', { ctrl: true });
    await focusIs('the palette', (at) => at.name === he('palette.search'));
    await page.keyboard.insertText('לידים');
    await page.getByRole('option', { name: he('nav.leads') }).waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await focusIs('where it was', (at) => at.id === 'status-menu');
  });

  await step('G L leads to the leads, Ctrl K and Enter back to the inbox', async () => {
    await press('KeyG');
    await press('KeyL');
    await page.getByRole('heading', { name: he('leads.title') }).waitFor();
    await press('KeyK', { ctrl: true });
    await focusIs('the palette', (at) => at.name === he('palette.search'));
    await page.keyboard.insertText(he('nav.inbox'));
    await eventually('it is chosen', async () => assert.match(await page.locator('[role=option][aria-selected=true]').innerText(), new RegExp(he('nav.inbox'))));
    await press('Enter');
    await app.list().waitFor();
  });
});
