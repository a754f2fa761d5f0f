import { useInfiniteQuery } from '@tanstack/react-query';
import { Ban, CheckCheck, CircleAlert, CircleCheck, CircleDot, FileUp, GitCommitHorizontal, type LucideIcon, MessageSquare, Send, Smartphone, StickyNote, UserPlus, UserRound, UsersRound } from 'lucide-react';
import { timelineQuery } from '@/api/leads';
import type { Lead, Pipeline, TimelineItem } from '@/api/types';
import { useUser } from '@/api/users';
import { Button } from '@/components/button';
import { ErrorState, Skeleton } from '@/components/states';
import { type Key, localised, t } from '@/i18n';
import { listTime } from '@/lib/format';

export function Timeline({ lead, pipeline }: { lead: Lead; pipeline: Pipeline | undefined }) {
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useInfiniteQuery(timelineQuery(lead.id));
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (isPending) return <div className="flex flex-col gap-3 pt-1">{[0, 1, 2].map((i) => <Skeleton key={i} className="h-3 w-4/5" />)}</div>;
  if (error && !data) return <ErrorState className="m-0" error={error} retry={() => void refetch()} />;
  if (!items.length) return <p className="text-13 text-ink-3">{t('lead.timeline_empty')}</p>;
  return (
    <>
      <ol className="flex flex-col gap-0.5">{items.map((item) => <Entry key={item.seq} item={item} pipeline={pipeline} />)}</ol>
      {hasNextPage && <Button tone="ghost" size="small" busy={isFetchingNextPage} onClick={() => void fetchNextPage()} className="mt-1">{t('lead.older')}</Button>}
    </>
  );
}

function Entry({ item, pipeline }: { item: TimelineItem; pipeline: Pipeline | undefined }) {
  const actor = useUser(item.actor.user_id);
  const to = useUser(item.facts.to);
  const status = pipeline?.statuses.find((one) => one.id === item.facts.to);
  const { icon: Icon, words } = describe(item, status ? localised(status.name) : undefined, to?.name);
  const who = actor?.name ?? item.actor.name ?? (['flow', 'automation'].includes(item.actor.kind) ? t('event.automatic') : null);
  return (
    <li className="flex min-h-8 items-center gap-2.5 text-13">
      <span className="grid size-6 shrink-0 place-items-center rounded-full bg-grey-soft text-ink-2"><Icon size={13} strokeWidth={1.75} aria-hidden /></span>
      <span className="min-w-0 flex-1 truncate">{words}{who && <span className="text-ink-3"> · <bdi>{who}</bdi></span>}</span>
      <bdi className="shrink-0 text-12 text-ink-3">{listTime(item.at)}</bdi>
    </li>
  );
}

const known: Record<string, { icon: LucideIcon; key: Key }> = {
  'lead.created': { icon: UserPlus, key: 'event.lead_created' },
  'message.received': { icon: MessageSquare, key: 'event.message_received' },
  'message.queued': { icon: Send, key: 'event.message_queued' },
  'conversation.created': { icon: MessageSquare, key: 'event.conversation_created' },
  'conversation.answered': { icon: Smartphone, key: 'event.conversation_answered' },
  'contact.changed': { icon: UserRound, key: 'event.contact_changed' },
  'contact.merged': { icon: UsersRound, key: 'event.contact_merged' },
  'message.noted': { icon: StickyNote, key: 'event.message_noted' },
  'contact.created': { icon: UserRound, key: 'event.contact_created' },
  'lead.folded': { icon: UsersRound, key: 'event.lead_folded' },
  'marketing.stopped': { icon: Ban, key: 'event.marketing_stopped' },
  'marketing.resumed': { icon: CircleCheck, key: 'event.marketing_resumed' },
  'attention.dismissed': { icon: CircleCheck, key: 'event.attention_dismissed' },
  'attention.raised': { icon: CircleAlert, key: 'event.attention' },
  'import.applied': { icon: FileUp, key: 'event.import_applied' },
  'import.undone': { icon: FileUp, key: 'event.import_undone' },
};

/** Events carry ids and codes; the words are made here. */
function describe(item: TimelineItem, status: string | undefined, user: string | undefined): { icon: LucideIcon; words: string } {
  const { kind, facts } = item;
  const { what } = facts;
  if (kind === 'lead.changed' && what === 'status') return { icon: GitCommitHorizontal, words: t('event.lead_status', { to: status ?? '–' }) };
  if (what === 'assignee') return { icon: UserRound, words: user ? t('event.lead_assigned', { to: user }) : t('event.lead_unassigned') };
  if (kind === 'lead.changed') return { icon: GitCommitHorizontal, words: t(what === 'fields' ? 'event.lead_fields' : what === 'amount' ? 'event.lead_amount' : what === 'title' ? 'event.lead_title' : 'event.lead_changed') };
  if (kind === 'message.changed') return { icon: MessageSquare, words: t(what === 'file' ? 'event.message_file' : what === 'reaction' ? 'event.message_reaction' : 'event.message_changed') };
  if (kind === 'message.delivery') {
    const delivery = facts.delivery ?? facts.to;
    const key = `delivery.${delivery}` as Key;
    return { icon: CheckCheck, words: t('event.message_delivery', { to: delivery && t(key) !== key ? t(key) : delivery ?? '' }) };
  }
  if (kind === 'conversation.changed') {
    const state = what === 'state' ? facts.to : null;
    if (what === 'read') return { icon: CheckCheck, words: t('event.conversation_read') };
    return { icon: CircleCheck, words: state === 'resolved' ? t('event.conversation_resolved') : state === 'open' ? t('event.conversation_reopened') : t('event.conversation_changed') };
  }
  const found = known[kind];
  return found ? { icon: found.icon, words: t(found.key) } : { icon: CircleDot, words: t('event.other', { kind }) };
}
