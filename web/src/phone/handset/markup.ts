/** The marks of a message as WhatsApp reads them: *bold* _italic_ ~strike~ `code` ```block```, > quotes, lists, links. */
export type Inline = { kind: 'text' | 'code' | 'block' | 'link'; text: string } | { kind: 'bold' | 'italic' | 'strike'; parts: Inline[] };
export type Block = { kind: 'line' | 'quote'; parts: Inline[]; text: string } | { kind: 'item'; sign: string; parts: Inline[]; text: string } | { kind: 'block'; text: string };

const marks = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
const isMark = (c: string | undefined): c is keyof typeof marks => c === '*' || c === '_' || c === '~';
const link = /^https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/u;
const wordy = /[\p{L}\p{N}]/u;

export function inline(text: string): Inline[] {
  const parts: Inline[] = [];
  let plain = '';
  const flush = () => {
    if (plain) parts.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (let i = 0; i < text.length; ) {
    const c = text[i]!;
    const before = text[i - 1];
    const found = (!before || !wordy.test(before)) && link.exec(text.slice(i));
    if (found) {
      flush();
      parts.push({ kind: 'link', text: found[0] });
      i += found[0].length;
      continue;
    }
    if (c === '`') {
      const end = text.indexOf('`', i + 1);
      if (end > i + 1) {
        flush();
        parts.push({ kind: 'code', text: text.slice(i + 1, end) });
        i = end + 1;
        continue;
      }
    }
    // A mark opens after a space or punctuation before a letter, and closes the other way round.
    if (isMark(c) && (!before || !wordy.test(before)) && text[i + 1] && !/\s/.test(text[i + 1]!) && text[i + 1] !== c) {
      const end = closing(text, i, c);
      if (end > 0) {
        flush();
        parts.push({ kind: marks[c], parts: inline(text.slice(i + 1, end)) });
        i = end + 1;
        continue;
      }
    }
    plain += c;
    i += 1;
  }
  flush();
  return parts;
}

function closing(text: string, from: number, mark: string): number {
  for (let i = from + 2; i < text.length; i++) {
    if (text[i] !== mark || /\s/.test(text[i - 1]!)) continue;
    const after = text[i + 1];
    if (!after || !wordy.test(after)) return i;
  }
  return -1;
}

export function blocks(text: string): Block[] {
  const made: Block[] = [];
  const pieces = text.split('```');
  pieces.forEach((piece, i) => {
    // An odd piece stands between two fences; the last one only if it was closed.
    if (i % 2 === 1 && i < pieces.length - 1) {
      made.push({ kind: 'block', text: piece.replace(/^\n|\n$/g, '') });
      return;
    }
    const source = i % 2 === 1 ? `\`\`\`${piece}` : piece;
    // The line breaks around a fence belong to it.
    const text = source.replace(i > 0 ? /^\n/ : /^$/, '').replace(i < pieces.length - 1 ? /\n$/ : /$^/, '');
    if (!text && pieces.length > 1) return;
    for (const line of text.split('\n')) {
      const quote = /^> (.*)$/.exec(line);
      const bullet = /^[*-] (.*)$/.exec(line);
      const number = /^(\d{1,2})\. (.*)$/.exec(line);
      const content = quote?.[1] ?? bullet?.[1] ?? number?.[2] ?? line;
      const parts = inline(content);
      if (number || bullet) made.push({ kind: 'item', sign: number ? `${number[1]}.` : '•', parts, text: content });
      else made.push({ kind: quote ? 'quote' : 'line', parts, text: content });
    }
  });
  return made;
}

/** One line without its marks, for quotes and lists. */
export function plainText(text: string): string {
  const write = (parts: Inline[]): string => parts.map((part) => ('parts' in part ? write(part.parts) : part.text)).join('');
  return blocks(text).map((block) => (block.kind === 'block' ? block.text : write(block.parts))).join(' ').replace(/\s+/g, ' ').trim();
}

/** A message of up to three emoji and nothing else is shown large. */
export function onlyEmoji(text: string): boolean {
  const trimmed = text.trim();
  if (!trimmed || trimmed.length > 40 || /[\p{L}\p{N}]/u.test(trimmed)) return false;
  const glyphs = [...new Intl.Segmenter().segment(trimmed)].map((item) => item.segment).filter((glyph) => glyph.trim());
  return glyphs.length <= 3 && glyphs.every((glyph) => /\p{Extended_Pictographic}/u.test(glyph));
}
