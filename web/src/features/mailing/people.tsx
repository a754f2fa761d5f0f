import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { recipientsQuery } from '@/api/campaigns';
import type { Campaign, Recipient, RecipientState } from '@/api/types';
import { Phone } from '@/components/bdi';
import { Button, buttonClass } from '@/components/button';
import { failureWords } from '@/components/code-words';
import { Face } from '@/components/face';
import { Card } from '@/components/page';
import { Badge, Pill, type PillTone } from '@/components/pill';
import { ErrorState, Skeleton } from '@/components/states';
import { Tabs } from '@/components/tabs';
import { t } from '@/i18n';
import { listTime, phone } from '@/lib/format';
import { countOf, totalOf } from './progress';

const states: RecipientState[] = ['waiting', 'sent', 'delivered', 'read', 'answered', 'opted_out', 'failed', 'unclear', 'cancelled'];
const tones: Record<RecipientState, PillTone> = { waiting: 'grey', sent: 'grey', delivered: 'grey', read: 'brand', answered: 'ok', opted_out: 'plum', failed: 'bad', unclear: 'warn', cancelled: 'grey' };

/** What became of each person. */
export function People({ campaign }: { campaign: Campaign }) {
  const [state, setState] = useState<RecipientState | 'all'>('all');
  const wanted = state === 'all' ? null : state;
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(recipientsQuery(campaign.id, wanted));
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  // A page of one state may be empty and still have a next.
  const bare = !!data && !items.length && hasNextPage && !isFetchingNextPage;
  useEffect(() => {
    if (bare) void fetchNextPage();
  }, [bare, fetchNextPage]);
  const tabs = [{ value: 'all' as const, label: t('mailing.all'), aside: <Badge count={totalOf(campaign)} /> }, ...states.filter((one) => countOf(campaign, one) > 0).map((one) => ({ value: one, label: t(`mailing_state.${one}`), aside: <Badge count={countOf(campaign, one)} /> }))];
  return (
    <Card title={t('mailing.people')} className="flex flex-col">
      <div data-sideways className="-mx-2 -mt-1 overflow-x-auto pb-2"><Tabs label={t('mailing.states')} value={state} onChange={setState} tabs={tabs} /></div>
      {(isPending || bare) && <div className="flex flex-col gap-5 py-3">{[0, 1, 2].map((i) => <Skeleton key={i} className="h-3 w-2/3" />)}</div>}
      {error && !data && <ErrorState className="m-0" error={error} retry={() => void refetch()} />}
      {data && !items.length && !hasNextPage && <p className="py-6 text-center text-13 text-ink-3">{t('mailing.no_people')}</p>}
      <ul className="flex flex-col">{items.map((one) => <Person key={`${one.contact.id} ${one.contact.phone}`} one={one} />)}</ul>
      {hasNextPage && !!items.length && <div className="pt-3"><Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('mailing.more')}</Button></div>}
    </Card>
  );
}

function Person({ one }: { one: Recipient }) {
  const { contact } = one;
  const name = contact.name ?? phone(contact.phone);
  return (
    <li className="flex min-h-12 items-center gap-3 border-b border-line py-1.5 text-13 last:border-0">
      <Face id={contact.id} name={contact.name} size={28} />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium"><bdi>{name}</bdi></p>
        <p className="truncate text-12 text-ink-3">{one.state === 'failed' && one.reason ? <span className="text-bad">{failureWords(one.reason)}</span> : contact.name && <Phone value={contact.phone} />}</p>
      </div>
      {one.conversation_id && one.state === 'answered' && <Link to="/inbox/{-$conversationId}" params={{ conversationId: one.conversation_id }} search={{ view: 'all' }} className={`${buttonClass('ghost', 'small')} max-small:hidden`}>{t('mailing.open_chat')}</Link>}
      <Pill small tone={tones[one.state]}>{t(`mailing_one.${one.state}`)}</Pill>
      <bdi className="w-14 shrink-0 text-end text-12 text-ink-3 max-small:hidden">{one.at && !['waiting', 'cancelled'].includes(one.state) ? listTime(one.at) : ''}</bdi>
    </li>
  );
}
