import type { Template, TemplateVariable } from '@/api/types';
import { wordsOf } from '@/components/code-words';
import { t } from '@/i18n';

/** Why a template cannot be sent. */
export function templateWords({ status, not_sendable_reason: reason }: Template): string {
  const code = reason ?? status;
  return wordsOf(code, `template_state.${code.toLowerCase()}`, 'template_state.other');
}

/** Meta numbers the values of most templates; a number alone is no name. */
export const valueName = ({ label }: TemplateVariable) => (/^\d+$/.test(label) ? t('template.value', { n: label }) : label.replaceAll('_', ' '));
