// What the tests of the licence levels share: a network that ends at loopback, the wizard's steps, the pretend providers.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const chats = fileURLToPath(new URL('../../testdata/whatsapp/chats/', import.meta.url));
export const chat = async (name) => ({ name, mimeType: 'text/plain', buffer: await readFile(chats + name) });

/** Nothing leaves the machine: what would is kept and answered here. */
export async function fence(context) {
  const outside = [];
  await context.route((url) => !['127.0.0.1', 'localhost'].includes(url.hostname) && url.protocol.startsWith('http'), (route) => {
    outside.push(route.request().url());
    return route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>WhatsApp</title>' });
  });
  return outside;
}

/** The wizard, from the need to the fields. `level` and `way` are pressed as a person presses them. */
export class Wizard {
  constructor(app, page) {
    Object.assign(this, { app, page, t: app.t });
  }

  async choose({ level, wants = [], way, provider }) {
    await this.app.go('/settings/channels');
    await this.page.getByRole('link', { name: this.t('channels.connect') }).click();
    await this.page.getByRole('radio', { name: this.t(`wizard.have_${level}`) }).check();
    for (const want of wants) await this.page.getByRole('checkbox', { name: this.t(`wizard.want_${want}`) }).check();
    await this.page.getByRole('button', { name: `${this.t('wizard.choose')}: ${way}`, exact: true }).click();
    if (provider) await this.page.getByRole('button', { name: `${this.t('wizard.choose')}: ${provider}`, exact: true }).click();
  }

  async fill(name, values) {
    await this.page.getByLabel(this.t('connect.name')).fill(name);
    for (const [field, value] of Object.entries(values)) await this.page.locator(`[name=${field}]`).fill(value);
  }

  create() {
    return this.app.button('wizard.create').click();
  }

  /** The checker at the end: every line as it stands there. */
  async checked() {
    const lines = this.page.getByRole('main').getByRole('listitem').filter({ has: this.page.getByRole('img') });
    await this.page.getByRole('link', { name: this.t('wizard.done') }).waitFor();
    await lines.first().waitFor();
    return lines.evaluateAll((items) => items.map((item) => `${item.querySelector('[role=img]')?.getAttribute('aria-label')} ${item.textContent}`));
  }
}

/** The business of a provider's number on the phone's page. */
export async function businessOf(demo, phone) {
  const { businesses } = await demo.sandbox('/phone/api/businesses');
  const found = businesses.find((one) => one.phone === phone);
  if (!found) throw new Error(`no business has ${phone}`);
  return found;
}

/** The pair's title as the server says it, for the names of buttons. */
export async function wayOf(demo, locale, level, link) {
  const { pairs } = await demo.api('/capabilities');
  return pairs.find((pair) => pair.level === level && pair.link === link).title[locale];
}

export async function channelNamed(demo, name) {
  const { items } = await demo.api('/channels');
  return items.find((channel) => channel.name === name);
}

/** Winds the demo's clock to the next message of a mailing. */
export async function toNext(demo, id) {
  const campaign = await demo.api(`/campaigns/${id}`);
  if (!campaign.next_at) return campaign;
  const { now } = await demo.sandbox('/control/clock');
  const step = Math.ceil((Date.parse(campaign.next_at) - Date.parse(now)) / 1000) + 1;
  if (step > 0) await demo.api('/demo/clock', { advance_s: step });
  return campaign;
}

/** What the API says when it says no, in a language. */
export async function refusal(demo, path, body, locale) {
  const headers = { Authorization: `Bearer ${demo.info.api_key}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), 'Accept-Language': locale };
  const answer = await fetch(`${demo.url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const said = await answer.json();
  if (answer.ok) throw new Error(`${path} was not refused: ${JSON.stringify(said)}`);
  return said;
}

const plain = (text) => text.replace(/[\u2066-\u2069]/g, '').replace(/\s+/g, ' ');

/** A number's own page has every line of the table for its level and link. */
export async function saysWhatItCan({ demo, app, page, locale, name }) {
  const channel = await channelNamed(demo, name);
  const { pairs } = await demo.api('/capabilities');
  const pair = pairs.find(({ level, link }) => level === channel.level && link === channel.link);
  await app.go(`/settings/channels/${channel.id}`);
  const card = page.locator('section').filter({ has: page.getByRole('heading', { name: app.t('channels.can'), exact: true }) });
  await card.getByRole('definition').first().waitFor();
  const said = plain(await card.innerText());
  for (const { text } of pair.cells) if (!said.includes(plain(text[locale]))) throw new Error(`${name} does not say: ${text[locale]}`);
}
