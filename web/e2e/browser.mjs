// The distribution's Chromium, driven by playwright-core. Shared by the browser tests and the pictures.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });

/** A page in one of our two languages and looks, as a person on such a screen has it. */
export async function openPage(browser, { locale = 'he', theme = 'light', width = 1440, height = 900, scale = 1 } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, deviceScaleFactor: scale, locale: locale === 'he' ? 'he-IL' : 'en-GB', reducedMotion: 'reduce', hasTouch: width < 720,
  });
  await context.addInitScript(([lang, look]) => {
    if (!localStorage.getItem('kesher.prefs')) localStorage.setItem('kesher.prefs', JSON.stringify({ locale: lang, theme: look, density: 'comfortable', letters: true }));
  }, [locale, theme]);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  return { page, errors, close: () => context.close() };
}

/** What would shame us: sideways overflow, a raw key for a label, a serious accessibility finding. */
export async function findings(page) {
  const found = await page.evaluate(() => {
    const out = [];
    if (document.documentElement.scrollWidth > innerWidth) out.push('sideways overflow');
    // What stands in a <code> is meant to be read as it is.
    const codes = [...document.querySelectorAll('code, pre, kbd, bdi[dir=ltr]')].map((element) => element.textContent).join(' ');
    const raw = document.body.innerText.match(/(?<![\w@./-])[a-z_]{3,}\.[a-z_]{3,}(?![\w@./-])/g) ?? [];
    for (const key of new Set(raw)) if (!codes.includes(key)) out.push(`looks like a raw key: ${key}`);
    return out;
  });
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const violation of result.violations) {
    if (violation.impact === 'serious' || violation.impact === 'critical') found.push(`${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(', ')}`);
  }
  return found;
}
