// The short story in English, and the way from one language to the other.
import assert from 'node:assert/strict';
import { story } from './kit.mjs';

story('the short story in English', async ({ demo, person, app: appOn, phone: phoneOn, step }) => {
  const { page } = await person();
  const app = appOn(page);

  await step('a password signs in, a wrong one does not', async () => {
    await app.go('/sign-in');
    await page.getByLabel(app.t('sign_in.email')).fill(demo.info.owner_email);
    await page.getByLabel(app.t('sign_in.password'), { exact: true }).fill('not the password at all');
    await app.button('sign_in.submit').click();
    await page.getByRole('alert').filter({ hasText: /\p{L}/u }).waitFor();
    await app.signIn(demo.info.owner_email, demo.info.owner_password);
  });

  await step('the language is switched in the menu of the account', async () => {
    await page.getByRole('button', { name: app.t('nav.user') }).first().click();
    await page.getByRole('menuitem', { name: 'English', exact: true }).click();
    app.speak('en');
    await page.getByRole('heading', { name: 'Inbox', exact: true }).waitFor();
    assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), ['en', 'ltr']);
    await page.reload();
    await page.getByRole('heading', { name: 'Inbox', exact: true }).waitFor();
  });

  const phone = phoneOn((await person({ locale: 'en' })).page, 'en');
  await step('a customer writes in English', async () => {
    await phone.open();
    await phone.page.getByRole('heading', { name: 'The customer’s phone' }).waitFor();
    await phone.becomeNew('Alex Example');
    await phone.write('Hello, I saw your ad');
    await app.view('unassigned');
    await app.open('Alex Example');
    await phone.tick('Hello, I saw your ad', 'read').waitFor();
  });

  await step('it is answered, with English words all around', async () => {
    await page.getByText('Write freely until', { exact: false }).waitFor();
    await page.getByRole('textbox', { name: 'Write a message', exact: true }).fill('Hello Alex, how can we help?');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await phone.message('Hello Alex, how can we help?').waitFor();
    await app.message('Hello Alex, how can we help?').getByRole('img', { name: 'Read', exact: true }).waitFor();
    await page.getByRole('complementary', { name: 'Lead details' }).getByText('WhatsApp', { exact: true }).waitFor();
  });

  await step('the window closes in English, too', async () => {
    await app.wind('demo.window');
    await page.getByText('The window is closed.', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Choose a template', exact: true }).waitFor();
  });
});
