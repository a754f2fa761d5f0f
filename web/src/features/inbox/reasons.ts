import type { Template, TemplateVariable } from '@/api/types';
import { type Key, t } from '@/i18n';

/** The words of a code, or those of the other codes; a sentence of the server's own is shown as it is. */
function wordsOf(code: string, key: string, other: Key): string {
  if (/\s/.test(code)) return code;
  const words = t(key as Key);
  return words === key ? t(other) : words;
}

/** Why a message did not arrive. */
export const failureWords = (code: string | null | undefined) => (code ? wordsOf(code, `failure.${code}`, 'failure.unknown') : '');

/** Why a template cannot be sent. */
export function templateWords({ status, not_sendable_reason: reason }: Template): string {
  const code = reason ?? status;
  return wordsOf(code, `template_state.${code.toLowerCase()}`, 'template_state.other');
}

/** Meta numbers the values of most templates; a number alone is no name. */
export const valueName = ({ label }: TemplateVariable) => (/^\d+$/.test(label) ? t('template.value', { n: label }) : label.replaceAll('_', ' '));
