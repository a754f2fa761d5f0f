import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { BadgeCheck, Hand, type LucideIcon, Plus, QrCode, Table2 } from 'lucide-react';
import { channelsQuery } from '@/api/channels';
import { useCan } from '@/api/session';
import type { Level, Link as LinkKind } from '@/api/types';
import { buttonClass } from '@/components/button';
import { PageBody, PageHeader } from '@/components/page';
import { Refused } from '@/components/refused';
import { ErrorState, Skeleton } from '@/components/states';
import { type Key, t, useLocale } from '@/i18n';
import { ChannelCard } from './card';

export function Channels() {
  useLocale();
  const may = useCan('channels.manage');
  const { data, error, isPending, refetch } = useQuery({ ...channelsQuery, enabled: may });
  const { check } = useSearch({ strict: false });
  const items = data?.items ?? [];
  const ill = items.filter((channel) => channel.health.state === 'warning' || channel.health.state === 'disconnected').length;
  if (!may) return <Refused />;
  return (
    <>
      <PageHeader title={t('channels.title')} fact={data && [t('channels.count', { n: items.length }), ill ? t('channels.attention', { n: ill }) : ''].filter(Boolean).join(' · ')}>
        <Link to="/settings/channels/capabilities" className={buttonClass()}><Table2 size={16} strokeWidth={1.75} aria-hidden />{t('channels.compare')}</Link>
        {!!items.length && <Link to="/settings/channels/connect" className={buttonClass('filled')}><Plus size={16} aria-hidden />{t('channels.connect')}</Link>}
      </PageHeader>
      <PageBody>
        {isPending && <div className="grid gap-4 medium:grid-cols-2 wide:grid-cols-3">{[0, 1].map((i) => <Skeleton key={i} className="h-64 rounded-12!" />)}</div>}
        {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
        {data && !items.length && <Empty />}
        <ul className="grid items-start gap-4 medium:grid-cols-2 min-[1600px]:grid-cols-3">{items.map((channel) => <li key={channel.id} className="min-w-0"><ChannelCard channel={channel} checkNow={check === channel.id} /></li>)}</ul>
      </PageBody>
    </>
  );
}

const starts: { icon: LucideIcon; colour: string; key: 'hand' | 'gateway' | 'api'; level: Level; link?: LinkKind }[] = [
  { icon: Hand, colour: 'bg-plum-soft text-plum', key: 'hand', level: 'personal_app', link: 'none' },
  { icon: QrCode, colour: 'bg-warn-soft text-warn', key: 'gateway', level: 'business_app' },
  { icon: BadgeCheck, colour: 'bg-brand-soft text-brand-ink', key: 'api', level: 'business_api', link: 'api' },
];

/** Teaches what there is to choose from, and each choice begins the way to it. */
function Empty() {
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-5 py-8">
      <div className="flex flex-col gap-1.5 text-center"><h2 className="text-20 font-semibold">{t('channels.empty')}</h2><p className="text-13 text-balance text-ink-2">{t('channels.empty_body')}</p></div>
      <ul className="grid gap-3 small:grid-cols-3">
        {starts.map(({ icon: Icon, colour, key, level, link }) => (
          <li key={key} className="flex">
            <Link to="/settings/channels/connect" search={{ level, link }} className="flex flex-1 flex-col gap-2 rounded-12 border border-line-2 bg-surface p-4 shadow-e1 hover:border-brand">
              <span className={`grid size-10 place-items-center rounded-10 ${colour}`}><Icon size={20} strokeWidth={1.75} aria-hidden /></span>
              <span className="text-14 font-semibold">{t(`channels.empty_${key}` as Key)}</span>
              <span className="text-12 text-ink-2">{t(`channels.empty_${key}_body` as Key)}</span>
            </Link>
          </li>
        ))}
      </ul>
      <p className="text-center"><Link to="/settings/channels/connect" className={buttonClass('filled')}><Plus size={16} aria-hidden />{t('channels.connect')}</Link></p>
    </div>
  );
}
