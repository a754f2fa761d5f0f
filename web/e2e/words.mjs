// The words of the screens, from the catalogues themselves: the tests press what a person reads.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transformWithOxc } from 'vite';

async function load(path) {
  const file = fileURLToPath(new URL(`../src/${path}.ts`, import.meta.url));
  const { code } = await transformWithOxc(await readFile(file, 'utf8'), file, { sourcemap: false });
  return (await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)).default;
}

const files = (await readdir(new URL('../src/i18n/', import.meta.url))).map((file) => file.replace(/\.ts$/, ''));
const app = async (locale) => Object.assign({}, ...(await Promise.all(files.filter((file) => file === locale || file.startsWith(`${locale}-`)).map((file) => load(`i18n/${file}`)))));
const [he, en, phoneHe, phoneEn] = await Promise.all([app('he'), app('en'), load('phone/i18n/he'), load('phone/i18n/en')]);
const catalogues = { app: { he, en }, phone: { he: phoneHe, en: phoneEn } };

/** Every key that could stand on a screen by mistake. */
export const allKeys = [...new Set([...Object.keys(he), ...Object.keys(phoneHe)])];

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const MARKS = '[\\u2066-\\u2069]?';

/** `word('key')` is the text; with values, or where the text has gaps, a pattern that fits it. */
function speaker(words) {
  return (key, values) => {
    const text = words[key];
    if (text === undefined) throw new Error(`no such word: ${key}`);
    const plain = text.replace(/<\/?b>/g, '');
    if (!plain.includes('{')) return plain;
    const parts = plain.split(/(\{\w+\})/).map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (!name) return escaped(part);
      return values?.[name] === undefined ? '.*' : `${MARKS}${escaped(String(values[name]))}${MARKS}`;
    });
    return new RegExp(`^${parts.join('')}$`);
  };
}

/** The app's words in a language. */
export const wordsOf = (locale) => speaker(catalogues.app[locale]);
/** The phone's own words; what it shares with the app is among the app's. */
export const phoneWordsOf = (locale) => speaker({ ...catalogues.app[locale], ...catalogues.phone[locale] });
