import { beforeAll, expect, test } from 'vitest';
import type { Conversation, Template } from '@/api/types';
import { loadLocale } from '@/i18n';
import { fill, pieces } from './template-fill';

beforeAll(() => loadLocale('he'));

const conversation = {
  contact: { name: 'יעל לדוגמה', profile_name: 'יעל', phone: '+972500000012', email: null },
  lead: { fields: { town: 'חיפה' }, amount_minor: 124000000, currency: 'ILS' },
} as unknown as Conversation;
const pipeline = { id: 'p', name: {}, statuses: [], fields: [{ key: 'town', label: { he: 'יישוב', en: 'Town' }, kind: 'text' as const }] };
const variable = (key: string, label: string) => ({ key, label, example: null, component: 'body' as const });

test('what is known fills the variables, and says from where', () => {
  expect(fill(variable('body.1', 'שם פרטי'), conversation, pipeline)).toEqual({ value: 'יעל', from: 'contact' });
  expect(fill(variable('body.name', 'Name'), conversation, pipeline)).toEqual({ value: 'יעל לדוגמה', from: 'contact' });
  expect(fill(variable('body.2', 'יישוב'), conversation, pipeline)).toEqual({ value: 'חיפה', from: 'lead' });
  expect(fill(variable('body.3', 'סכום'), conversation, pipeline)).toEqual({ value: '₪1,240,000', from: 'lead' });
  expect(fill(variable('body.1', '1'), conversation, pipeline, 'שלום {{1}}, קיבלנו את {{2}}')).toEqual({ value: 'יעל', from: 'contact' });
  expect(fill(variable('body.2', '2'), conversation, pipeline, 'שלום {{1}}, קיבלנו את {{2}}')).toEqual({ value: '', from: null });
  expect(fill(variable('body.4', 'דוא״ל'), conversation, pipeline)).toEqual({ value: '', from: null });
});

test('the preview marks what is filled and what still shows its sample', () => {
  const template = { variables: [variable('body.1', 'שם'), { ...variable('body.day', 'יום'), example: 'ראשון' }] } as unknown as Template;
  expect(pieces('שלום {{1}}, ביום {{day}}.', 'body', { 'body.1': 'יעל' }, template).filter((piece) => piece.key)).toEqual([
    { text: 'יעל', key: 'body.1', filled: true },
    { text: 'ראשון', key: 'body.day', filled: false },
  ]);
});
