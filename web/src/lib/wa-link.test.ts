import { expect, test } from 'vitest';
import { isLongForLink, waLink } from './wa-link';

const url = 'https://wa.me/972500000010?text=%D7%A9%D7%9C%D7%95%D7%9D%2C%20%26%20%2B';

test('a link opens where the person wants it, with the text as it was encoded', () => {
  expect(waLink(url, 'device')).toBe(url);
  expect(waLink(url, 'web')).toBe('https://web.whatsapp.com/send?phone=972500000010&text=%D7%A9%D7%9C%D7%95%D7%9D%2C%20%26%20%2B');
  expect(waLink(url, 'app')).toBe('whatsapp://send?phone=972500000010&text=%D7%A9%D7%9C%D7%95%D7%9D%2C%20%26%20%2B');
  expect(waLink('https://wa.me/972500000010', 'app')).toBe('whatsapp://send?phone=972500000010');
});

test('a link that is none of ours stays as it is', () => {
  expect(waLink('https://api.whatsapp.com/send?phone=1', 'app')).toBe('https://api.whatsapp.com/send?phone=1');
});

test('a Hebrew text grows sixfold in a link', () => {
  expect(isLongForLink('ש'.repeat(300))).toBe(false);
  expect(isLongForLink('ש'.repeat(330))).toBe(true);
});
