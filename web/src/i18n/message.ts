/** A small part of ICU MessageFormat: `{name}`, `{n, plural, one {…} two {…} other {…}}`, `#`, `<b>…</b>`. */
export type Part =
  | { type: 'text'; text: string }
  | { type: 'value'; name: string }
  | { type: 'count' }
  | { type: 'bold'; parts: Part[] }
  | { type: 'plural'; name: string; cases: Record<string, Part[]> };

const cache = new Map<string, Part[]>();

export function parse(source: string): Part[] {
  let parts = cache.get(source);
  if (!parts) {
    parts = new Reader(source).parts('end');
    cache.set(source, parts);
  }
  return parts;
}

class Reader {
  private at = 0;
  constructor(private readonly source: string) {}

  parts(until: 'end' | 'brace' | 'bold'): Part[] {
    const parts: Part[] = [];
    let text = '';
    const flush = () => {
      if (text) parts.push({ type: 'text', text });
      text = '';
    };
    while (this.at < this.source.length) {
      const rest = this.source[this.at];
      if (rest === '}' && until === 'brace') break;
      if (this.source.startsWith('</b>', this.at) && until === 'bold') break;
      if (this.source.startsWith('<b>', this.at)) {
        flush();
        this.at += 3;
        parts.push({ type: 'bold', parts: this.parts('bold') });
        this.at += 4;
      } else if (rest === '{') {
        flush();
        parts.push(this.argument());
      } else if (rest === '#' && until === 'brace') {
        flush();
        parts.push({ type: 'count' });
        this.at += 1;
      } else {
        text += rest;
        this.at += 1;
      }
    }
    flush();
    return parts;
  }

  private argument(): Part {
    const head = /^\{\s*(\w+)\s*(?:,\s*plural\s*,\s*)?/.exec(this.source.slice(this.at));
    if (!head?.[1]) throw new Error(`bad message: ${this.source}`);
    this.at += head[0].length;
    if (!head[0].includes(',')) {
      this.at += 1;
      return { type: 'value', name: head[1] };
    }
    const cases: Record<string, Part[]> = {};
    for (;;) {
      const label = /^\s*(=?\w+)\s*\{/.exec(this.source.slice(this.at));
      if (!label?.[1]) break;
      this.at += label[0].length;
      cases[label[1]] = this.parts('brace');
      this.at += 1;
    }
    this.at = this.source.indexOf('}', this.at) + 1;
    return { type: 'plural', name: head[1], cases };
  }
}

export function chosen(part: Extract<Part, { type: 'plural' }>, n: number, rules: Intl.PluralRules): Part[] {
  return part.cases[`=${n}`] ?? part.cases[rules.select(n)] ?? part.cases.other ?? [];
}

export function placeholders(source: string): string[] {
  const names = new Set<string>();
  const walk = (parts: Part[]) => {
    for (const part of parts) {
      if (part.type === 'value') names.add(part.name);
      if (part.type === 'bold') walk(part.parts);
      if (part.type === 'plural') {
        names.add(`${part.name}#`);
        for (const inner of Object.values(part.cases)) walk(inner);
      }
    }
  };
  walk(parse(source));
  return [...names].sort();
}
