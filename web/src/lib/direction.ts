const rtl = /[\u0590-\u08ff\ufb1d-\ufefc]/g;
const ltr = /[A-Za-z\u00c0-\u024f\u0370-\u052f]/g;

/**
 * The direction of a paragraph: its first strong letter, unless that first run is under 30% of the letters
 * (a Hebrew message that opens with a brand's Latin name stays Hebrew). Addresses and the names of fields are no words.
 */
export function directionOf(text: string): 'rtl' | 'ltr' | 'auto' {
  const bare = text.replace(/\{\{[^}]*\}\}/g, '').replace(/https?:\/\/\S+/g, '').replace(/[\w.+-]+@[\w.-]+/g, '');
  const right = bare.match(rtl)?.length ?? 0;
  const left = bare.match(ltr)?.length ?? 0;
  if (right + left === 0) return 'auto';
  const firstIsRight = /^[^A-Za-z\u00c0-\u024f\u0370-\u052f]*[\u0590-\u08ff\ufb1d-\ufefc]/.test(bare);
  const share = (firstIsRight ? right : left) / (right + left);
  if (share < 0.3) return firstIsRight ? 'ltr' : 'rtl';
  return firstIsRight ? 'rtl' : 'ltr';
}
