import { beforeAll, expect, test } from 'vitest';
import { loadLocale, t } from '.';

beforeAll(() => loadLocale('he'));

test('Hebrew plurals have one, two and many', () => {
  expect(t('time.hours_ago', { n: 1 })).toBe('לפני שעה');
  expect(t('time.hours_ago', { n: 2 })).toBe('לפני שעתיים');
  expect(t('time.hours_ago', { n: 26 })).toBe('לפני 26 שעות');
});

test('an inserted text is isolated', () => {
  expect(t('nav.user', { name: 'Amir' })).toBe('חשבון: \u2068Amir\u2069');
});

test('English falls back to other', async () => {
  await loadLocale('en');
  expect(t('time.hours_ago', { n: 2 })).toBe('2 hours ago');
});
