import { useInfiniteQuery } from '@tanstack/react-query';
import { ArrowDown, Lock, MessageSquareReply } from 'lucide-react';
import { type KeyboardEvent, lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { markRead } from '@/api/conversations';
import { messagesQuery } from '@/api/messages';
import { useQueryClient } from '@tanstack/react-query';
import { useMe } from '@/api/session';
import type { Conversation, Message } from '@/api/types';
import { ErrorState, Skeleton } from '@/components/states';
import { t, useLocale } from '@/i18n';
import { useActions } from '@/lib/actions';
import { useNow } from '@/lib/clock';
import { dayName, date, moment } from '@/lib/format';
import { windowOf } from '@/lib/window';
import { patchConversation } from '@/live/cache';
import { usePending } from '@/live/outbox';
import { Bubble } from './bubble';
import { nameOf } from './name';
import { PendingBubble } from './pending-bubble';

const MediaViewer = lazy(() => import('./media-viewer'));

interface Props { conversation: Conversation; onReply: (message: Message) => void; onTemplate: () => void; onEdit: (text: string) => void }

/**
 * The newest at the bottom, and the scroller's zero is there too (`column-reverse`): older pages that come in above
 * move nothing under the reader.
 */
export function MessageList({ conversation, onReply, onTemplate, onEdit }: Props) {
  useLocale();
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(messagesQuery(conversation.id));
  const messages = useMemo(() => (data?.pages.flatMap((page) => page.items) ?? []).toReversed(), [data]);
  const waiting = usePending().filter((item) => item.conversationId === conversation.id);
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const [viewed, setViewed] = useState<string | null>(null);
  const { unseen, atBottom, onScroll, toBottom } = useBottom(scroller, messages, waiting.length);
  useRead(conversation, messages);

  useEffect(() => {
    const sentinel = top.current;
    if (!sentinel || !hasNextPage) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && !isFetchingNextPage && void fetchNextPage(), { root: scroller.current, rootMargin: '600px 0px 0px' });
    observer.observe(sentinel);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const jump = useCallback(async (id: string) => {
    const find = () => scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(id)}"]`);
    for (let page = 0; page < 20 && !find(); page++) {
      const next = await fetchNextPage();
      await new Promise((done) => requestAnimationFrame(done));
      if (!next.hasNextPage) break;
    }
    const target = find();
    target?.scrollIntoView({ block: 'center' });
    target?.classList.add('is-flashed');
    setTimeout(() => target?.classList.remove('is-flashed'), 900);
  }, [fetchNextPage]);

  useActions([{
    id: 'reply', group: 'here', hidden: true, label: t('keys.reply'), icon: MessageSquareReply, code: 'KeyQ',
    run: () => {
      const id = document.activeElement?.closest<HTMLElement>('[data-message]')?.dataset.message;
      const message = messages.find((item) => item.id === id) ?? messages.findLast((item) => item.direction === 'in');
      if (message) onReply(message);
    },
  }]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (!step || !(event.target instanceof HTMLElement) || !event.target.matches('[data-message]')) return;
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-message]')];
    all[all.indexOf(event.target) + step]?.focus();
    event.preventDefault();
  };

  const days = useMemo(() => byDay(messages), [messages]);
  const last = messages.at(-1)?.id;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {/* A region that scrolls can be reached by the keyboard through its messages. */}
      <div ref={scroller} onScroll={onScroll} className="flex min-h-0 flex-1 flex-col-reverse overflow-auto overscroll-contain px-6 max-small:px-3">
        <div role="log" aria-live="polite" aria-relevant="additions" aria-label={t('thread.messages', { name: nameOf(conversation.contact) })} onKeyDown={onKeyDown} className="flex flex-col pb-4">
          <div ref={top} className="py-3 text-center text-12 text-ink-3">
            {isFetchingNextPage ? t('state.loading') : data && !hasNextPage ? (messages.length ? t('thread.beginning') : t('thread.empty')) : null}
          </div>
          {isPending && <ThreadSkeleton />}
          {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
          {days.map((day) => (
            <section key={day.key} aria-label={dayName(day.at)} className="flex flex-col">
              <div className="pointer-events-none sticky top-2 z-1 my-2 flex justify-center">
                <span className="rounded-full border border-line bg-surface px-3 py-0.5 text-12 text-ink-2 shadow-e1">{dayName(day.at)}</span>
              </div>
              {day.messages.map((message, i) => (
                <Bubble
                  key={message.id} message={message} conversation={conversation} joined={follows(day.messages[i - 1], message)} last={!follows(message, day.messages[i + 1])} tabbable={message.id === last}
                  onReply={onReply} onJump={jump} onView={setViewed} onTemplate={onTemplate} onEdit={onEdit}
                />
              ))}
            </section>
          ))}
          {waiting.map((item) => <PendingBubble key={item.key} item={item} onTemplate={onTemplate} onEdit={onEdit} />)}
          <WindowClosed conversation={conversation} />
        </div>
      </div>
      {!atBottom && (
        <button type="button" onClick={toBottom} className="animate-pop absolute inset-x-0 bottom-3 mx-auto flex h-9 w-fit items-center gap-2 rounded-full border border-line-2 bg-raised px-4 text-13 font-medium text-brand-ink shadow-e2">
          <ArrowDown size={16} aria-hidden />{unseen ? t('thread.new_messages', { n: unseen }) : t('thread.to_bottom')}
        </button>
      )}
      <Suspense fallback={null}>{viewed && <MediaViewer messages={messages} start={viewed} onClose={() => setViewed(null)} />}</Suspense>
    </div>
  );
}

/** Where the reader is: at the bottom new messages come into view, further up they are counted. */
function useBottom(scroller: React.RefObject<HTMLDivElement | null>, messages: Message[], waiting: number) {
  const [atBottom, setAtBottom] = useState(true);
  const [unseen, setUnseen] = useState(0);
  const last = useRef<string | undefined>(undefined);
  const newest = messages.at(-1);
  const toBottom = useCallback(() => scroller.current?.scrollTo({ top: 0 }), [scroller]);
  useEffect(() => {
    if (newest && last.current && newest.id !== last.current && newest.direction === 'in' && !atBottom) setUnseen((n) => n + 1);
    last.current = newest?.id;
  }, [newest, atBottom]);
  useEffect(() => {
    if (waiting) toBottom();
  }, [waiting, toBottom]);
  const onScroll = () => {
    const here = (scroller.current?.scrollTop ?? 0) > -80;
    setAtBottom(here);
    if (here) setUnseen(0);
  };
  return { unseen, atBottom, onScroll, toBottom };
}

/** Read means: seen by a person, with the page in front. */
function useRead(conversation: Conversation, messages: Message[]) {
  const client = useQueryClient();
  const me = useMe().user.id;
  const upTo = messages.findLast((message) => message.direction === 'in')?.id;
  // The conversation may be here before its newest message: to mark the one before it would leave that one unread for ever.
  const last = conversation.last_message;
  const whole = !last || last.direction !== 'in' || messages.some((message) => message.id === last.id);
  const unread = conversation.unread_count > 0 && whole;
  useEffect(() => {
    if (!unread || !upTo) return;
    const read = () => {
      if (document.visibilityState !== 'visible') return;
      patchConversation(client, conversation.id, { unread_count: 0 }, me);
      void markRead(conversation.id, upTo).catch(() => {});
    };
    read();
    document.addEventListener('visibilitychange', read);
    return () => document.removeEventListener('visibilitychange', read);
  }, [client, conversation.id, unread, upTo, me]);
}

function byDay(messages: Message[]) {
  const days: { key: string; at: string; messages: Message[] }[] = [];
  for (const message of messages) {
    const key = date(message.at);
    const day = days.at(-1);
    if (day?.key === key) day.messages.push(message);
    else days.push({ key, at: message.at, messages: [message] });
  }
  return days;
}

/** Neighbours of one speaker within two minutes belong together. */
function follows(a: Message | undefined, b: Message | undefined): boolean {
  return !!a && !!b && a.direction === b.direction && a.author.kind === b.author.kind && !a.failure && Date.parse(b.at) - Date.parse(a.at) < 120_000;
}

function WindowClosed({ conversation }: { conversation: Conversation }) {
  const closed = windowOf(conversation.window, useNow()).kind === 'closed';
  if (!closed || !conversation.window.expires_at) return null;
  return (
    <p className="mt-3 flex items-center justify-center gap-2 text-12 text-ink-3">
      <Lock size={14} strokeWidth={1.75} aria-hidden />{t('thread.window_closed_at', { time: moment(conversation.window.expires_at) })}
    </p>
  );
}

function ThreadSkeleton() {
  return (
    <div role="status" aria-label={t('state.loading')} className="delayed flex flex-col gap-3">
      {[44, 60, 36, 52].map((width, i) => <Skeleton key={width} className={`h-14 rounded-14! ${i % 2 ? 'self-end' : 'self-start'} ${['w-2/5', 'w-1/2', 'w-1/3', 'w-2/5'][i]}`} />)}
    </div>
  );
}
