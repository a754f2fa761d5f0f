// What every browser test needs: a demo, a browser, named steps, and pictures of what was on the screens when one failed.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, openPage } from './browser.mjs';
import { startDemo } from './demo.mjs';
import { App, Phone } from './pages.mjs';

const results = fileURLToPath(new URL('../test-results', import.meta.url));
export const PATIENCE = 10_000;

/** One test with a demo and a browser of its own; `act` gets the tools and says its steps. */
export function story(name, act) {
  test(name, { timeout: 180_000 }, async (t) => {
    const opened = [];
    const demo = await startDemo();
    t.after(() => demo.stop());
    const browser = await launch();
    t.after(() => browser.close());
    const began = performance.now();
    const tools = {
      t, demo, browser,
      /** A browser of one person: pages in it share the sign-in. */
      async person(options = {}) {
        const one = await openPage(browser, options);
        opened.push(one);
        one.context.setDefaultTimeout(PATIENCE);
        return one;
      },
      app: (page, locale) => new App(page, demo.url, locale),
      phone: (page, locale) => new Phone(page, demo.sandboxUrl, locale),
      async step(words, run) {
        const from = performance.now();
        try {
          const answer = await run();
          t.diagnostic(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${words}${performance.now() - from > 2000 ? `  (${((performance.now() - from) / 1000).toFixed(1)} s)` : ''}`);
          return answer;
        } catch (error) {
          await keep(name, words, opened, demo);
          error.message = `${words}: ${error.message}`;
          throw error;
        }
      },
    };
    await act(tools);
    for (const { errors } of opened) assert.deepEqual(errors, [], 'the pages said no errors');
  });
}

async function keep(name, words, opened, demo) {
  mkdirSync(results, { recursive: true });
  const stem = `${results}/${name}`.replace(/[^\p{L}\p{N}/_.-]+/gu, '-');
  let i = 0;
  for (const { context, errors } of opened) {
    for (const page of context.pages()) await page.screenshot({ path: `${stem}.${++i}.png` }).catch(() => {});
    if (errors.length) console.error(errors.join('\n'));
  }
  writeFileSync(`${stem}.log`, demo.log());
  console.error(`failed at "${words}"; pictures and the server's log: ${stem}.*`);
}

/** Where the colour of a mark is looked at: the name of the token that it has. */
export async function tokenOf(locator, names) {
  return locator.evaluate((element, tokens) => {
    const probe = document.createElement('span');
    document.body.append(probe);
    const colour = getComputedStyle(element).color;
    const found = tokens.find((token) => {
      probe.style.color = `var(--${token})`;
      return getComputedStyle(probe).color === colour;
    });
    probe.remove();
    return found ?? colour;
  }, names);
}

/** A key of a keyboard in Hebrew: the place is the same, the letter another. */
const hebrew = { KeyA: 'ש', KeyC: 'ב', KeyE: 'ק', KeyG: 'ע', KeyI: 'ן', KeyJ: 'ח', KeyK: 'ל', KeyL: 'ך', KeyN: 'מ', KeyQ: '/', KeyR: 'ר', KeyS: 'ד', KeyT: 'א', KeyZ: 'ז' };
export async function hebrewKeyboard(page) {
  const session = await page.context().newCDPSession(page);
  return async (code, { ctrl = false, shift = false } = {}) => {
    const key = { Escape: 'Escape', Enter: 'Enter' }[code] ?? (shift ? code.replace('Key', '') : hebrew[code]);
    const text = ctrl || key.length > 1 ? (code === 'Enter' ? '\r' : undefined) : key;
    const number = code.startsWith('Key') ? code.charCodeAt(3) : { Escape: 27, Enter: 13 }[code];
    const base = { code, key, windowsVirtualKeyCode: number, modifiers: (ctrl ? 2 : 0) | (shift ? 8 : 0) };
    await session.send('Input.dispatchKeyEvent', { ...base, type: text ? 'keyDown' : 'rawKeyDown', ...(text ? { text } : {}) });
    await session.send('Input.dispatchKeyEvent', { ...base, type: 'keyUp' });
  };
}

/** What has the focus, in words. */
export const focused = (page) => page.evaluate(() => {
  const at = document.activeElement;
  return at ? { tag: at.tagName, id: at.id, name: at.getAttribute('aria-label') ?? at.textContent?.slice(0, 80) ?? '', role: at.getAttribute('role') } : null;
});

/** Waits for what the page itself can see, and answers. */
export async function eventually(what, look, within = PATIENCE) {
  const end = performance.now() + within;
  let last;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`${what}: ${last.message}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
