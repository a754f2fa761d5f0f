import type { Person } from './model/types';

export interface Open { key: number; person: string; business: string | null }

/** `?person=…&business=…`, once for each open phone, in this order. `business=list` is the list of chats. */
export function readUrl(search = location.search): { person: string; business: string | null }[] {
  const open: { person: string; business: string | null }[] = [];
  for (const [name, value] of new URLSearchParams(search)) {
    if (name === 'person') open.push({ person: value, business: null });
    const last = open.at(-1);
    if (name === 'business' && last) last.business = value;
  }
  return open;
}

export function writeUrl(open: Open[], persons: Person[]) {
  const query = new URLSearchParams();
  for (const { person: id, business } of open) {
    const person = persons.find((other) => other.id === id);
    query.append('person', person?.phone && !person.hidden ? person.phone : id);
    query.append('business', business ?? 'list');
  }
  history.replaceState(null, '', `${location.pathname}?${query.toString()}`);
}
