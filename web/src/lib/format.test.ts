import { beforeAll, expect, test } from 'vitest';
import { loadLocale } from '@/i18n';
import { setServerNow } from './clock';
import { directionOf } from './direction';
import { countdown, date, fileName, listTime, money, phone } from './format';
import { windowOf } from './window';

beforeAll(async () => {
  await loadLocale('he');
  setServerNow('2026-11-22T12:42:00Z');
});

test('phones as people write them', () => {
  expect(phone('+972500000012')).toBe('050-000-0012');
  expect(phone('+97230000100')).toBe('03-000-0100');
  expect(phone('+14155550100')).toMatch(/^\+1/);
});

test('dates with zeros, times in the zone of the business', () => {
  expect(date('2026-11-02T23:30:00Z')).toBe('03.11.2026');
  expect(listTime('2026-11-22T12:34:00Z')).toBe('14:34');
  expect(listTime('2026-11-21T12:34:00Z')).toBe('אתמול');
});

test('money and countdowns', () => {
  expect(money(124000000, 'ILS')).toBe('₪1,240,000');
  expect(countdown(3 * 3600e3 + 42 * 60e3)).toBe('3:42');
  expect(countdown(14 * 60e3)).toBe('14');
});

test('the window ends by the clock even when the server has not said so yet', () => {
  const open = { state: 'open' as const, expires_at: '2026-11-22T13:00:00Z' };
  expect(windowOf(open, Date.parse('2026-11-22T12:59:00Z'))).toMatchObject({ kind: 'open', closing: true });
  expect(windowOf(open, Date.parse('2026-11-22T13:00:00Z'))).toEqual({ kind: 'closed' });
});

test('direction follows the majority when the first run is short', () => {
  expect(directionOf('שלום John, מספר 050-100-0001')).toBe('rtl');
  expect(directionOf('iPhone 15 במבצע מיוחד השבוע בלבד')).toBe('rtl');
  expect(directionOf('Hello עולם')).toBe('ltr');
  expect(directionOf('12:30 🙂')).toBe('auto');
});

test('a long file name keeps its ending', () => {
  expect(fileName('הצעת מחיר מפורטת ומעודכנת ללקוח עבור משכנתא.pdf')).toMatch(/^הצעת.*….*\.pdf$/);
});
