import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { CircleStop, ListPlus, Megaphone, OctagonPause } from 'lucide-react';
import { useState } from 'react';
import { ApiProblem, wordsFor } from '@/api/client';
import { campaignQuery, stopCampaign } from '@/api/campaigns';
import { useChannel } from '@/api/channels';
import { useCan } from '@/api/session';
import type { Campaign } from '@/api/types';
import { Ltr, Phone } from '@/components/bdi';
import { Button, buttonClass } from '@/components/button';
import { ChannelDot } from '@/components/channel';
import { Layer } from '@/components/layer';
import { Notice } from '@/components/notice';
import { BackLink, Card, PageBody, PageHeader } from '@/components/page';
import { Pill } from '@/components/pill';
import { Refused } from '@/components/refused';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { toast } from '@/components/toast';
import { formatNumber, t, T, useLocale } from '@/i18n';
import { useNow } from '@/lib/clock';
import { ago, moment, time } from '@/lib/format';
import { People } from './people';
import { TextPreview } from './preview';
import { leftOf, Progress, Results, stateTone, totalOf } from './progress';

export function Mailing() {
  useLocale();
  useNow();
  const may = useCan('campaigns.manage');
  const { campaignId = '' } = useParams({ strict: false });
  const { data, error, isPending, refetch } = useQuery({ ...campaignQuery(campaignId), enabled: may });
  const [stopping, setStopping] = useState(false);
  if (!may) return <Refused title={t('mailing.title')}>{t('mailing.no_right')}</Refused>;
  const going = data?.state === 'running' || data?.state === 'preparing';
  return (
    <>
      <PageHeader title={data?.name ?? t('mailing.title')} fact={data && <Pill tone={stateTone[data.state]}>{t(`mailing.state_${data.state}`)}</Pill>}>
        {going && <Button tone="danger" icon={CircleStop} onClick={() => setStopping(true)}>{t('mailing.stop')}</Button>}
        <BackLink to="/campaigns">{t('mailing.title')}</BackLink>
      </PageHeader>
      <PageBody>
        {isPending && <Skeleton className="h-72 rounded-12!" />}
        {error && !data && (error instanceof ApiProblem && error.status === 404 ? <EmptyState icon={Megaphone} title={t('mailing.not_found')} /> : <ErrorState className="m-0" error={error} retry={() => void refetch()} />)}
        {data && <Page campaign={data} />}
      </PageBody>
      {stopping && data && <Stop campaign={data} onClose={() => setStopping(false)} />}
    </>
  );
}

function Page({ campaign }: { campaign: Campaign }) {
  const channel = useChannel(campaign.channel_id);
  const left = campaign.counts.cancelled;
  return (
    <div className="grid max-w-[1180px] grid-cols-[minmax(0,1fr)] items-start gap-4 wide:grid-cols-[minmax(0,726px)_minmax(0,430px)]">
      <div className="flex flex-col gap-4">
        {campaign.state === 'preparing' && <Notice icon={ListPlus} tone="info" title={t('mailing.preparing_title', { n: totalOf(campaign) })}>{t('mailing.preparing_body')}</Notice>}
        {campaign.state === 'stopped' && left > 0 && (
          <Notice icon={OctagonPause} tone="warn" title={t('mailing.stopped_title', { n: left })} action={<Link to="/campaigns/new" search={{ from: campaign.id }} className={buttonClass('plain', 'small')}>{t('mailing.to_rest')}</Link>}>{t('mailing.stopped_body')}</Notice>
        )}
        <Card className="flex flex-col gap-5">
          <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 text-13 text-ink-2">
            <p className="text-20 [&_b]:text-ink"><T k="mailing.progress" done={<b className="tabular font-semibold">{formatNumber(leftOf(campaign))}</b>} n={<span className="tabular">{formatNumber(totalOf(campaign))}</span>} /></p>
            <span className="flex-1" />
            {campaign.next_at && <span><T k="mailing.next" time={<Ltr>{time(campaign.next_at)}</Ltr>} /></span>}
            {campaign.finishes_at && campaign.state === 'running' && <span><T k="mailing.finishes" time={moment(campaign.finishes_at)} /></span>}
          </div>
          <Progress campaign={campaign} legend />
          <div className="border-t border-line pt-4"><h2 className="pb-3 text-14 font-semibold">{t('mailing.results')}</h2><Results campaign={campaign} /></div>
        </Card>
        <People campaign={campaign} />
      </div>
      <Card title={t('mailing.text')}>
        <TextPreview text={campaign.text} />
        <p className="flex flex-wrap items-center gap-1.5 pt-3 text-12 text-ink-3">
          {channel && <><ChannelDot link={channel.link} id={channel.id} /><bdi>{channel.name}</bdi> <Phone value={channel.phone} /></>}
          <span>· {campaign.created_by ? <T k="mailing.by" name={campaign.created_by} ago={ago(campaign.created_at)} /> : ago(campaign.created_at)}</span>
        </p>
      </Card>
    </div>
  );
}

/** What has left cannot be taken back, and this is said before; who is left can get a new mailing after. */
function Stop({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => stopCampaign(campaign.id),
    onSuccess: async () => { await client.invalidateQueries({ queryKey: ['campaigns'] }); toast(t('mailing.stopped')); onClose(); },
  });
  return (
    <Layer title={t('mailing.stop_title', { name: campaign.name })} onClose={onClose} footer={<><Button tone="ghost" onClick={onClose}>{t('action.cancel')}</Button><Button tone="danger" icon={CircleStop} busy={stop.isPending} onClick={() => stop.mutate()}>{t('mailing.stop')}</Button></>}>
      <p className="p-5 text-13">{t('mailing.stop_body', { n: campaign.counts.waiting })}</p>
      {stop.error && <p role="alert" className="px-5 pb-5 text-13 text-bad">{wordsFor(stop.error)}</p>}
    </Layer>
  );
}
