import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Activity, ArrowRightLeft, FileUp, RadioTower, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { wordsFor } from '@/api/client';
import { channelsQuery, syncTemplates, useCapabilities } from '@/api/channels';
import { useCan } from '@/api/session';
import type { Channel } from '@/api/types';
import { Button, buttonClass } from '@/components/button';
import { CopyField } from '@/components/copy-field';
import { BackLink, Card, PageBody, PageHeader } from '@/components/page';
import { Refused } from '@/components/refused';
import { EmptyState, ErrorState, Skeleton } from '@/components/states';
import { toast } from '@/components/toast';
import { t, useLocale } from '@/i18n';
import { useNow } from '@/lib/clock';
import { Access } from './access';
import { AbilityList } from './capabilities';
import { ChannelHead, Facts } from './card';
import { Checker } from './checker';
import { InstantReply } from './instant-reply';
import { LinkSettings } from './link-settings';
import { Risk } from './risk';
import { Setup } from './setup';
import { isGateway } from './state';
import { Today } from './today';
import { WorkingHours } from './working-hours';

/** All of one number: how it is, and what can be set. */
export function ChannelDetail() {
  useLocale();
  useNow();
  const may = useCan('channels.manage');
  const { channelId } = useParams({ strict: false });
  const { data, error, isPending, refetch } = useQuery({ ...channelsQuery, enabled: may });
  const channel = data?.items.find((one) => one.id === channelId);
  if (!may) return <Refused />;
  return (
    <>
      <PageHeader title={channel?.name ?? t('channels.title')}><BackLink to="/settings/channels">{t('channels.title')}</BackLink></PageHeader>
      <PageBody>
        {isPending && <Skeleton className="h-96 rounded-12!" />}
        {error && !data && <ErrorState className="m-0" error={error} retry={() => void refetch()} />}
        {data && !channel && <EmptyState icon={RadioTower} title={t('detail.not_found')} />}
        {channel && <Page key={channel.id} channel={channel} />}
      </PageBody>
    </>
  );
}

function Page({ channel }: { channel: Channel }) {
  const gateway = isGateway(channel);
  const [checking, setChecking] = useState(false);
  const sync = useMutation({ mutationFn: () => syncTemplates(channel.id), onSuccess: ({ items }) => toast(t('channels.synced', { n: items })) });
  return (
    <div className="grid max-w-[1180px] grid-cols-[minmax(0,1fr)] items-start gap-4 wide:grid-cols-[minmax(0,726px)_minmax(0,430px)]">
      <div className="flex flex-col gap-4">
        <Card className="flex flex-col gap-4">
          <ChannelHead channel={channel} page />
          <Today channel={channel} />
          <Risk channel={channel} whole />
          {channel.link !== 'none' && <Facts channel={channel} />}
          <div className="flex flex-wrap items-center gap-2">
            {channel.link !== 'none' && <Button icon={Activity} onClick={() => setChecking(true)}>{t('channels.check')}</Button>}
            {channel.link !== 'none' && !gateway && <Button icon={RefreshCw} busy={sync.isPending} onClick={() => sync.mutate()}>{t('channels.sync')}</Button>}
            <Link to="/import" search={{ channel: channel.id }} className={buttonClass()}><FileUp size={16} strokeWidth={1.75} aria-hidden />{t('thread.import')}</Link>
            {sync.error && <p role="alert" className="text-12 text-bad">{wordsFor(sync.error)}</p>}
          </div>
        </Card>
        {channel.provider === 'meta' && <Setup channel={channel} />}
        {gateway && <LinkSettings channel={channel} />}
        <InstantReply channel={channel} />
        {channel.working_hours && <WorkingHours channel={channel} hours={channel.working_hours} />}
        <Access channel={channel} />
        <Card title={t('move.open')}>
          <p className="-mt-2 pb-4 text-13 text-ink-2">{t('move.body')}</p>
          <Link to="/settings/channels/connect" search={{ move: channel.id, level: channel.level }} className={buttonClass()}><ArrowRightLeft size={16} strokeWidth={1.75} aria-hidden />{t('move.open')}</Link>
        </Card>
        {channel.link !== 'none' && channel.webhook.url && (
          <Card><CopyField label={t('detail.webhook')} value={channel.webhook.url} hint={channel.provider !== 'meta' ? t('detail.webhook_hint') : channel.webhook.verify_token_set ? t('channels.webhook_hint') : t('channels.verify_missing')} /></Card>
        )}
      </div>
      <Abilities channel={channel} />
      {checking && <Checker channel={channel} onClose={() => setChecking(false)} />}
    </div>
  );
}

function Abilities({ channel }: { channel: Channel }) {
  const table = useCapabilities();
  const pair = table?.pairs.find((one) => one.level === channel.level && one.link === channel.link);
  if (!table || !pair) return null;
  return (
    <Card title={t('channels.can')}>
      <AbilityList table={table} pair={pair} />
      <p className="pt-3"><Link to="/settings/channels/capabilities" search={{ channel: channel.id }} className={buttonClass('soft')}>{t('detail.whole_table')}</Link></p>
    </Card>
  );
}
