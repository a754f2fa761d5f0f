import { Phone as PhoneNumber } from '@/components/bdi';
import { Badge } from '@/components/pill';
import { ErrorState, SkeletonRows } from '@/components/states';
import { Ticks } from '@/components/ticks';
import { useLocale } from '@/i18n';
import { useNow } from '@/lib/clock';
import { cx } from '@/lib/cx';
import { listTime } from '@/lib/format';
import { p, spoken } from '../i18n';
import { useBusinesses, useChats } from '../model/queries';
import type { Person } from '../model/types';
import { previewOf } from './actions';
import { BusinessFace } from './chat-screen';

/** The first screen of the phone: the chats this person has, and the businesses not yet written to. */
export function ChatsScreen({ person, onOpen }: { person: Person; onOpen: (number: string) => void }) {
  useLocale();
  useNow();
  const businesses = useBusinesses();
  const chats = useChats(person.id);
  if (businesses.error || chats.error) return <ErrorState error={businesses.error ?? chats.error} retry={() => { void businesses.refetch(); void chats.refetch(); }} />;
  if (!businesses.data || !chats.data) return <SkeletonRows rows={3} />;
  const rows = businesses.data
    .map((business) => ({ business, row: chats.data.find((row) => row.number === business.id) }))
    .sort((a, b) => (b.row?.last?.seq ?? 0) - (a.row?.last?.seq ?? 0));
  return (
    <>
      <header className="flex h-14 shrink-0 items-center border-b border-line bg-surface px-4"><h2 className="text-16 font-semibold">{p('chats.title')}</h2></header>
      <ul className="min-h-0 flex-1 overflow-y-auto bg-surface">
        {rows.map(({ business, row }) => (
          <li key={business.id}>
            <button type="button" onClick={() => onOpen(business.id)} className="focus-inset flex h-18 w-full items-center gap-3 border-b border-line px-4 hover:bg-hover">
              <BusinessFace business={business} alone={businesses.data.length === 1} size={44} />
              <span className="min-w-0 flex-1">
                <span className="flex items-baseline gap-2">
                  <bdi className={cx('min-w-0 flex-1 truncate', row?.unread ? 'font-bold' : 'font-medium')}>{business.name}</bdi>
                  {row?.last && <bdi className="text-11 text-ink-3">{listTime(row.last.at)}</bdi>}
                </span>
                <span className="flex items-center gap-1.5 text-13 text-ink-2">
                  {row?.last?.from === 'person' && row.last.ticks && <Ticks delivery={row.last.ticks === 'sending' ? 'sent' : row.last.ticks} />}
                  <span dir="auto" className="by-layout min-w-0 flex-1 truncate">{row?.last ? previewOf(row.last) : <PhoneNumber value={business.phone} />}</span>
                  {!!row?.unread && <span aria-label={spoken('chats.unread', { n: row.unread })} role="img"><Badge count={row.unread} tone="brand" /></span>}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
