import { describe, expect, it } from 'vitest';
import { directionOf } from './direction';

describe('the direction of a paragraph', () => {
  it.each([
    ['שלום', 'rtl'],
    ['Hello', 'ltr'],
    ['Tami4 חוזרים אליכם היום, תודה על הפנייה', 'rtl'],
    ['אבי: the offer is attached, have a look', 'ltr'],
    ['שלום {{contact.first_name}}', 'rtl'],
    ['{{contact.first_name}}, shall we talk?', 'ltr'],
    ['פרטים: https://example.com/a/very/long/address', 'rtl'],
    ['person@example.com', 'auto'],
    ['050-000-0012', 'auto'],
  ])('%s: %s', (text, direction) => expect(directionOf(text)).toBe(direction));
});
