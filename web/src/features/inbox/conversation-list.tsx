import { useInfiniteQuery } from '@tanstack/react-query';
import { ArrowDown, Search } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { conversationsQuery } from '@/api/conversations';
import { ErrorState, SkeletonRows } from '@/components/states';
import { t, useLocale, withWords } from '@/i18n';
import { useActions } from '@/lib/actions';
import { usePrefs } from '@/lib/prefs';
import { useRows } from '@/lib/use-rows';
import { usePhoneWidth } from '@/lib/use-media';
import { ConversationRow } from './conversation-row';
import { ListEmpty } from './list-empty';
import { ListHeader } from './list-header';
import { useFilter } from './use-filter';

const Waiting = lazy(() => withWords(['handoff'], () => import('./handoff/waiting')));

export function ConversationList({ selected }: { selected: string | undefined }) {
  useLocale();
  const { filter } = useFilter();
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(conversationsQuery(filter));
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const scroller = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const phone = usePhoneWidth();
  const { density } = usePrefs();
  const size = density === 'compact' ? 70 : phone ? 84 : 82;
  const rows = useRows(scroller, items.length, size);
  const last = rows.to;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= items.length - 8) void fetchNextPage();
  }, [last, items.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  // The list first; what was left unsettled is asked about when it stands.
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 1200);
    return () => clearTimeout(timer);
  }, []);

  const move = useCallback((step: number) => {
    const list = scroller.current;
    if (!list) return;
    const focused = list.contains(document.activeElement) ? Number(document.activeElement?.closest<HTMLElement>('[data-index]')?.dataset.index) : Number.NaN;
    const from = Number.isNaN(focused) ? items.findIndex((item) => item.id === selected) : focused;
    const to = Math.min(items.length - 1, Math.max(0, from + step));
    rows.show(to);
    requestAnimationFrame(() => list.querySelector<HTMLElement>(`[data-index="${to}"] a`)?.focus());
  }, [items, rows, selected]);
  useActions([
    { id: 'next', group: 'go', hidden: true, label: t('keys.rows'), icon: ArrowDown, code: 'KeyJ', run: () => move(1) },
    { id: 'previous', group: 'go', hidden: true, label: t('keys.rows'), icon: ArrowDown, code: 'KeyK', run: () => move(-1) },
    { id: 'search', group: 'do', label: t('inbox.search'), icon: Search, code: 'Slash', keys: '/', run: () => search.current?.focus() },
  ]);

  return (
    <section aria-label={t('inbox.title')} className="flex min-h-0 flex-1 flex-col">
      <ListHeader searchRef={search} onDown={() => move(1)} />
      {late && <Suspense fallback={null}><Waiting except={selected} /></Suspense>}
      <div
        ref={scroller} className="min-h-0 flex-1 overflow-auto overscroll-contain"
        onKeyDown={(event) => {
          const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
          if (!step) return;
          event.preventDefault();
          move(step);
        }}
      >
        {isPending && <SkeletonRows />}
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {data && !items.length && <ListEmpty filter={filter} />}
        {!!items.length && (
          <div role="list" aria-label={t('inbox.list')} className="relative" style={{ height: items.length * size }}>
            {items.slice(rows.from, rows.to + 1).map((conversation, i) => (
              <div key={conversation.id} role="listitem" aria-setsize={hasNextPage ? -1 : items.length} aria-posinset={rows.from + i + 1} data-index={rows.from + i} className="absolute inset-x-0 top-0 border-b border-line" style={{ height: size, transform: `translateY(${(rows.from + i) * size}px)` }}>
                <ConversationRow conversation={conversation} selected={conversation.id === selected} />
              </div>
            ))}
          </div>
        )}
      </div>
    </section>
  );
}
