import type { Conversation, Pipeline, Template, TemplateVariable } from '@/api/types';
import { localised } from '@/i18n';
import { money } from '@/lib/format';
import { phone } from '@/lib/format';

export interface Filled { value: string; from: 'contact' | 'lead' | null }

/** What we already know goes in by itself: by the variable's name or label, from the contact or the lead. */
export function fill(variable: TemplateVariable, { contact, lead }: Conversation, pipeline: Pipeline | undefined, body = ''): Filled {
  const name = `${variable.key.split('.').slice(1).join('.')} ${variable.label}`.toLowerCase();
  const of = (value: string | null | undefined, from: 'contact' | 'lead'): Filled => ({ value: value ?? '', from: value ? from : null });
  // A value that follows a greeting is the name of the one who is greeted.
  const greeted = variable.component === 'body' && new RegExp(`(שלום|היי|hello|hi|dear)[ ,]*\\{\\{\\s*${variable.key.split('.').at(-1)}\\s*\\}\\}`, 'i').test(body);
  if (greeted || /first.?name|שם פרטי/.test(name)) return of((contact.name ?? contact.profile_name)?.split(/\s+/)[0], 'contact');
  if (/e-?mail|דוא/.test(name)) return of(contact.email, 'contact');
  if (/phone|טלפון/.test(name)) return of(contact.phone && phone(contact.phone), 'contact');
  if (/amount|סכום/.test(name)) return of(lead?.amount_minor ? money(lead.amount_minor, lead.currency) : null, 'lead');
  const field = pipeline?.fields.find((item) => name.includes(item.key) || (item.label.he && name.includes(item.label.he)) || name.includes(localised(item.label).toLowerCase()));
  if (field) return of(lead?.fields[field.key], 'lead');
  if (/(^|[^\p{L}])(full.?)?name|שם/u.test(name) && !/file|קובץ/.test(name)) return of(contact.name, 'contact');
  return { value: '', from: null };
}

export interface Piece { text: string; key: string | null; filled: boolean }

/** The text cut at its variables, so that a value can be shown as one. */
export function pieces(text: string, component: 'header' | 'body', values: Record<string, string>, template: Template): Piece[] {
  return text.split(/(\{\{\s*\w+\s*\}\})/).map((part) => {
    const name = /^\{\{\s*(\w+)\s*\}\}$/.exec(part)?.[1];
    if (!name) return { text: part, key: null, filled: true };
    const key = `${component}.${name}`;
    const value = values[key]?.trim();
    const variable = template.variables.find((item) => item.key === key);
    return { text: value || variable?.example || variable?.label || name, key, filled: !!value };
  });
}
