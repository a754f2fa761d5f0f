// The distribution's Chromium, driven by playwright-core. Shared by the browser tests and the pictures.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { allKeys } from './words.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];

export const launch = () =>
  chromium.launch({
    executablePath: process.env.KESHER_CHROMIUM ?? places.find((place) => existsSync(place)) ?? places[0],
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });

/** What the console says by itself when a request is refused or the server is away: the screens say it in words. */
const expected = /Failed to load resource|net::ERR_/;

/** A page in one of our two languages and looks, as a person on such a screen has it. */
export async function openPage(browser, { locale = 'he', theme = 'light', width = 1440, height = 900, scale = 1, strict = false, cookies = [] } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, deviceScaleFactor: scale, locale: locale === 'he' ? 'he-IL' : 'en-GB', reducedMotion: 'reduce', hasTouch: width < 720, colorScheme: theme,
  });
  if (cookies.length) await context.addCookies(cookies);
  await context.addInitScript(([lang, look]) => {
    // An empty page has no store.
    if (location.protocol !== 'http:') return;
    if (!localStorage.getItem('kesher.prefs')) localStorage.setItem('kesher.prefs', JSON.stringify({ locale: lang, theme: look, density: 'comfortable', letters: true }));
  }, [locale, theme]);
  const errors = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => message.type() === 'error' && (strict || !expected.test(message.text())) && errors.push(`${page.url()}: ${message.text()} ${message.location().url}`));
  });
  const page = await context.newPage();
  return { page, context, errors, close: () => context.close() };
}

/** What would shame us: sideways overflow, a raw key for a label, a serious accessibility finding. */
export async function findings(page) {
  const found = await page.evaluate(look, { keys: allKeys });
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const violation of result.violations) {
    if (violation.impact === 'serious' || violation.impact === 'critical') found.push(`${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(', ')}`);
  }
  return found;
}

/** Runs in the page. */
function look({ keys }) {
  const out = [];
  const nameOf = (element) => `${element.tagName.toLowerCase()}${element.getAttribute('aria-label') ? `[${element.getAttribute('aria-label')}]` : ''}.${String(element.className?.baseVal ?? element.className).split(' ').slice(0, 4).join('.')}`;
  if (document.documentElement.scrollWidth > innerWidth) out.push(`the page is ${document.documentElement.scrollWidth - innerWidth} px too wide`);
  for (const element of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(element);
    if (style.display === 'none' || style.visibility === 'hidden') continue;
    const over = element.scrollWidth - element.clientWidth;
    // A pane that scrolls by `auto` in both directions must only do so downwards, unless it is made to go sideways.
    if (over > 1 && element.clientWidth > 0 && ['auto', 'scroll'].includes(style.overflowX) && !element.closest('[data-sideways]') && !/overflow-x-(auto|scroll)/.test(element.className)) out.push(`scrolls sideways by ${over} px: ${nameOf(element)}`);
    // What is not clipped by itself and stands outside the screen.
    const box = element.getBoundingClientRect();
    if (box.width > 1 && box.height > 1 && (box.right > innerWidth + 1 || box.left < -1) && !element.closest('[aria-hidden=true], .sr-only') && reachable(element)) out.push(`outside the screen (${Math.round(box.left)}…${Math.round(box.right)}): ${nameOf(element)}`);
    // A count that was asked whether there is anything to show, and shows itself.
    if ([...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() === '0') && element.querySelector(':scope > :is(h1, h2, h3, p, div, ul, ol, section, form)')) out.push(`a stray 0: ${nameOf(element)}`);
    // Words cut off where nothing shows that they go on.
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (text && over > 2 && style.overflowX === 'hidden' && style.textOverflow !== 'ellipsis' && element.clientWidth > 1 && !String(element.className).includes('sr-only')) out.push(`cut off: ${nameOf(element)} “${element.textContent.slice(0, 40)}”`);
  }
  const known = new Set(keys);
  const families = new Set(keys.map((key) => key.split('.')[0]));
  const rights = /\.(read|write|manage|view|send|invite|delete)$/;
  const words = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest('script, style, code, pre, kbd, bdi[dir=ltr], [dir=ltr], textarea')) words.push(node.textContent);
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt], [data-tip]')) {
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-tip']) words.push(element.getAttribute(name) ?? '');
  }
  const raw = new Set();
  for (const text of words) {
    for (const [key] of text.matchAll(/(?<![\w@./-])[a-z_]+\.[a-z0-9_]+(?![\w@./-])/g)) if (known.has(key) || (families.has(key.split('.')[0]) && !rights.test(key))) raw.add(key);
    if (/\{\w+(, plural)?[^}]*\}/.test(text) && !/\{\{/.test(text)) raw.add(text.slice(0, 60));
    if (/\b(undefined|NaN|\[object Object\]|Invalid Date)\b/.test(text)) raw.add(text.slice(0, 60));
  }
  for (const key of raw) out.push(`looks raw: ${key}`);
  return [...new Set(out)].slice(0, 12);

  function reachable(element) {
    for (let up = element.parentElement; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.overflowX !== 'visible' || style.visibility === 'hidden') return false;
    }
    return true;
  }
}
