import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { contactsQuery } from '@/api/campaigns';
import type { Contact } from '@/api/types';
import { Phone } from '@/components/bdi';
import { Button } from '@/components/button';
import { Face } from '@/components/face';
import { SearchField } from '@/components/field';
import { ErrorState, Skeleton } from '@/components/states';
import { t } from '@/i18n';
import { phone } from '@/lib/format';
import { useDebounced } from '@/lib/use-debounced';

interface Props { chosen: ReadonlySet<string>; onChange: (chosen: ReadonlySet<string>) => void }

const able = (contact: Contact) => !!contact.phone && contact.marketing.state !== 'opted_out';

/** Contacts with a box each; who cannot be written to says why. */
export function ContactPicker({ chosen, onChange }: Props) {
  const [text, setText] = useState('');
  const search = useDebounced(text.trim(), 250);
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery({ ...contactsQuery(search), placeholderData: (old) => old });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const put = (ids: string[], on: boolean) => {
    const next = new Set(chosen);
    for (const id of ids) if (on) next.add(id); else next.delete(id);
    onChange(next);
  };
  const shown = items.filter(able).map(({ id }) => id);
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <SearchField value={text} onChange={setText} label={t('mailing.search')} className="w-64 max-small:w-full" />
        <Button tone="ghost" size="small" disabled={!shown.some((id) => !chosen.has(id))} onClick={() => put(shown, true)}>{t('mailing.choose_shown')}</Button>
        {!!chosen.size && <Button tone="ghost" size="small" onClick={() => onChange(new Set())}>{t('mailing.clear')}</Button>}
        <span className="flex-1" />
        <span aria-live="polite" className="text-12 text-ink-2">{t('mailing.chosen', { n: chosen.size })}</span>
      </div>
      {isPending && <Skeleton className="h-3 w-1/2" />}
      {error && !data && <ErrorState className="m-0" error={error} retry={() => void refetch()} />}
      <ul aria-label={t('mailing.to_choose')} className="max-h-96 overflow-auto rounded-10 border border-line empty:hidden">
        {items.map((contact) => {
          const reason = !contact.phone ? t('mailing.no_phone') : contact.marketing.state === 'opted_out' ? t('mailing.opted_out') : null;
          const name = /^\+\d+$/.test(contact.display_name) ? phone(contact.display_name) : contact.display_name;
          return (
            <li key={contact.id} className="border-b border-line last:border-0">
              <label className="flex min-h-11 items-center gap-3 px-3 py-1.5 text-13 hover:bg-hover has-checked:bg-brand-soft has-disabled:hover:bg-transparent">
                <input type="checkbox" checked={chosen.has(contact.id)} disabled={!!reason} onChange={(event) => put([contact.id], event.target.checked)} className="size-4 shrink-0 accent-brand" />
                <Face id={contact.id} name={contact.display_name} size={24} />
                <span className={reason ? 'min-w-0 flex-1 truncate text-ink-3' : 'min-w-0 flex-1 truncate'}><bdi>{name}</bdi></span>
                <span className="shrink-0 text-12 text-ink-3">{reason ?? <Phone value={contact.phone} />}</span>
              </label>
            </li>
          );
        })}
      </ul>
      {data && !items.length && <p className="py-4 text-center text-13 text-ink-3">{t('mailing.nobody')}</p>}
      {hasNextPage && <div><Button size="small" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('mailing.more')}</Button></div>}
    </div>
  );
}
