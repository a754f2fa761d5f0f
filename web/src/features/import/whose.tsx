import { useQuery } from '@tanstack/react-query';
import { UserRoundPlus } from 'lucide-react';
import { useState } from 'react';
import { contactsFound, type Import, type ImportChoice, type ImportedContact } from '@/api/imports';
import { Phone } from '@/components/bdi';
import { Button } from '@/components/button';
import { Face } from '@/components/face';
import { Field, SearchField } from '@/components/field';
import { Card } from '@/components/page';
import { t, useLocale } from '@/i18n';
import { useDebounced } from '@/lib/use-debounced';
import { Name } from './name';

/** The contact whose conversation the chat becomes part of: known, found, or new. */
export function Whose({ item, busy, onChoose }: { item: Import; busy: boolean; onChoose: (choice: ImportChoice) => void }) {
  useLocale();
  const chosen = item.contact ?? (item.new_contact ? { id: '', name: item.new_contact.name ?? '', phone: item.new_contact.phone } : null);
  const [open, setOpen] = useState(false);
  if (chosen && !open) {
    return (
      <Card title={t('import.whose')} aside={<Button size="small" onClick={() => setOpen(true)}>{t('import.change')}</Button>}>
        <Person contact={chosen} note={item.contact ? t('import.whose_body') : t('import.will_make')} />
      </Card>
    );
  }
  return (
    <Card title={t('import.whose')} className="flex flex-col gap-4">
      <Known item={item} onPick={(contact) => { setOpen(false); onChoose({ contact_id: contact.id }); }} />
      <New key={item.participants.find((one) => one.us)?.name} item={item} busy={busy} onSave={(new_contact) => { setOpen(false); onChoose({ new_contact }); }} />
    </Card>
  );
}

function Person({ contact, note }: { contact: ImportedContact; note?: string }) {
  const named = contact.name && !/^\+\d+$/.test(contact.name);
  return (
    <div className="flex items-center gap-3">
      <Face id={contact.id} name={contact.name} size={36} />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-13 font-semibold"><Name of={contact.name || (contact.phone ?? '')} /></span>
        <span className="block truncate text-12 text-ink-3">{named && <Phone value={contact.phone} />}{named && contact.phone && note && ' · '}{note}</span>
      </span>
    </div>
  );
}

function Known({ item, onPick }: { item: Import; onPick: (contact: ImportedContact) => void }) {
  const [text, setText] = useState('');
  const search = useDebounced(text.trim(), 250);
  const { data } = useQuery(contactsFound(search));
  const perhaps = item.participants.flatMap((one) => (one.contact && !one.us ? [one.contact] : []));
  const found = search.length > 1 ? (data?.items ?? []).map((one) => ({ id: one.id, name: one.display_name, phone: one.phone })) : perhaps;
  return (
    <div className="flex flex-col gap-2">
      <SearchField value={text} onChange={setText} label={t('import.find')} />
      {search.length <= 1 && !!perhaps.length && <p className="text-12 text-ink-3">{t('import.suggested')}</p>}
      <ul className="-mx-2 flex flex-col">
        {found.map((contact) => (
          <li key={contact.id}><button type="button" onClick={() => onPick(contact)} className="w-full rounded-9 px-2 py-1.5 text-start hover:bg-hover max-small:min-h-11"><Person contact={contact} /></button></li>
        ))}
      </ul>
      {search.length > 1 && data && !found.length && <p className="text-13 text-ink-3">{t('import.none_found')}</p>}
    </div>
  );
}

function New({ item, busy, onSave }: { item: Import; busy: boolean; onSave: (contact: { name?: string; phone?: string }) => void }) {
  const them = item.participants.filter((one) => !one.us);
  const [one] = them.length === 1 ? them : [];
  const [name, setName] = useState(item.new_contact?.name ?? (one && !one.phone ? one.name : ''));
  const [phone, setPhone] = useState(item.new_contact?.phone ?? one?.phone ?? '');
  return (
    <form
      className="flex flex-col gap-3 rounded-10 bg-sunken p-3.5"
      onSubmit={(event) => { event.preventDefault(); onSave({ name: name.trim() || undefined, phone: phone.trim() || undefined }); }}
    >
      <p className="flex items-center gap-2 text-13 font-semibold"><UserRoundPlus size={16} strokeWidth={1.75} aria-hidden />{t('import.new_contact')}</p>
      <Field label={t('import.new_name')} value={name} onChange={(event) => setName(event.target.value)} />
      <Field label={t('import.new_phone')} hint={t('import.new_phone_hint')} code type="tel" value={phone} onChange={(event) => setPhone(event.target.value)} />
      <Button type="submit" tone="soft" busy={busy} disabled={!name.trim() && !phone.trim()} className="self-start">{t('import.new_save')}</Button>
    </form>
  );
}
