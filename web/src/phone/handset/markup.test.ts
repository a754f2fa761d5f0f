import { describe, expect, test } from 'vitest';
import { blocks, inline, onlyEmoji, plainText } from './markup';

describe('marks of a message', () => {
  test('bold, italic and strike may stand in one another', () => {
    expect(inline('שלום *דנה _לדוגמה_* וגם ~לא~')).toEqual([
      { kind: 'text', text: 'שלום ' },
      { kind: 'bold', parts: [{ kind: 'text', text: 'דנה ' }, { kind: 'italic', parts: [{ kind: 'text', text: 'לדוגמה' }] }] },
      { kind: 'text', text: ' וגם ' },
      { kind: 'strike', parts: [{ kind: 'text', text: 'לא' }] },
    ]);
  });

  test('a mark inside a word, before a space or alone is only a letter', () => {
    for (const text of ['2*3*4', 'snake_case_name', '* לא מודגש*', '*פתוח', '**', 'a ~ b']) expect(inline(text)).toEqual([{ kind: 'text', text }]);
  });

  test('a link ends before the full stop and keeps its underscores', () => {
    expect(inline('ראו https://example.com/a_b_c?x=1.')).toEqual([
      { kind: 'text', text: 'ראו ' }, { kind: 'link', text: 'https://example.com/a_b_c?x=1' }, { kind: 'text', text: '.' },
    ]);
  });

  test('lines, lists, quotes and fenced blocks', () => {
    expect(blocks('א\n- ב\n1. ג\n> ד\n```x = *1*```').map((block) => block.kind)).toEqual(['line', 'item', 'item', 'quote', 'block']);
  });

  test('code keeps its marks', () => {
    expect(inline('`*a*`')).toEqual([{ kind: 'code', text: '*a*' }]);
    expect(blocks('```*a*```')).toEqual([{ kind: 'block', text: '*a*' }]);
  });

  test('a line without its marks', () => {
    expect(plainText('*א* _ב_\n- ג ```ד```')).toBe('א ב ג ד');
  });

  test('up to three emoji alone are large', () => {
    expect(onlyEmoji('👩‍👩‍👧 ❤️')).toBe(true);
    expect(onlyEmoji('👍🏽')).toBe(true);
    expect(onlyEmoji('👩‍👩‍👧❤️🙏')).toBe(true);
    expect(onlyEmoji('5')).toBe(false);
    expect(onlyEmoji('תודה 🙏')).toBe(false);
  });
});
