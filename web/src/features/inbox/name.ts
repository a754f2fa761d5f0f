import type { Contact } from '@/api/types';
import { phone } from '@/lib/format';

/** A contact without a name is shown by the number, as people write it. */
export function nameOf(contact: Contact): string {
  return /^\+\d+$/.test(contact.display_name) ? phone(contact.display_name) : contact.display_name;
}
