import { Fragment, type ReactNode, useSyncExternalStore } from 'react';
import { getPrefs, type Locale, setPrefs, usePrefs } from '@/lib/prefs';
import { chosen, type Part, parse } from './message';
import type { Key } from './keys';

export type { Key } from './keys';
export type Values = Record<string, ReactNode>;
export type PlainValues = Record<string, string | number | null | undefined>;
type Catalogue = Partial<Record<Key, string>>;

export type Words = 'core' | 'thread' | 'more' | 'channels' | 'handoff' | 'mailing' | 'import';
const loaders: Record<Locale, Record<Words, () => Promise<{ default: Catalogue }>>> = {
  he: {
    core: () => import('./he'), thread: () => import('./he-thread'), more: () => import('./he-more'),
    channels: () => import('./he-channels'), handoff: () => import('./he-handoff'), mailing: () => import('./he-mailing'), import: () => import('./he-import'),
  },
  en: {
    core: () => import('./en'), thread: () => import('./en-thread'), more: () => import('./en-more'),
    channels: () => import('./en-channels'), handoff: () => import('./en-handoff'), mailing: () => import('./en-mailing'), import: () => import('./en-import'),
  },
};
const catalogues: Record<Locale, Catalogue> = { he: {}, en: {} };
const loaded = new Set<string>();
const listeners = new Set<() => void>();
let active: Locale = 'he';
const wanted = new Set<Words>(['core']);

async function load(locale: Locale, part: Words) {
  if (loaded.has(`${locale} ${part}`)) return;
  Object.assign(catalogues[locale], (await loaders[locale][part]()).default);
  loaded.add(`${locale} ${part}`);
}

/** Loads a language's words; the screen changes only once they are here. */
export async function loadLocale(locale: Locale) {
  await Promise.all([...wanted].map((part) => load(locale, part)));
  active = locale;
  for (const listener of listeners) listener();
}

/** What is not on the first screen brings its words with it. */
export async function withWords<Page>(words: Words[], page: () => Promise<Page>): Promise<Page> {
  for (const part of words) wanted.add(part);
  const [loadedPage] = await Promise.all([page(), ...words.map((part) => load(getPrefs().locale, part))]);
  return loadedPage;
}

export async function changeLocale(locale: Locale) {
  await loadLocale(locale);
  setPrefs({ locale });
}

export function locale(): Locale {
  return active;
}

const pluralRules: Partial<Record<Locale, Intl.PluralRules>> = {};
function rules() {
  return (pluralRules[active] ??= new Intl.PluralRules(active));
}

const numbers: Partial<Record<Locale, Intl.NumberFormat>> = {};
export function formatNumber(n: number): string {
  return (numbers[active] ??= new Intl.NumberFormat(active === 'he' ? 'he-IL' : 'en-GB')).format(n);
}

function message(key: Key): Part[] {
  return parse(catalogues[active][key] ?? key);
}

/** What runs the other way, or begins with a number, is isolated; a name in the sentence's own letters needs nothing. */
function isolated(value: string): string {
  const own = active === 'he' ? /^[\u0590-\u05ff][\u0590-\u05ff\s'"״׳-]*$/ : /^[A-Za-z][A-Za-z\s'’-]*$/;
  return own.test(value) ? value : `\u2068${value}\u2069`;
}

/** Plain text. Inserted texts are isolated, so that a Latin name does not turn a Hebrew sentence around. */
export function t(key: Key, values: PlainValues = {}): string {
  return plain(message(key), values);
}

/** The same with elements for values and `<b>` in bold. */
export function T({ k, ...values }: { k: Key } & Values): ReactNode {
  useLocale();
  return elements(message(k), values);
}

export function plain(parts: Part[], values: PlainValues, count?: number): string {
  return parts
    .map((part) => {
      if (part.type === 'text') return part.text;
      if (part.type === 'count') return formatNumber(count ?? 0);
      if (part.type === 'bold') return plain(part.parts, values, count);
      const value = values[part.name];
      if (part.type === 'plural') return plain(chosen(part, Number(value), rules()), values, Number(value));
      return typeof value === 'number' ? formatNumber(value) : isolated(value ?? '');
    })
    .join('');
}

export function elements(parts: Part[], values: Values, count?: number): ReactNode[] {
  return parts.map((part, i) => {
    if (part.type === 'text') return part.text;
    if (part.type === 'count') return formatNumber(count ?? 0);
    if (part.type === 'bold') return <b key={i} className="font-semibold">{elements(part.parts, values, count)}</b>;
    const value = values[part.name];
    if (part.type === 'plural') return <Fragment key={i}>{elements(chosen(part, Number(value), rules()), values, Number(value))}</Fragment>;
    return typeof value === 'number' ? formatNumber(value) : <bdi key={i}>{value}</bdi>;
  });
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Call it in a component that uses `t`, and the component follows the language. */
export function useLocale(): Locale {
  usePrefs();
  return useSyncExternalStore(subscribe, locale);
}

/** The API's `{he, en}` pairs. */
export function localised(text: { he?: string; en?: string } | null | undefined): string {
  return text?.[active] ?? text?.[active === 'he' ? 'en' : 'he'] ?? '';
}

export function startLocale(): Promise<void> {
  return loadLocale(getPrefs().locale);
}
