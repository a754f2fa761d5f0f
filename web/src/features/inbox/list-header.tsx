import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ListFilter } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import { channelsQuery } from '@/api/channels';
import { countsQuery } from '@/api/conversations';
import type { View } from '@/api/types';
import { ChannelDot } from '@/components/channel';
import { DemoPill } from '@/components/demo-pill';
import { SearchField } from '@/components/field';
import { MenuButton } from '@/components/menu';
import { Badge } from '@/components/pill';
import { Tabs } from '@/components/tabs';
import { t, useLocale } from '@/i18n';
import { cx } from '@/lib/cx';
import { useDebounced } from '@/lib/use-debounced';
import { useFilter } from './use-filter';

const more: View[] = ['all', 'resolved'];

export function ListHeader({ searchRef, onDown }: { searchRef: RefObject<HTMLInputElement | null>; onDown: () => void }) {
  useLocale();
  const { filter, change } = useFilter();
  const counts = useQuery(countsQuery).data;
  const [text, setText] = useState(filter.search ?? '');
  const settled = useDebounced(text.trim(), 250);
  useEffect(() => {
    if (settled !== (filter.search ?? '')) change({ q: settled || undefined }, true);
  }, [settled]);
  useEffect(() => {
    if (!filter.search) setText('');
  }, [filter.search]);
  const shown: View[] = ['mine', 'unassigned', more.includes(filter.view) ? filter.view : 'waiting'];
  const hidden = (['mine', 'unassigned', 'waiting', ...more] as View[]).filter((view) => !shown.includes(view));
  return (
    <header className="@container flex shrink-0 flex-col gap-2.5 border-b border-line px-4 pt-3.5 pb-2">
      <div className="flex h-[34px] items-center gap-2">
        <h1 className="text-20 font-semibold">{t('inbox.title')}</h1>
        <DemoPill />
        <span className="flex-1" />
        <ChannelFilter />
      </div>
      <SearchField
        ref={searchRef} value={text} onChange={setText} label={t('inbox.search')} keys="/"
        onKeyDown={(event) => {
          if (event.key === 'Escape') { setText(''); event.currentTarget.blur(); }
          if (event.key === 'ArrowDown') { event.preventDefault(); onDown(); }
        }}
      />
      <div className="flex items-center justify-between gap-1">
        <Tabs
          label={t('inbox.views')} value={filter.view} onChange={(view) => change({ view })} className="-ms-1.5 min-w-0 overflow-hidden"
          tabs={shown.map((view) => ({ value: view, label: t(`view.${view}`), aside: view !== 'resolved' && counts ? <Badge count={counts[view]} tone={view === filter.view ? 'brand' : 'quiet'} className="@max-[310px]:hidden" /> : undefined }))}
        />
        <MenuButton
          label={t('inbox.more_views')} placement="bottom end" data-tip={t('inbox.more_views')} className="grid size-8 shrink-0 place-items-center rounded-9 text-ink-2 hover:bg-hover max-small:size-11"
          groups={[{ entries: hidden.map((view) => ({ id: view, label: t(`view.${view}`), hint: undefined, lead: undefined, onAction: () => change({ view }) })) }]}
        >
          <ChevronDown size={16} strokeWidth={1.75} aria-hidden />
        </MenuButton>
      </div>
    </header>
  );
}

function ChannelFilter() {
  const { filter, change } = useFilter();
  const channels = useQuery(channelsQuery).data?.items ?? [];
  if (channels.length < 2) return null;
  const entries = [
    { id: 'all', label: t('inbox.all_channels'), selected: !filter.channel_id, onAction: () => change({ channel: undefined }) },
    ...channels.map((channel) => ({ id: channel.id, label: channel.name, lead: <ChannelDot link={channel.link} id={channel.id} />, selected: filter.channel_id === channel.id, onAction: () => change({ channel: channel.id }) })),
  ];
  return (
    <MenuButton label={t('inbox.filter')} data-tip={t('inbox.filter')} placement="bottom end" groups={[{ title: t('inbox.filter'), entries }]} className={cx('grid size-[34px] place-items-center rounded-9 max-small:size-11', filter.channel_id ? 'bg-brand-soft text-brand-ink' : 'text-ink-2 hover:bg-hover')}>
      <ListFilter size={18} strokeWidth={1.75} aria-hidden />
    </MenuButton>
  );
}
