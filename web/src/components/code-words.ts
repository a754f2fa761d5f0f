import { type Key, t } from '@/i18n';

/** The words of a code, or those of the other codes; a sentence of the server's own is shown as it is. */
export function wordsOf(code: string, key: string, other: Key): string {
  if (/\s/.test(code)) return code;
  const words = t(key as Key);
  return words === key ? t(other) : words;
}

/** Why a message did not arrive. */
export const failureWords = (code: string | null | undefined) => (code ? wordsOf(code, `failure.${code}`, 'failure.unknown') : '');
