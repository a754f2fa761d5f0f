import { type PhoneKey, p } from '../i18n';
import { SandboxError } from './api';

const known = new Set(['blocked', 'phone_off', 'not_on_whatsapp', 'no_connection', 'no_such_person', 'backwards', 'phone_taken', 'too_late', 'not_own']);

/** What went wrong, in words. The sandbox's own sentence is English and goes in only where we have none. */
export function errorWords(error: unknown): string {
  if (error instanceof SandboxError) {
    if (known.has(error.code)) return p(`error.${error.code}` as PhoneKey);
    if (error.code !== 'unknown') return p('error.sandbox', { message: error.message });
  }
  return p('error.unknown');
}
