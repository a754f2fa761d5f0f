// The two screens as a person uses them: by role and by the words on them.
import { phoneWordsOf, wordsOf } from './words.mjs';

const beginning = (pattern) => new RegExp(pattern.source.replace(/\$$/, ''));

/** The inbox and all that is around it. */
export class App {
  constructor(page, url, locale = 'he') {
    Object.assign(this, { page, url });
    this.speak(locale);
  }

  speak(locale) {
    this.t = wordsOf(locale);
  }

  go(path) {
    return this.page.goto(this.url + path);
  }

  button(key, values) {
    return this.page.getByRole('button', { name: this.t(key, values), exact: true });
  }

  async signIn(email, password) {
    await this.go('/sign-in');
    await this.page.getByLabel(this.t('sign_in.email')).fill(email);
    await this.page.getByLabel(this.t('sign_in.password'), { exact: true }).fill(password);
    await this.button('sign_in.submit').click();
    await this.list().waitFor();
  }

  list() {
    return this.page.getByRole('region', { name: this.t('inbox.title') });
  }

  /** A view among the tabs, or behind the menu beside them. */
  async view(name) {
    const label = this.t(`view.${name}`);
    const tab = this.list().getByRole('tab', { name: label });
    if (!(await tab.count())) {
      await this.button('inbox.more_views').click();
      await this.page.getByRole('menuitem', { name: label }).click();
    } else await tab.click();
    await this.page.waitForURL((url) => url.searchParams.get('view') === name || (name === 'mine' && !url.searchParams.get('view')));
  }

  row(text) {
    return this.list().getByRole('listitem').filter({ hasText: text });
  }

  async open(text) {
    await this.row(text).getByRole('link').click();
    await this.composer().or(this.locked()).first().waitFor();
  }

  /** The newest message that has these words. */
  message(text) {
    return this.page.locator('article[data-message]').filter({ hasText: text }).last();
  }

  tick(text, delivery) {
    return this.message(text).getByRole('img', { name: this.t(`delivery.${delivery}`), exact: true });
  }

  composer() {
    return this.page.getByRole('textbox', { name: this.t('composer.label'), exact: true });
  }

  locked() {
    return this.page.getByRole('group', { name: this.t('composer.locked_window') });
  }

  async answer(text) {
    await this.composer().fill(text);
    await this.composer().press('Control+Enter');
    await this.message(text).waitFor();
  }

  picker() {
    return this.page.getByRole('region', { name: this.t('composer.choose_template') });
  }

  panel() {
    return this.page.getByRole('complementary', { name: this.t('thread.panel') });
  }

  field(label) {
    return this.panel().getByRole('button', { name: beginning(this.t('lead.edit_field', { name: label })) });
  }

  async setField(label, value) {
    await this.field(label).click();
    const input = this.panel().getByRole('textbox', { name: label, exact: true });
    await input.fill(value);
    await input.press('Enter');
  }

  statusButton() {
    return this.page.locator('#status-menu');
  }

  async setStatus(name) {
    await this.statusButton().click();
    await this.page.getByRole('menuitem', { name, exact: true }).click();
  }

  toast(pattern) {
    return this.page.getByText(pattern);
  }

  /** Winds the demo's clock from the pill in the header. */
  async wind(key) {
    await this.button('demo.pill').first().click();
    const wound = this.page.waitForResponse((response) => response.url().endsWith('/demo/clock') && response.ok());
    await this.button(key).click();
    await wound;
    await this.page.keyboard.press('Escape');
  }
}

/** The customer's phone. */
export class Phone {
  constructor(page, url, locale = 'he') {
    Object.assign(this, { page, url });
    this.speak(locale);
  }

  speak(locale) {
    this.t = phoneWordsOf(locale);
  }

  async open() {
    await this.page.goto(`${this.url}/phone`);
    await this.log().waitFor();
  }

  button(key, values) {
    return this.page.getByRole('button', { name: this.t(key, values), exact: true });
  }

  async becomeNew(name) {
    await this.button('who.new').click();
    const dialog = this.page.getByRole('dialog', { name: this.t('who.new') });
    await dialog.getByLabel(this.t('new.name'), { exact: true }).fill(name);
    await dialog.getByRole('button', { name: this.t('new.make'), exact: true }).click();
    await this.screen(name).waitFor();
    await this.box().waitFor();
  }

  screen(name) {
    return this.page.getByRole('region', { name: this.t('phone.of', { name }) });
  }

  log() {
    return this.page.getByRole('log');
  }

  box() {
    return this.page.getByRole('textbox', { name: this.t('compose.message'), exact: true });
  }

  async write(text) {
    await this.box().fill(text);
    await this.box().press('Enter');
    await this.message(text).waitFor();
  }

  message(text) {
    return this.log().getByRole('article').filter({ hasText: text }).last();
  }

  tick(text, delivery) {
    return this.message(text).getByRole('img', { name: this.t(`delivery.${delivery}`), exact: true });
  }

  /** Out of the chat, to the list of chats: what arrives now is delivered, but not read. */
  async leaveChat() {
    await this.button('chat.back').click();
    await this.page.getByRole('heading', { name: this.t('chats.title') }).waitFor();
  }

  async enterChat() {
    await this.page.getByRole('listitem').getByRole('button').first().click();
    await this.log().waitFor();
  }

  async turnOff() {
    await this.button('flag.off').click();
    await this.button('off.turn_on').waitFor();
  }

  async turnOn() {
    await this.button('off.turn_on').click();
  }
}
