import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Megaphone, Plus } from 'lucide-react';
import { campaignsQuery } from '@/api/campaigns';
import { useChannel } from '@/api/channels';
import { useCan } from '@/api/session';
import type { Campaign } from '@/api/types';
import { buttonClass } from '@/components/button';
import { ChannelDot } from '@/components/channel';
import { PageBody, PageHeader } from '@/components/page';
import { Pill } from '@/components/pill';
import { Refused } from '@/components/refused';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { formatNumber, t, T, useLocale } from '@/i18n';
import { useNow } from '@/lib/clock';
import { ago, moment } from '@/lib/format';
import { leftOf, Progress, stateTone, totalOf } from './progress';

export function Mailings() {
  useLocale();
  useNow();
  const may = useCan('campaigns.manage');
  const { data, error, isPending, refetch } = useQuery({ ...campaignsQuery, enabled: may });
  const items = data?.items ?? [];
  if (!may) return <Refused title={t('mailing.title')}>{t('mailing.no_right')}</Refused>;
  const add = <Link to="/campaigns/new" className={buttonClass('filled')}><Plus size={16} aria-hidden />{t('mailing.new')}</Link>;
  return (
    <>
      <PageHeader title={t('mailing.title')} fact={!!items.length && t('mailing.fact', { n: items.filter(({ state }) => state === 'running').length })}>{!!items.length && add}</PageHeader>
      <PageBody>
        {isPending && <div className="flex flex-col gap-3">{[0, 1, 2].map((i) => <Skeleton key={i} className="h-24 rounded-12!" />)}</div>}
        {error && !data && <ErrorState className="m-0" error={error} retry={() => void refetch()} />}
        {data && !items.length && <EmptyState icon={Megaphone} className="py-16" title={t('mailing.empty')} action={add}>{t('mailing.empty_body')}</EmptyState>}
        <ul className="flex max-w-5xl flex-col gap-3">{items.map((campaign) => <li key={campaign.id}><Row campaign={campaign} /></li>)}</ul>
      </PageBody>
    </>
  );
}

function Row({ campaign }: { campaign: Campaign }) {
  const channel = useChannel(campaign.channel_id);
  const { counts, state } = campaign;
  return (
    <Link to="/campaigns/$campaignId" params={{ campaignId: campaign.id }} className="flex flex-col gap-3 rounded-12 border border-line bg-surface p-4 shadow-e1 hover:border-line-2 hover:bg-hover">
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <span className="min-w-0 truncate text-14 font-semibold"><bdi>{campaign.name}</bdi></span>
        <Pill small tone={stateTone[state]}>{t(`mailing.state_${state}`)}</Pill>
        {channel && <span className="flex items-center gap-1.5 text-12 text-ink-3"><ChannelDot link={channel.link} id={channel.id} /><bdi>{channel.name}</bdi></span>}
        <span className="flex-1" />
        <span className="text-12 text-ink-3">{campaign.created_by ? <T k="mailing.by" name={campaign.created_by} ago={ago(campaign.created_at)} /> : ago(campaign.created_at)}</span>
      </span>
      <Progress campaign={campaign} />
      <span className="flex flex-wrap gap-x-4 gap-y-1 text-12 text-ink-2">
        <span><T k="mailing.progress" done={<b className="tabular font-semibold text-ink">{formatNumber(leftOf(campaign))}</b>} n={<span className="tabular">{formatNumber(totalOf(campaign))}</span>} /></span>
        <span>{t('mailing_state.read')} <b className="tabular font-semibold text-ink">{formatNumber(counts.read)}</b></span>
        <span>{t('mailing_state.answered')} <b className="tabular font-semibold text-ink">{formatNumber(counts.answered)}</b></span>
        {counts.failed > 0 && <span className="text-bad">{t('mailing_state.failed')} <b className="tabular font-semibold">{formatNumber(counts.failed)}</b></span>}
        {state === 'running' && campaign.finishes_at && <span><T k="mailing.finishes" time={moment(campaign.finishes_at)} /></span>}
      </span>
    </Link>
  );
}
