import type { ReactNode } from 'react';
import { changeLocale, elements, loadLocale, locale, plain, type PlainValues, useLocale, type Values } from '@/i18n';
import { parse } from '@/i18n/message';
import { getPrefs, type Locale } from '@/lib/prefs';
import type { PhoneKey } from './he';

export type { PhoneKey } from './he';

/** The phone's own words, beside the ones that the shared parts use. Both languages are loaded the same way. */
const loaders: Record<Locale, () => Promise<{ default: Record<PhoneKey, string> }>> = { he: () => import('./he'), en: () => import('./en') };
const catalogues: Partial<Record<Locale, Record<PhoneKey, string>>> = {};

async function load(name: Locale) {
  catalogues[name] ??= (await loaders[name]()).default;
}

export async function startPhoneLocale() {
  const name = getPrefs().locale;
  await Promise.all([load(name), loadLocale(name)]);
}

export async function changePhoneLocale(name: Locale) {
  await load(name);
  await changeLocale(name);
}

const parts = (key: PhoneKey) => parse(catalogues[locale()]?.[key] ?? key);

export function p(key: PhoneKey, values: PlainValues = {}): string {
  return plain(parts(key), values);
}

/** For names that only a screen reader says: without the marks that isolate an inserted text. */
export function spoken(key: PhoneKey, values: PlainValues = {}): string {
  return p(key, values).replace(/[\u2068\u2069]/g, '');
}

export function P({ k, ...values }: { k: PhoneKey } & Values): ReactNode {
  useLocale();
  return elements(parts(k), values);
}
