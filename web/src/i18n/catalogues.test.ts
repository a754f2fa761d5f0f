import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { placeholders } from './message';

type Catalogue = Record<string, string>;
const all = (files: Record<string, { default: Catalogue }>): Catalogue => Object.assign({}, ...Object.keys(files).sort().map((file) => files[file]!.default));
const he = all(import.meta.glob<{ default: Catalogue }>('./he*.ts', { eager: true }));
const en = all(import.meta.glob<{ default: Catalogue }>('./en*.ts', { eager: true }));

const source = (directory: string): string =>
  readdirSync(directory, { withFileTypes: true })
    .map((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return source(path);
      return /\.tsx?$/.test(entry.name) && !/i18n[\\/](he|en)(-\w+)?\.ts$/.test(path) && !entry.name.includes('.test.') ? readFileSync(path, 'utf8') : '';
    })
    .join('\n');

describe('the catalogues', () => {
  test('have the same keys', () => {
    expect(Object.keys(en)).toEqual(Object.keys(he));
  });

  test('have the same placeholders', () => {
    for (const [key, text] of Object.entries(he)) {
      expect(placeholders(en[key] ?? ''), key).toEqual(placeholders(text));
    }
  });

  test('have no key that no screen uses', () => {
    const code = source('src');
    const prefixes = [...code.matchAll(/[`'"]([a-z_]+\.[a-z_]*)\$\{/g)].map((match) => match[1]!);
    const unused = Object.keys(he).filter((key) => !code.includes(`'${key}'`) && !code.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });

  test('write Hebrew without slashes and with its own quotes', () => {
    for (const [key, text] of Object.entries(he)) {
      expect(text.replace(/<\/?b>/g, ''), key).not.toMatch(/[א-ת]\/[א-ת]|[א-ת]"|[א-ת]'/);
    }
  });
});
