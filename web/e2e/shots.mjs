// Pictures of every screen: both languages, light and dark, wide and narrow, on a real demo; on the pretend server of
// development where a demo does not reach the state. Each is looked over as it is taken:
// sideways overflow, raw keys, serious accessibility findings, errors in the console. `npm run shots [-- SCREEN…]`.
import { createHmac } from 'node:crypto';
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findings, launch, openPage } from './browser.mjs';
import { startDemo, startEmpty } from './demo.mjs';
import { startMock } from './mock.mjs';
import { App, Phone } from './pages.mjs';
import { allScreens } from './screens.mjs';

const out = fileURLToPath(new URL('../shots', import.meta.url));
const pictures = fileURLToPath(new URL('../../docs/pictures', import.meta.url));
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };
const looks = ['he', 'en'].flatMap((locale) => ['light', 'dark'].flatMap((theme) => [['wide', WIDE], ['narrow', NARROW]].map(([size, box]) => ({ name: `${locale}.${theme}.${size}`, locale, theme, size, ...box }))));
/** These two are in the README. */
const shown = { 'inbox-open.he.light.wide': 'inbox.he.light.png', 'inbox-closed.en.dark.wide': 'inbox.en.dark.png' };
const MOST_BYTES = 250_000;

const only = process.argv.slice(2);
const screens = allScreens.filter(({ name }) => !only.length || only.some((part) => name.includes(part)));
const began = performance.now();
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
mkdirSync(pictures, { recursive: true });

// What is asked for may need no demo at all.
const real = screens.some(({ as }) => as !== 'mock');
const [demo, empty, blank] = real ? [await startDemo(), await startEmpty(), await startEmpty()] : [];
const browser = await launch();
let exit = 1;
try {
  const scene = real ? await setScene() : { cookies: {} };
  const results = [];
  for (const look of looks) results.push(...(await walk(look, scene)));
  report(results);
  exit = results.some(({ found }) => found.length) ? 1 : 0;
} finally {
  await browser.close();
  await Promise.all([demo, empty, blank].map((one) => one?.stop()));
}
process.exit(exit);

/** All screens in one look, as four persons: the owner of the demo, the owner of an empty workspace, nobody, and one at the pretend server. */
async function walk(look, scene) {
  const results = [];
  const mock = await startMock();
  const persons = { mock: await openPage(browser, { ...look, strict: true }), demo: await openPage(browser, { ...look, strict: true, cookies: scene.cookies.demo }), empty: await openPage(browser, { ...look, strict: true, cookies: scene.cookies.empty }), nobody: await openPage(browser, { ...look, strict: true }) };
  for (const { context } of Object.values(persons)) context.setDefaultTimeout(10_000);
  for (const screen of screens) {
    if (screen.size && screen.size !== look.size) continue;
    const { page, errors } = persons[screen.as ?? 'demo'];
    const file = `${screen.name}.${look.name}.png`;
    const found = [];
    errors.length = 0;
    try {
      const tools = { page, look, scene, demo, blank, app: new App(page, { empty: empty?.url, mock: mock.url }[screen.as] ?? demo.url, look.locale), phone: new Phone(page, demo?.sandboxUrl, look.locale) };
      await screen.open(tools);
      await settled(page);
      await page.screenshot({ path: `${out}/${file}`, animations: 'disabled' });
      found.push(...(await findings(page)).filter((one) => !screen.allow?.test(one)));
    } catch (error) {
      found.push(`not reached: ${error.message.split('\n').slice(0, 3).join(' ')}`);
      await page.screenshot({ path: `${out}/${file}` }).catch(() => {});
    }
    found.push(...errors.filter((error) => !screen.allow?.test(error)).map((error) => `console: ${error}`));
    results.push({ screen: screen.name, look, file, found });
    if (found.length) console.log(`${file}\n  ${found.join('\n  ')}`);
    // A layer that was left open, or a stream that goes on, must not reach into the next screen.
    await page.goto('about:blank');
  }
  for (const { close } of Object.values(persons)) await close();
  await mock.stop();
  return results;
}

/** All is loaded, and what was to move has moved. */
async function settled(page) {
  const still = () =>
    document.fonts.status === 'loaded' && !document.querySelector('.skeleton, .delayed') && [...document.images].every((image) => image.complete)
    // A dialog with a field waits for the keyboard of a touch screen before it shows itself.
    && ![...document.querySelectorAll('[data-rac]')].some((element) => element.style.opacity === '0')
    && document.getAnimations().every((one) => one.playState === 'finished' || one.effect?.getComputedTiming().iterations === Infinity);
  await page.waitForFunction(still);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForFunction(still);
}

/** What the screens need beyond the demo's own data, and where in it they find what they show. */
async function setScene() {
  const { context, page, close } = await openPage(browser);
  await new App(page, demo.url).signIn(demo.info.owner_email, demo.info.owner_password);
  const api = async (path, body, method) => {
    const answer = await page.evaluate(async ([url, sent, verb]) => {
      const response = await fetch(url, { method: verb, headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, ...(sent ? { body: JSON.stringify(sent) } : {}) });
      return { status: response.status, text: await response.text() };
    }, [`/api/v1${path}`, body ?? null, method ?? (body ? 'POST' : 'GET')]);
    if (answer.status >= 400) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.text ? JSON.parse(answer.text) : null;
  };
  const conversations = (await Promise.all(['all', 'resolved'].map(async (view) => (await api(`/conversations?view=${view}&limit=100`)).items.map((one) => ({ ...one, view }))))).flat();
  const threads = [];
  for (const one of conversations.slice(0, 60)) threads.push({ ...one, messages: (await api(`/conversations/${one.id}/messages?limit=60`)).items });
  const best = (what, fits, worth = (one) => one.messages.length) => {
    const found = threads.filter(fits).toSorted((a, b) => worth(b) - worth(a))[0];
    if (!found) throw new Error(`the demo has no conversation with ${what}`);
    return found;
  };
  const kinds = (one) => new Set(one.messages.map((message) => message.content.kind + (message.content.media_kind ?? ''))).size + Math.min(one.messages.length, 12) / 12;
  const opened = (one) => one.view === 'all' && one.window.state === 'open';
  const scene = {
    open: best('an open window', opened, kinds),
    closed: best('a closed window', (one) => one.view === 'all' && one.window.state === 'closed', kinds),
    failed: best('a failed message', (one) => one.messages.some(({ delivery }) => delivery === 'failed'), (one) => (opened(one) ? 100 : 0) + one.messages.length),
    picture: best('a picture', (one) => one.messages.some(({ media }) => media?.state === 'stored' && media.media_kind === 'image'), kinds),
  };
  const channels = (await api('/channels')).items;
  scene.numbers = Object.fromEntries(channels.map((channel) => [channel.provider, channel]));
  scene.mailing = (await api('/campaigns')).items[0];
  scene.reached = (await api(`/campaigns/${scene.mailing.id}/recipients?state=answered`)).items[0].conversation_id;
  scene.byHand = await api('/conversations', { contact_id: scene.closed.contact.id, channel_id: scene.numbers.none.id });
  const { invite_url } = await api('/users', { name: 'אורי לדוגמה', email: 'ori@example.com', role: 'agent', locale: 'he' });
  scene.invitation = new URL(invite_url);
  // A list for the phone, from the conversation with an open window.
  await api(`/conversations/${scene.open.id}/messages`, {
    content: { kind: 'interactive', body: 'מתי נוח לדבר?', footer: 'אפשר לשנות עד שעה לפני', action: { type: 'list', button: 'בחירת מועד', sections: [{ title: 'מחר', rows: [{ id: 'm9', title: '09:00', description: 'שיחה של עשרים דקות' }, { id: 'm12', title: '12:30' }] }, { title: 'ביום חמישי', rows: [{ id: 't10', title: '10:00' }, { id: 't17', title: '17:30', description: 'בזום או בטלפון' }] }] } },
  });
  // A webhook of a number that nobody knows.
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '199990000000001', changes: [{ field: 'messages', value: { messaging_product: 'whatsapp', metadata: { display_phone_number: '972500000099', phone_number_id: '199990000000002' }, contacts: [{ profile: { name: 'שי לדוגמה' }, wa_id: '972500000098' }], messages: [{ from: '972500000098', id: 'wamid.EXAMPLE', timestamp: '1764072000', type: 'text', text: { body: 'שלום' } }] } }] }] });
  await fetch(`${demo.url}/webhooks/meta`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Hub-Signature-256': `sha256=${createHmac('sha256', demo.info.app_secret).update(body).digest('hex')}` }, body });
  await empty.setUp();
  const signIn = await openPage(browser);
  await new App(signIn.page, empty.url).signIn(empty.owner.email, empty.owner.password);
  // A cookie knows the host, not the port: each has a browser of its own.
  scene.cookies = { demo: await context.cookies(), empty: await signIn.context.cookies() };
  await signIn.close();
  await close();
  return scene;
}

function report(results) {
  for (const [from, to] of Object.entries(shown)) {
    const file = `${out}/${from}.png`;
    if (!results.some((result) => `${out}/${result.file}` === file)) continue;
    const { size } = statSync(file);
    if (size > MOST_BYTES) results.find((result) => `${out}/${result.file}` === file).found.push(`the README's picture has ${size} bytes, more than ${MOST_BYTES}`);
    else copyFileSync(file, `${pictures}/${to}`);
  }
  const names = [...new Set(results.map(({ screen }) => screen))];
  writeFileSync(`${out}/index.html`, sheet(results, names));
  console.log(`\n${'screen'.padEnd(22)} ${looks.map(({ name }) => name.replace('light', 'l').replace('dark', 'd').replace('wide', 'w').replace('narrow', 'n').padStart(7)).join('')}`);
  for (const name of names) console.log(`${name.padEnd(22)} ${looks.map((look) => { const one = results.find((result) => result.screen === name && result.look === look); return (one ? (one.found.length ? String(one.found.length) : 'ok') : '·').padStart(7); }).join('')}`);
  const failed = results.filter(({ found }) => found.length).length;
  console.log(`\nweb/shots/index.html shows them all; ${((performance.now() - began) / 1000).toFixed(0)} s`);
  console.log(`${results.length - failed} passed, ${failed} failed`);
}

function sheet(results, names) {
  const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const cell = ({ file, look, found }) => `<figure class="${look.size}${found.length ? ' bad' : ''}"><a href="${file}"><img loading="lazy" src="${file}" alt=""></a><figcaption>${look.name}${found.map((one) => `<br>${escape(one)}`).join('')}</figcaption></figure>`;
  return `<!doctype html><meta charset="utf-8"><title>Kesher: every screen</title><style>body{font:14px system-ui;margin:24px;background:#f3f6f5}section{display:flex;flex-wrap:wrap;gap:12px;align-items:start}figure{margin:0}img{display:block;width:100%;border:1px solid #ccd6d3}.wide{width:420px}.narrow{width:150px}.bad img{outline:3px solid #d0392f}</style>${names.map((name) => `<h2>${name}</h2><section>${results.filter(({ screen }) => screen === name).map(cell).join('')}</section>`).join('')}`;
}
