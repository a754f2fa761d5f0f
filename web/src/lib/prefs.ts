import { useSyncExternalStore } from 'react';

export type Locale = 'he' | 'en';
export type Theme = 'system' | 'light' | 'dark';
export type Density = 'comfortable' | 'compact';
export interface Prefs { locale: Locale; theme: Theme; density: Density; letters: boolean }

const KEY = 'kesher.prefs';
const listeners = new Set<() => void>();
const darkMedia = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null;

function load(): Prefs {
  const root = document.documentElement;
  const base: Prefs = { locale: root.lang === 'en' ? 'en' : 'he', theme: 'system', density: 'comfortable', letters: true };
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return saved && typeof saved === 'object' ? { ...base, ...saved } : base;
  } catch {
    return base;
  }
}

let prefs = load();

function paint() {
  const root = document.documentElement;
  const dark = prefs.theme === 'dark' || (prefs.theme === 'system' && !!darkMedia?.matches);
  root.lang = prefs.locale;
  root.dir = prefs.locale === 'he' ? 'rtl' : 'ltr';
  root.dataset.theme = dark ? 'dark' : 'light';
  root.dataset.density = prefs.density;
}

darkMedia?.addEventListener('change', paint);

/** Whether a choice was ever made here; if not, the person's own settings lead. */
export function hasSavedPrefs(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

export function getPrefs(): Prefs {
  return prefs;
}

export function setPrefs(change: Partial<Prefs>) {
  prefs = { ...prefs, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch {
    // A full or forbidden store: the choice lasts until the page closes.
  }
  paint();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePrefs(): Prefs {
  return useSyncExternalStore(subscribe, getPrefs);
}
